"""Who is trained further: the promoted, then the finalists with their baselines and seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netwright.objectives import Objectives
from netwright.space import Space
from netwright.tasks import Baseline
from netwright.trial import UNTRAINED, Fidelity, Proposal, Trial

PROMOTED = 3
"""Architectures promoted from the search and from the control, each."""
MOST_SEEDS = 5
SCRATCH = "from scratch"
"""The role of the best network where it is trained once more without what it inherited."""
USED = 0.95
"""Share of its time that a training plans to use: the rest is for saving, measuring and being wrong."""


@dataclass(frozen=True)
class Trainings:
    """Trainings to do in this order, each within `seconds` (inf: no limit). The first `promised` are done whatever
    happens, the others where time is left."""

    proposals: tuple[Proposal, ...]
    seconds: float = math.inf
    promised: int = 0

    def wording(self, name: str, now: float) -> str:
        """A line of the plan. now: seconds since the search's begin.

        >>> Trainings((), 30.0, 0).wording("promotion", 200.0)
        'promotion, decided after 200 s: no training'
        """
        networks = len({one.architecture.key for one in self.proposals[: self.promised]})
        when = "" if math.isinf(self.seconds) else f", decided after {now:.0f} s"
        if not networks:
            return f"{name}{when}: no training"
        each = "" if math.isinf(self.seconds) else f" with {self.seconds:.3g} s each"
        rest = "; what time is left goes to further seeds" if len(self.proposals) > self.promised else ""
        counts = f"{self.promised} training{'s' * (self.promised > 1)} of {networks} network{'s' * (networks > 1)}"
        return f"{name}{when}: {counts}{each}{rest}"

    def to_dict(self) -> dict[str, Any]:
        seconds = None if math.isinf(self.seconds) else self.seconds
        proposals = [proposal.to_dict() for proposal in self.proposals]
        return {"proposals": proposals, "seconds": seconds, "promised": self.promised}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], spaces: Mapping[str, Space]) -> Trainings:
        proposals = tuple(Proposal.from_dict(proposal, spaces) for proposal in data["proposals"])
        return cls(proposals, math.inf if data["seconds"] is None else data["seconds"], data["promised"])


def ranked(trials: Iterable[Trial], objectives: Objectives, count: int) -> list[Trial]:
    """The best completed trials, one a key: front after front for several objectives, feasible ones first."""
    completed = [trial for trial in trials if trial.status == "completed"]
    left = {trial.key: trial for trial in sorted(completed, key=objectives.rank_key, reverse=True)}
    chosen: list[Trial] = []
    while left and len(chosen) < count:
        rest = list(left.values())
        best = objectives.incumbent(rest) if len(objectives.objectives) == 1 else None
        layer = [best] if best else objectives.front(rest)
        if not layer:
            break
        chosen += layer
        for trial in layer:
            del left[trial.key]
    return chosen[:count]


def control_pool(trials: Iterable[Trial]) -> list[Trial]:
    """The random-search control's trials: its own, and those that the method itself drew at random before it had
    learnt anything (the same distribution, so they need not be paid for twice)."""
    return [
        trial
        for trial in trials
        if trial.phase == "control" or (trial.proposal.origin == "random" and trial.proposal.fidelity != UNTRAINED)
    ]


def promotion(
    trials: Sequence[Trial],
    objectives: Objectives,
    seconds: float,
    workers: int,
    longer: Callable[[float], Fidelity],
    sharing: tuple[int, ...] = (),
) -> Trainings:
    """The longer trainings that choose the finalists: the same time for each.

    seconds: wall-clock for all of them, inf for no limit; longer: the fidelity for so many seconds;
    sharing: trials that left the weights which the search's networks begin with, and the control's do not.
    """
    found = ranked([trial for trial in trials if trial.phase == "search"], objectives, PROMOTED)
    drawn = ranked(control_pool(trials), objectives, PROMOTED)
    if sharing:
        chosen = [*(("search", trial) for trial in found), *(("control", trial) for trial in drawn)]
    else:
        measured = {trial.key: trial for trial in (*found, *drawn)}
        chosen = [(_origins(key, search=found, control=drawn), trial) for key, trial in measured.items()]
    each = _share(seconds, len(chosen), workers)
    proposals = [
        replace(
            trial.proposal,
            fidelity=longer(USED * each),
            origin=origin,
            parents=(trial.number, *(sharing if origin == "search" else ())),
        )
        for origin, trial in chosen
    ]
    return Trainings(tuple(proposals), each, len(proposals))


def _origins(key: str, **groups: Sequence[Trial]) -> str:
    """The groups that hold the architecture, as "search", "control" or "search, control"."""
    return ", ".join(name for name, trials in groups.items() if any(trial.key == key for trial in trials))


def roles(trial: Trial) -> list[str]:
    """What a promoted or final training stands for: one network may be the search's and the control's best at once."""
    return trial.proposal.origin.split(", ")


def baseline_proposals(baselines: Sequence[Baseline]) -> list[Proposal]:
    return [Proposal(baseline.space.architecture({}), origin=f"baseline: {baseline.name}") for baseline in baselines]


def _within(seconds: float, epochs: float) -> Fidelity:
    """The same time for every network, and at most so many epochs."""
    return Fidelity(epochs=epochs, seconds=None if math.isinf(seconds) else round(USED * seconds, 2))


def _seconds_an_epoch(trial: Trial) -> float:
    """Seconds that a pass over all training data takes, 0 when unknown."""
    if trial.measurement is None or not trial.measurement.fidelity.epochs:
        return 0.0
    paid = trial.measurement.fidelity
    return trial.metric("train_s") / (trial.measurement.fidelity.epochs * paid.data)


def finals(
    trials: Sequence[Trial],
    rivals: Sequence[Proposal],
    objectives: Objectives,
    seconds: float,
    workers: int,
    epochs: tuple[float, float],
    seed: int,
    inherit: bool = False,
    scratch: bool = False,
) -> Trainings:
    """The final trainings, everyone with the same time a training. One seed each, and the best more often, until every
    training can be as long as is useful; then several seeds each. What time is left in the end goes to further seeds.

    trials: those of the promotion; rivals: what the best is held against beside random search's; seconds: wall-clock
    for all, inf for none; epochs: that a training should have before there are more seeds, and at most; inherit:
    networks found, by the search or by the control, go on from the weights of their promotion, while the rivals begin
    with their own; scratch: the best is also trained from scratch, to tell how good it is without the weights that it
    shared.
    """
    found = _finalists(trials, objectives)
    if not found:
        return Trainings(())
    entrants = [
        *(replace(trial.proposal, origin=origin, parents=(trial.number,)) for origin, trial in found),
        *([Proposal(found[0][1].proposal.architecture, origin=SCRATCH)] if scratch else []),
        *rivals,
    ]
    proper, most = epochs
    seeds = _seeds(len(entrants), _seconds_an_epoch(found[0][1]), seconds, workers, proper)
    promised = [(turn, entrant) for turn in range(seeds) for entrant in entrants]
    if seeds == 1:
        further = 1 + (-len(entrants) - 1) % workers
        promised += [(1 + turn, entrants[0]) for turn in range(further)]
    rest = [(turn, entrant) for turn in range(seeds, MOST_SEEDS) for entrant in entrants]
    if math.isinf(seconds):
        rest = []
    each = _share(seconds, len(promised), workers)
    proposals = dict.fromkeys(
        replace(
            proposal,
            fidelity=_within(each, most),
            seed=seed + turn,
            inherit=inherit and bool(proposal.parents),
        )
        for turn, proposal in (*promised, *rest)
    )
    return Trainings(tuple(proposals), each, len(promised))


def _share(seconds: float, trainings: int, workers: int) -> float:
    """Seconds for each of some trainings that are done `workers` at a time."""
    return seconds / max(1, math.ceil(trainings / workers))


def _finalists(trials: Sequence[Trial], objectives: Objectives) -> list[tuple[str, Trial]]:
    """The best of all, the control's best and further points of the front, each with its roles.

    Where random search found the better network, that one is trained and handed over, and the verdict says so.
    """
    found = ranked([trial for trial in trials if {"search", "control"} & set(roles(trial))], objectives, PROMOTED)
    drawn = ranked([trial for trial in trials if "control" in roles(trial)], objectives, 1)
    best = {trial.key: trial for trial in (*found[:1], *drawn)}
    finalists = [(_origins(key, best=found[:1], control=drawn), trial) for key, trial in best.items()]
    if len(objectives.objectives) > 1:
        front = objectives.front([trial for trial in trials if trial.key in {one.key for one in found}])
        further = [trial for trial in front if trial.key not in best]
        finalists += [(f"front: {place}", trial) for place, trial in enumerate(further, start=2)]
    return finalists


def _seeds(entrants: int, pace: float, seconds: float, workers: int, proper: float) -> int:
    if math.isinf(seconds):
        return 2
    for seeds in range(MOST_SEEDS, 1, -1):
        if pace and _share(seconds, entrants * seeds, workers) / pace >= proper:
            return seeds
    return 1
