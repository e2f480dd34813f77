"""The front door: `netwright.search(...)` and `netwright.resume(...)`, from data to a delivered network."""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netwright import backends, spaces
from netwright.deploy.deliver import deliver, delivered_trial
from netwright.deploy.network import Network
from netwright.errors import InputError
from netwright.executors import refuse_in_worker
from netwright.loop import catalogue
from netwright.loop.progress import Observer
from netwright.loop.relative import absolute, parts_of
from netwright.loop.search import Search
from netwright.loop.settings import DEFAULT_METHOD, Settings
from netwright.space import Space
from netwright.tasks import Task, open_task
from netwright.trial import Trial


def _unseen(_: object) -> None:
    return None


@dataclass(frozen=True)
class Result:
    """A finished (or stopped) search. finished: every phase ran to its end."""

    directory: Path
    task: Task
    summary: Mapping[str, Any]
    trials: tuple[Trial, ...]
    finished: bool

    @property
    def best(self) -> Trial | None:
        """The delivered final training, None when the search was stopped before it."""
        return delivered_trial(self.trials, dict(self.summary))

    @property
    def verdict(self) -> str:
        return str(self.summary.get("verdict") or "")

    @property
    def network(self) -> Network:
        """The delivered network, ready to predict."""
        return Network.load(self.directory)

    def predict(self, raw: Any) -> Any:
        """Labels or values for raw input: image files, arrays, table rows."""
        return self.network.predict(raw)


def search(
    task: Task | str | Path | tuple[Any, Any],
    *,
    space: Space | str | Path | None = None,
    method: str = DEFAULT_METHOD,
    objectives: Sequence[str] | str = (),
    constraints: Sequence[str] | str = (),
    budget: str = "10m",
    workers: int | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    executor: str = "processes",
    executor_settings: Mapping[str, Any] | None = None,
    store: str = "",
    observer: Observer = _unseen,
    target: str | None = None,
    kind: str | None = None,
    size: int | None = None,
    horizon: int | None = None,
    recipe: Mapping[str, Any] | None = None,
    method_settings: Mapping[str, Any] | None = None,
    warm_start: str | Path | None = None,
    inherit: bool = True,
    evaluate: str = "auto",
    model: str = "",
    weights: str | Path | None = None,
    backend: str = backends.DEFAULT,
) -> Result:
    """Searches a network for a task, trains, judges and exports it.

    task: a `Task`, a data set's name, a folder of class folders, an .npz, a .csv (with `target`), or (X, y) arrays;
    space: a `Space`, a ready one's name, or a space file, by default the task's own; objectives: the task's metric by
    default; budget: "10m", "200trials" or "30epochs"; workers: trials at a time, by default one a core; executor,
    executor_settings: where they run, and that one's own settings; out: the folder, by
    default runs/TASK-METHOD-N; store: a PostgreSQL URL, by default a file in the folder; kind: "classification" or
    "regression" where the target leaves it open, or "forecasting"; horizon: then, steps ahead to forecast; size: pixels
    to resize image files to; warm_start: the folder of an earlier search to learn from, of the same task or another
    one, or "auto": the one among those beside this search's folder whose data are most like these, if there is any;
    inherit: networks begin with the weights that their
    parents left, and go on training when they are promoted; evaluate: "train"; "zero-cost": untrained networks are
    ranked first; "predictor": a predictor chooses among several proposals for each training; "auto": zero-cost where it
    can help; model: a network of your own, as "package.module:Name", to be cut down (the space is all that is left of
    it), with its trained `weights` in a file; constraints may then be relative to it: "flops<0.5x"; backend: what
    trains networks, "torch" or "jax".

    >>> result = netwright.search("digits", budget="1m", constraints="params<50k")      # doctest: +SKIP
    >>> print(result.verdict)                                                           # doctest: +SKIP
    """
    refuse_in_worker()
    if isinstance(task, Task):
        opened = task
    else:
        opened = open_task(task, target=target, kind=kind, size=size, horizon=horizon, seed=seed)
    path = "" if weights is None else str(Path(weights).resolve())
    if model and space is not None:
        raise InputError("both a space and a model are given", "the space of a model is all that it can be cut down to")
    if path and not model:
        raise InputError("weights are given, but no model", "name it with --model package.module:Name")
    searched = parts_of(model, path, opened.signature) if model else space_for(space, opened)
    directory = Path(out) if out is not None else free_folder(opened.name, method)
    settings = Settings(
        method=method,
        method_settings=dict(method_settings or {}),
        space=searched.name if model else _space_name(space, opened),
        objectives=_texts(objectives),
        constraints=tuple(absolute(text, searched, opened.signature) for text in _texts(constraints)),
        budget=budget,
        workers=cores() if workers is None else workers,
        seed=seed,
        executor=executor,
        executor_settings=dict(executor_settings or {}),
        recipe=dict(recipe or {}),
        warm_start=_earlier(warm_start, directory.parent, opened, searched),
        inherit=inherit,
        evaluate=evaluate,
        model=model,
        weights=path,
        backend=backend,
    )
    return _finish(Search.create(directory, opened, searched, settings, store), observer)


def resume(
    directory: str | Path, *, observer: Observer = _unseen, space: Space | None = None, join: bool = False
) -> Result:
    """Goes on with a search that was stopped or killed; nothing that was finished is done again.

    space: needed only where it is made by your own Python code; join: help a search that is running, with workers of
    one's own, on this machine or on another one that shares its folder.
    """
    return _finish(Search.open(Path(directory), space), observer, join)


def _finish(search: Search, observer: Observer, join: bool = False) -> Result:
    finished = search.run(observer, join)
    summary: Mapping[str, Any] = {}
    if finished:
        summary = deliver(search.store, search.directory, search.task) if search.leads else search.delivered()
    return Result(search.directory, search.task, summary, tuple(search.store.trials()), finished)


def _earlier(asked: str | Path | None, beside: Path, task: Task, space: Space) -> str:
    """The folder of the search to start from; "" for none."""
    if asked is None:
        return ""
    found = catalogue.nearest(beside, task, space) if str(asked) == catalogue.AUTO else Path(asked)
    return "" if found is None else str(found.resolve())


def _texts(given: Sequence[str] | str) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given)


def _space_name(space: Space | str | Path | None, task: Task) -> str:
    if isinstance(space, Space):
        return space.name
    return str(space) if space is not None else task.default_space


def space_for(space: Space | str | Path | None, task: Task) -> Space:
    """What was asked for: a space, the name of a ready one, or a file; None: what suits the task."""
    if isinstance(space, Space):
        return space
    if space is not None and Path(space).suffix in (".yaml", ".yml", ".json"):
        return Space.from_file(Path(space))
    return spaces.get(str(space) if space is not None else task.default_space, task.signature)


def cores() -> int:
    """That this process may use."""
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def free_folder(task: str, method: str) -> Path:
    """The first of runs/TASK-METHOD-1, -2, ... that is not there yet."""
    name = re.sub(r"[^\w.-]+", "-", f"{task}-{method}").strip(".-") or "search"
    numbered = (Path("runs") / f"{name}-{number}" for number in itertools.count(1))
    return next(folder for folder in numbered if not folder.exists())
