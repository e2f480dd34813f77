"""A search as its store tells it: the one reading that summary, status and report share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, stdev
from typing import Any

from netwright.errors import NetwrightError
from netwright.loop.finalists import SCRATCH, control_pool, roles
from netwright.objectives import METRICS, Constraint, Objective, Objectives
from netwright.store import Store
from netwright.trial import Trial

BASELINE = "baseline: "
FRONT = "front: "


@dataclass(frozen=True)
class Record:
    """trials: by number; plan: the budget governor's lines; clock: seconds of all the search's runs that have ended;
    delivered: what the summary says of the network that was handed over."""

    directory: Path
    trials: tuple[Trial, ...]
    objectives: Objectives
    settings: Mapping[str, Any] = field(default_factory=dict)
    task: Mapping[str, Any] = field(default_factory=dict)
    machine: Mapping[str, Any] = field(default_factory=dict)
    plan: tuple[str, ...] = ()
    clock: float = 0.0
    delivered: Mapping[str, Any] = field(default_factory=dict)

    def phase(self, *phases: str) -> list[Trial]:
        return [trial for trial in self.trials if trial.phase in phases]

    @property
    def drawn(self) -> list[Trial]:
        """The random search to compare with: the control's trials, after those that the method itself drew at random
        (the same distribution, so the loop does not pay for them twice)."""
        return control_pool(self.phase("search", "control"))

    @property
    def quality(self) -> str:
        """The metric of validation and test that verdict and plots are about: the first objective that is one."""
        names = [objective.metric for objective in self.objectives.objectives]
        chosen = next((name for name in names if METRICS[name].source == "quality"), None)
        return chosen or str(self.task.get("metric") or "accuracy")

    @property
    def maximise(self) -> bool:
        return METRICS[self.quality].maximise

    @property
    def elapsed(self) -> float:
        """Seconds on the search's clock, at the last thing that is known to have happened."""
        times = (time for trial in self.trials for time in (trial.started, trial.finished) if time is not None)
        return max((self.clock, *times))


def read(store: Store, directory: Path) -> Record:
    """Everything that insight needs of a search, finished or not."""
    settings = store.get("settings") or {}
    task = store.get("task") or {}
    wanted = settings.get("objectives") or [task.get("metric") or "accuracy"]
    objectives = Objectives(
        tuple(Objective.parse(text) for text in wanted),
        tuple(Constraint.parse(text) for text in settings.get("constraints") or ()),
    )
    trials = tuple(sorted(store.trials(), key=lambda trial: trial.number))
    plan = tuple(str(line) for line in store.get("plan") or ())
    clock = float(store.get("elapsed") or 0.0)
    delivered = (store.get("summary") or {}).get("delivered") or {}
    return Record(directory, trials, objectives, settings, task, store.get("machine") or {}, plan, clock, delivered)


@dataclass(frozen=True)
class Contender:
    """A network with all its trainings that count: its finals, or else the one trial that speaks for it so far.

    origin: "best", "control", "baseline: NAME", ...
    """

    origin: str
    trials: tuple[Trial, ...]

    @property
    def name(self) -> str:
        return self.origin.removeprefix(BASELINE)

    @property
    def lead(self) -> Trial:
        """The training that stands for all: the first."""
        return self.trials[0]

    @property
    def key(self) -> str:
        return self.lead.key

    def tests(self, metric: str) -> list[float]:
        """The test metric of each training that has one."""
        values = [t.measurement.test.get(metric, math.nan) for t in self.trials if t.measurement is not None]
        return [float(value) for value in values if math.isfinite(value)]

    def validation(self) -> dict[str, float]:
        """Mean quality metrics on the validation split."""
        return _means([_quality(t.measurement.metrics) for t in self.trials if t.measurement is not None])

    def test(self) -> dict[str, float]:
        return _means([_quality(t.measurement.test) for t in self.trials if t.measurement is not None])

    def test_std(self) -> dict[str, float]:
        """Sample standard deviation between seeds, of the metrics that have at least two."""
        return {name: stdev(values) for name in self.test() if len(values := self.tests(name)) > 1}

    def size(self, metric: str) -> float | None:
        """An analytic or measured metric (mean over the trainings that have it)."""
        values = [value for trial in self.trials if math.isfinite(value := trial.metric(metric))]
        return fmean(values) if values else None


@dataclass(frozen=True)
class Contest:
    """Who competes: the best network found, the random-search control's best, the hand-designed baselines, and with
    several objectives further points of the front. drawn_only: the best network was found by the control alone;
    scratch: the best network without the weights that it shared with others, where these are what the search is of."""

    best: Contender | None
    control: Contender | None
    baselines: tuple[Contender, ...]
    front: tuple[Contender, ...] = ()
    drawn_only: bool = False
    scratch: Contender | None = None

    @property
    def same(self) -> bool:
        """Random search found the very same network."""
        return self.best is not None and self.control is not None and self.best.key == self.control.key


def contest(record: Record) -> Contest:
    """The contenders from the finals, or from earlier phases while there are none."""
    finals = [trial for trial in record.phase("final") if trial.status == "completed"]
    promoted = record.phase("promotion")
    best = _finalist("best", finals, record) or _incumbent(
        "best", [_from(promoted, "search"), record.phase("search")], record
    )
    control = _finalist("control", finals, record) or _incumbent(
        "control", [_from(promoted, "control"), record.drawn], record
    )
    origins = dict.fromkeys(t.proposal.origin for t in (*finals, *promoted) if t.proposal.origin.startswith(BASELINE))
    baselines = [_finalist(o, finals, record) or _incumbent(o, [_from(promoted, o)], record) for o in origins]
    places = dict.fromkeys(t.proposal.origin for t in finals if t.proposal.origin.startswith(FRONT))
    front = [_finalist(origin, finals, record) for origin in places]
    searched = {trial.key for trial in record.phase("search")}
    drawn_only = best is not None and best.key not in searched
    scratch = _finalist(SCRATCH, finals, record)
    return Contest(best, control, _present(baselines), _present(front), drawn_only, scratch)


def _present(contenders: Sequence[Contender | None]) -> tuple[Contender, ...]:
    return tuple(one for one in contenders if one is not None)


def _finalist(origin: str, finals: Sequence[Trial], record: Record) -> Contender | None:
    """The finals of an origin; of several networks the one that validates best."""
    own = _from(finals, origin)
    if not own:
        return None
    chosen = record.objectives.incumbent(own) or own[0]
    return Contender(origin, tuple(trial for trial in own if trial.key == chosen.key))


def _incumbent(origin: str, pools: Sequence[Sequence[Trial]], record: Record) -> Contender | None:
    for pool in pools:
        chosen = record.objectives.incumbent([trial for trial in pool if trial.status == "completed"])
        if chosen is not None:
            return Contender(origin, (chosen,))
    return None


def _from(trials: Sequence[Trial], origin: str) -> list[Trial]:
    """The trials with that role; one network may have several ("best, control")."""
    return [trial for trial in trials if origin in roles(trial)]


def _quality(metrics: Mapping[str, float]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in metrics.items()
        if name in METRICS and METRICS[name].source == "quality" and math.isfinite(value)
    }


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: fmean(row[name] for row in rows if name in row) for name in names}


def baseline_sizes(directory: Path) -> dict[str, str]:
    """The size class of each baseline of the search's task ("small", "medium", "large"), {} when not known."""
    path = directory / "data" / "task.json"
    if not path.is_file():
        return {}
    from netwright.tasks import Task

    try:
        return {baseline.name: baseline.size for baseline in Task.load(path.parent).baselines()}
    except (OSError, ValueError, KeyError, NetwrightError):
        return {}
