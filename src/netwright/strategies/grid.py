"""Grid search: every combination of some levels of each decision, none twice. For its weakness against random search
see Bergstra & Bengio 2012, https://www.jmlr.org/papers/v13/bergstra12a.html.

The combinations are numbered like the readings of an odometer with a wheel for each decision, and gone through in equal
strides. A stride has no factor in common with the number of combinations, so that each comes exactly once, and turns
each wheel by a fifth to a half, so that every level is met early. The seed sets the first combination and the stride.
What is known already is passed over: combinations that differ only in decisions that are not met are the same network.
Past the end of the grid come random networks.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture, Decision, Space, Value
from netwright.strategies.base import Problem
from netwright.strategies.memory import TRIES, Memory
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class GridSearch:
    """levels: of a number with more values than that, evenly spread over its range; other decisions have all their
    values."""

    levels: int = 10
    name: ClassVar[str] = "grid"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.levels < 2:
            raise InputError(f"levels of grid must be at least 2, got {self.levels}")

    def init(self, problem: Problem) -> GridState:
        memory = Memory(problem)
        return GridState(memory, Grid(problem.space, self.levels, memory.generator()))

    def ask(self, state: GridState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        proposals: dict[str, Proposal] = {}
        ahead = (state.at(place) for place in range(state.place, state.place + n + TRIES))
        for _ in range(n):
            known = (memory.seen, proposals)
            fresh = (one for one in ahead if one and not any(one.key in keys for keys in known))
            architecture, origin = next(fresh, None), "grid"
            if architecture is None:
                found, origin = memory.unseen(proposals, rng), "random"
                if found is None:
                    break
                architecture = found[0]
            proposals[architecture.key] = Proposal(architecture, origin=origin)
        return list(proposals.values())

    def tell(self, state: GridState, trials: Sequence[Trial]) -> GridState:
        for trial in trials:
            state.memory.note(trial)
            if trial.status == "pending":
                state.advance()
        return state


class Grid:
    """A space's combinations by number, in the order of a search."""

    def __init__(self, space: Space, levels: int, rng: np.random.Generator) -> None:
        self._space, self._bare, self._levels = space, replace(space, constraints=()), levels
        self._wheels: dict[str, int] = {}
        self.size, self._stride = 1, 0
        for decision in space.decisions():
            self._wheels[decision.name] = self.size
            self._add(_count(decision, levels), rng.uniform(0.2, 0.5))
        self._start = int.from_bytes(rng.bytes(self.size.bit_length() // 8 + 8), "little")

    def at(self, place: int) -> Architecture | None:
        """None where it breaks a constraint, and past the end."""
        if place >= self.size:
            return None
        reading = (self._start + place * self._stride) % self.size

        def decide(decision: Decision) -> Value:
            turned = reading // self._wheels.get(decision.name, self.size)
            return _value(decision, turned % _count(decision, self._levels), self._levels)

        architecture = self._bare.decided(decide, np.random.default_rng(0))
        return architecture if self._space.allows(architecture) else None

    def _add(self, levels: int, turn: float) -> None:
        """One more wheel, which a stride is to turn by a share of its levels."""
        nearest = round(turn * levels - self._stride / self.size)
        for away in count():
            for further in (nearest + away, nearest - away):
                stride = (self._stride + self.size * further) % (self.size * levels)
                if math.gcd(stride, self.size * levels) == 1:
                    self._stride, self.size = stride, self.size * levels
                    return


def _count(decision: Decision, levels: int) -> int:
    number = decision.kind in ("integer", "real")
    return int(min(levels, decision.cardinality)) if number else int(decision.cardinality)


def _value(decision: Decision, place: int, levels: int) -> Value:
    """The value at a place among the levels of a decision."""
    if decision.kind == "choice":
        return place
    if decision.kind == "subset":
        return _subset(decision, place)
    share = place / (_count(decision, levels) - 1)
    if decision.kind == "real":
        return decision.at(share)
    return int(decision.lo) + decision.step * round(share * (int(decision.cardinality) - 1))


def _subset(decision: Decision, place: int) -> tuple[int, ...]:
    """The subset at a place among all, smaller ones first, those of a size in the order of their options."""
    options, size = len(decision.options), decision.k[0]
    while place >= math.comb(options, size):
        place -= math.comb(options, size)
        size += 1
    chosen: list[int] = []
    for option in range(options):
        left = size - len(chosen)
        if not left:
            break
        inside = math.comb(options - option - 1, left - 1)
        if place < inside:
            chosen.append(option)
        else:
            place -= inside
    return tuple(chosen)


@dataclass
class GridState:
    """place: the first in the grid's order that is not known to be out or measured or infeasible."""

    memory: Memory
    grid: Grid
    place: int = 0
    _built: dict[int, Architecture | None] = field(default_factory=dict, repr=False, compare=False)

    def at(self, place: int) -> Architecture | None:
        """That of the grid, built once."""
        if place not in self._built:
            self._built[place] = self.grid.at(place)
        return self._built[place]

    def advance(self) -> None:
        """Passes over what is known, a bounded way for each trial."""
        for _ in range(TRIES):
            here = self.at(self.place)
            if self.place >= self.grid.size or (here is not None and here.key not in self.memory.seen):
                return
            del self._built[self.place]
            self.place += 1
