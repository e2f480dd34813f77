"""The ladder of fidelities and what was measured on each of its rungs: shared by the multi-fidelity strategies.

Rung 0 is the cheapest fidelity. A trial whose fidelity is not on the ladder counts as full. On a ladder of one rung
nothing can be promoted, so these strategies draw as they would on the lowest rung.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Generic, Protocol, TypeVar

import numpy as np

from netwright.errors import InputError
from netwright.objectives import Objectives
from netwright.space import Architecture
from netwright.strategies.base import Problem
from netwright.strategies.memory import Memory
from netwright.trial import Fidelity, Proposal, Trial

ETA = 3.0
"""The reduction between two rungs whose costs cannot be compared; the papers' default."""
LEAST = 2.0
"""The least reduction: rungs nearly equal in cost are still there to choose among."""


def reductions(ladder: Sequence[Fidelity], eta: float | None) -> tuple[float, ...]:
    """How many trials there are on each rung for one that goes up to the next. None: the ratio of the two rungs' costs,
    so that every rung gets about as much of the budget. InputError where the ladder does not rise.

    >>> reductions([Fidelity(epochs=1), Fidelity(epochs=3, data=0.5), Fidelity(epochs=12)], None)
    (2.0, 8.0)
    """
    if eta is not None and not 1 < eta < np.inf:
        raise InputError(f"eta must be more than 1, got {eta}", "leave it out to take it from the fidelities' costs")
    ratios = [_ratio(lower, upper) for lower, upper in pairwise(ladder)]
    if any(ratio <= 1 for ratio in ratios):
        costs = ", ".join(map(str, ladder))
        raise InputError(f"the fidelities do not rise from cheap to full: {costs}", "order them by their cost")
    return tuple(float(eta) if eta is not None else max(LEAST, ratio) for ratio in ratios)


def _ratio(lower: Fidelity, upper: Fidelity) -> float:
    """How many times the cost of the lower the upper has."""
    if lower.seconds is not None and upper.seconds is not None:
        return upper.seconds / lower.seconds
    if (lower.epochs is None) != (upper.epochs is None):
        return ETA
    return _passes(upper) / _passes(lower)


def _passes(fidelity: Fidelity) -> float:
    return (fidelity.epochs or 1.0) * fidelity.data * fidelity.resolution**2


class Rung(Protocol):
    """The trials that ended at one fidelity."""

    def end(self, trial: Trial) -> None:
        """Takes an ended trial in, failed ones as well."""
        ...

    def waiting(self, share: float = 1.0) -> Iterator[Trial]:
        """Those not promoted yet, best first, as far as they are among the best `share` of all that ended."""
        ...

    def leave(self, key: str) -> None:
        """This architecture is on a higher rung now."""
        ...


class SortedRung:
    """Ranked by the first objective, feasible first."""

    def __init__(self, objectives: Objectives) -> None:
        self._objectives = objectives
        self._ended = 0
        self._ranks: list[tuple[float, float, int]] = []
        self._waiting: list[tuple[float, float, int]] = []
        self._good: dict[int, Trial] = {}
        self._numbers: dict[str, int] = {}

    def end(self, trial: Trial) -> None:
        self._ended += 1
        if not self._objectives.valid(trial) or trial.key in self._numbers:
            return
        rank = self._objectives.rank_key(trial)
        insort(self._ranks, rank)
        insort(self._waiting, rank)
        self._good[trial.number] = trial
        self._numbers[trial.key] = trial.number

    def best(self) -> list[Trial]:
        """All that have a value, best first."""
        return [self._good[number] for *_, number in self._ranks]

    def waiting(self, share: float = 1.0) -> Iterator[Trial]:
        quota = int(self._ended * share + 1e-9)
        for rank in self._waiting:
            if bisect_left(self._ranks, rank) >= quota:
                return
            yield self._good[rank[-1]]

    def leave(self, key: str) -> None:
        if key in self._numbers:
            rank = self._objectives.rank_key(self._good[self._numbers[key]])
            place = bisect_left(self._waiting, rank)
            if place < len(self._waiting) and self._waiting[place] == rank:
                del self._waiting[place]


R = TypeVar("R", bound=Rung)


@dataclass
class Rungs(Generic[R]):
    """kind: makes a rung; highest: the highest rung that each architecture was proposed on."""

    problem: Problem
    kind: Callable[[Objectives], R]
    memory: Memory = field(init=False)
    rungs: list[R] = field(init=False)
    highest: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.memory = Memory(self.problem)
        self.rungs = [self.kind(self.problem.objectives) for _ in self.problem.fidelities]

    @property
    def top(self) -> int:
        """The rung of full evaluations."""
        return len(self.rungs) - 1

    def of(self, trial: Trial) -> int:
        """The trial's rung."""
        fidelity, ladder = trial.proposal.fidelity, self.problem.fidelities
        return ladder.index(fidelity) if fidelity in ladder else self.top

    def note(self, trial: Trial) -> None:
        """Takes a proposed or an ended trial in."""
        self.memory.note(trial)
        place = self.of(trial)
        if trial.status != "pending":
            self.rungs[place].end(trial)
            if self.highest.get(trial.key, place) > place:
                self.rungs[place].leave(trial.key)
            return
        self.highest[trial.key] = max(place, self.highest.get(trial.key, 0))
        for rung in self.rungs[:place]:
            rung.leave(trial.key)

    def left(self) -> Iterator[tuple[int, Trial]]:
        """(rung to go to, trial): all that could be promoted at all, from the top down, best first."""
        for place in reversed(range(self.top)):
            yield from ((place + 1, trial) for trial in self.rungs[place].waiting())


@dataclass
class Batch:
    """The answer to one ask in the making: up to `n` proposals, no architecture twice."""

    rungs: Rungs[Any]
    n: int
    rng: np.random.Generator = field(init=False)
    proposals: dict[str, Proposal] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.rng = self.rungs.memory.generator()

    @property
    def full(self) -> bool:
        return len(self.proposals) >= self.n

    def promote(self, place: int, trial: Trial) -> None:
        """The trial's architecture on a higher rung."""
        if not self.full and trial.key not in self.proposals:
            fidelity = self.rungs.problem.fidelities[place]
            self.proposals[trial.key] = Proposal(
                trial.proposal.architecture, fidelity, parents=(trial.number,), origin="promotion"
            )

    def draw(self, place: int, *draws: tuple[str, Callable[[], Architecture]]) -> bool:
        """A new architecture on a rung, by the named draws, else at random. False: nothing unseen is left."""
        found = self.rungs.memory.unseen(self.proposals, self.rng, *(draw for _, draw in draws))
        if found is None:
            return False
        architecture, by = found
        origin = draws[by][0] if by < len(draws) else "random"
        self.proposals[architecture.key] = Proposal(architecture, self.rungs.problem.fidelities[place], origin=origin)
        return True

    def finish(self) -> list[Proposal]:
        """The proposals; where the batch is not full because nothing unseen is left, the rest goes up, best first."""
        for place, trial in self.rungs.left():
            if self.full:
                break
            self.promote(place, trial)
        return list(self.proposals.values())
