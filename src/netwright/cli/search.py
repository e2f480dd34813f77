"""`netwright search` and `netwright resume`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from netwright.cli import words
from netwright.cli.exits import Terminated
from netwright.cli.printing import say, say_json

if TYPE_CHECKING:
    from netwright.cli.heading import Heading
    from netwright.door import Result
    from netwright.loop.progress import Observer


def search(
    data: words.Data = None,
    target: words.Target = None,
    kind: words.Kind = None,
    size: words.Size = None,
    horizon: words.Horizon = None,
    space: words.SpaceName = None,
    model: words.Model = None,
    weights: words.Weights = None,
    method: words.Method = None,
    setting: words.Settings = None,
    objective: words.Objectives = None,
    constraint: words.Constraints = None,
    budget: words.BudgetText = None,
    workers: words.Workers = None,
    executor: words.ExecutorName = None,
    address: words.Address = None,
    executor_setting: words.ExecutorSettings = None,
    store: words.StoreUrl = None,
    out: words.Out = None,
    seed: words.Seed = None,
    warm_start: words.WarmStart = None,
    inherit: words.Inherit = None,
    evaluate: words.Evaluate = None,
    backend: words.BackendName = None,
    config: words.Config = None,
    json: words.JsonLines = False,
    quiet: words.Quiet = False,
) -> None:
    """Search a network for your data, train it, judge it against hand-designed ones, and export it."""
    given = {
        "data": data,
        "target": target,
        "kind": kind,
        "size": size,
        "horizon": horizon,
        "space": space,
        "model": model,
        "weights": None if weights is None else str(weights),
        "method": method,
        "setting": setting or None,
        "objective": objective or None,
        "constraint": constraint or None,
        "budget": budget,
        "workers": workers,
        "executor": executor,
        "address": address,
        "executor_setting": executor_setting or None,
        "store": store,
        "out": None if out is None else str(out),
        "seed": seed,
        "warm_start": None if warm_start is None else str(warm_start),
        "inherit": inherit,
        "evaluate": evaluate,
        "backend": backend,
        "json": json or None,
        "quiet": quiet or None,
    }
    _search(config, given)


def resume(
    directory: words.Directory, join: words.Join = False, json: words.JsonLines = False, quiet: words.Quiet = False
) -> None:
    """Go on with a search that was stopped or killed; nothing that was finished is done again."""
    from netwright.cli.heading import Heading
    from netwright.door import resume as go_on

    _run(Heading.of_search(directory), lambda observer: go_on(directory, observer=observer, join=join), json, quiet)


def _search(config: Path | None, given: Mapping[str, object]) -> None:
    from netwright import door, tasks
    from netwright.cli.heading import Heading, metrics
    from netwright.cli.options import read_options

    options = read_options(config, given)
    task = tasks.open_task(
        options.data,
        target=options.target,
        kind=options.kind,
        size=options.size,
        horizon=options.horizon,
        seed=options.seed,
    )
    directory = Path(options.out) if options.out is not None else door.free_folder(task.name, options.method)
    heading = Heading(
        task=task.name,
        method=options.method,
        budget=options.budget,
        directory=directory,
        objectives=metrics(options.objective, task.metric),
    )

    def start(observer: Observer) -> Result:
        return door.search(
            task,
            space=options.space,
            model=options.model,
            weights=options.weights,
            method=options.method,
            method_settings=options.setting,
            objectives=options.objective,
            constraints=options.constraint,
            budget=options.budget,
            workers=options.workers,
            seed=options.seed,
            out=directory,
            executor=options.executor,
            executor_settings=options.executor_settings,
            store=options.store,
            warm_start=options.warm_start,
            inherit=options.inherit,
            evaluate=options.evaluate,
            backend=options.backend,
            observer=observer,
        )

    _run(heading, start, options.json_, options.quiet)


def _run(heading: Heading, start: Callable[[Observer], Result], json: bool, quiet: bool) -> None:
    """Runs a search under watch and prints how it ended."""
    from netwright.cli.watching import watching
    from netwright.store import holds_search

    try:
        with watching(heading, json, quiet) as observer:
            result = start(observer)
    except (KeyboardInterrupt, Terminated):
        if holds_search(heading.directory):
            say(f"everything that was finished is saved: netwright resume {heading.directory}", error=True)
        raise
    if json:
        say_json(_summary(result))
    else:
        _end(result)


def _end(result: Result) -> None:
    from netwright.cli.ending import show_ending

    show_ending(_summary(result), result.directory)
    if not result.finished:
        say(f"stopped before its end: netwright resume {result.directory}")


def _summary(result: Result) -> dict[str, object]:
    """The summary, of what there is when the search was stopped before its end."""
    if result.summary:
        return dict(result.summary)
    from netwright.insight.status import open_search
    from netwright.insight.summary import summarise

    with open_search(result.directory) as store:
        return summarise(store, result.directory)
