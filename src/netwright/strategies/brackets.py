"""Brackets of successive halving side by side: while the trials of one are awaited, the next one begins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count

import numpy as np

from netwright.space import Architecture
from netwright.strategies.rungs import Batch, Rungs, SortedRung
from netwright.trial import Proposal, Trial

Draw = tuple[str, Callable[[], Architecture]]


@dataclass(frozen=True)
class Plan:
    """lowest: the rung that a bracket's architectures start on; sizes: how many there are on that rung, the next, …"""

    lowest: int
    sizes: tuple[int, ...]


def plan(lowest: int, size: int, reductions: Sequence[float]) -> Plan:
    """A bracket that starts with `size` architectures; at least one reaches the top."""
    sizes = [size]
    for reduction in reductions[lowest:]:
        sizes.append(max(1, int(sizes[-1] / reduction + 1e-9)))
    return Plan(lowest, tuple(sizes))


@dataclass(eq=False)
class Bracket:
    """stage: how many rungs above its lowest it is; fresh: architectures still to draw for it; going: ended trials
    whose architectures are still to be proposed on this rung; out: how many trials of this rung are under way; good:
    those that ended with a value."""

    plan: Plan
    fresh: int
    stage: int = 0
    going: list[Trial] = field(default_factory=list)
    out: int = 0
    good: list[Trial] = field(default_factory=list)

    @property
    def rung(self) -> int:
        return self.plan.lowest + self.stage

    @property
    def over(self) -> bool:
        return not (self.fresh or self.going or self.out)

    def takes(self, trial: Trial, rung: int, known: bool) -> bool:
        """Whether a proposed trial belongs here, of an architecture that is known or new; then it is under way."""
        staying = [one for one in self.going if one.key != trial.key]
        promoted, new = len(staying) < len(self.going), not known and self.fresh > 0
        if rung != self.rung or not (promoted or new):
            return False
        self.going = staying
        self.fresh -= new
        self.out += 1
        return True

    def end(self, good: bool, trial: Trial) -> bool:
        """Takes an ended trial of this rung in. True when it was the rung's last and another rung follows."""
        self.out -= 1
        if good:
            self.good.append(trial)
        return self.over and self.stage + 1 < len(self.plan.sizes)

    def rise(self, survivors: Sequence[Trial]) -> None:
        """Goes to the next rung with the first of these."""
        self.stage += 1
        self.going = list(survivors[: self.plan.sizes[self.stage]])
        self.good = []


@dataclass
class Brackets:
    """cycle: the brackets that are begun in turn; opened: how many were begun; open: those not over; places: the
    bracket of each trial under way, by number."""

    rungs: Rungs[SortedRung]
    cycle: tuple[Plan, ...]
    opened: int = 0
    open: list[Bracket] = field(default_factory=list)
    places: dict[int, Bracket] = field(default_factory=dict)

    def note(self, trial: Trial) -> None:
        """Takes a proposed or an ended trial in."""
        known = trial.key in self.rungs.highest
        self.rungs.note(trial)
        if trial.status == "pending":
            self._place(trial, known)
            return
        bracket = self.places.pop(trial.number, None)
        if bracket is None:
            return
        objectives = self.rungs.problem.objectives
        if bracket.end(objectives.valid(trial), trial):
            good = [one for one in bracket.good if self.rungs.highest[one.key] <= bracket.rung]
            bracket.rise(sorted(good, key=objectives.rank_key))
        if bracket.over:
            self.open.remove(bracket)

    def ask(self, n: int, draws: Callable[[np.random.Generator], Sequence[Draw]] = lambda _: ()) -> list[Proposal]:
        """What the open brackets wait for, the oldest first, then the next brackets; `draws` make new architectures."""
        batch = Batch(self.rungs, n)
        for place, trial in self._slots():
            if batch.full:
                break
            if trial is not None:
                batch.promote(place, trial)
            elif not batch.draw(place, *draws(batch.rng)):
                break
        return batch.finish()

    def _place(self, trial: Trial, known: bool) -> None:
        """Finds the bracket that a proposed trial belongs to; a trial that none waits for belongs to none."""
        rung, following = self.rungs.of(trial), self._begin(self.opened)
        for bracket in (*self.open, following):
            if bracket.takes(trial, rung, known):
                self.places[trial.number] = bracket
                break
        if following.out:
            self.opened += 1
            self.open.append(following)

    def _slots(self) -> Iterator[tuple[int, Trial | None]]:
        """(rung, trial to go up or None for a new architecture), without end."""
        for bracket in self.open:
            yield from _open_slots(bracket)
        for number in count(self.opened):
            yield from _open_slots(self._begin(number))

    def _begin(self, number: int) -> Bracket:
        planned = self.cycle[number % len(self.cycle)]
        return Bracket(planned, planned.sizes[0])


def _open_slots(bracket: Bracket) -> Iterator[tuple[int, Trial | None]]:
    yield from ((bracket.rung, trial) for trial in bracket.going)
    for _ in range(bracket.fresh):
        yield bracket.rung, None
