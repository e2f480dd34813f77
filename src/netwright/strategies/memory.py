"""What every strategy remembers: which networks are out or measured, so that none is proposed twice."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field

import numpy as np

from netwright.errors import InputError
from netwright.objectives import Objectives
from netwright.space import Architecture, Space
from netwright.strategies.base import Problem, generator
from netwright.trial import Trial

TRIES = 30
"""Draws of a kind before the next kind is tried."""
COUNTABLE = 50_000
"""Spaces up to this size are searched through for what is still unseen."""


class Remaining:
    """The unseen architectures of a list in its order, gone through only once: what has been seen stays seen. Nothing
    but a memo of the list, so copies begin anew.

    every: gives the list, the same each time.
    """

    def __init__(self, every: Callable[[], Iterator[Architecture]]) -> None:
        self._every = every
        self._ahead: Iterator[Architecture] | None = None
        self._passed: deque[Architecture] = deque()

    def __reduce__(self) -> tuple[type[Remaining], tuple[Callable[[], Iterator[Architecture]]]]:
        return Remaining, (self._every,)

    def first(self, seen: Container[str], taken: Container[str]) -> Architecture | None:
        """The first that is neither seen, for good, nor taken, for now."""
        if self._ahead is None:
            self._ahead = self._every()
        while self._passed and self._passed[0].key in seen:
            self._passed.popleft()
        for architecture in self._passed:
            if architecture.key not in seen and architecture.key not in taken:
                return architecture
        for architecture in self._ahead:
            if architecture.key not in seen:
                self._passed.append(architecture)
                if architecture.key not in taken:
                    return architecture
        return None


@dataclass
class Memory:
    """seen: keys of all networks proposed; asked: their number, the random generator's counter."""

    problem: Problem
    asked: int = 0
    seen: set[str] = field(default_factory=set)
    remaining: Remaining = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self.remaining = Remaining(self.space.enumerate)

    @property
    def space(self) -> Space:
        return self.problem.space

    @property
    def objectives(self) -> Objectives:
        return self.problem.objectives

    def note(self, trial: Trial) -> None:
        """Takes a proposed trial in; an ended one has been seen already."""
        if trial.status == "pending":
            self.asked += 1
            self.seen.add(trial.key)

    def generator(self) -> np.random.Generator:
        """That of the next ask."""
        return generator(self.problem.seed, self.asked)

    def lots(self, trial: Trial) -> np.random.Generator:
        """For what a trial's outcome leaves to chance; unrelated to the generators of the asks."""
        return generator(self.problem.seed, trial.number).spawn(1)[0]

    def unseen(
        self, taken: Container[str], rng: np.random.Generator, *draws: Callable[[], Architecture]
    ) -> tuple[Architecture, int] | None:
        """An architecture that is neither seen nor in `taken`, and the place of the draw that gave it; after `draws`
        come random samples and, in small spaces, everything that is left. None when nothing is."""
        kinds: tuple[Callable[[], Architecture], ...] = (*draws, lambda: self.space.sample(rng))
        for place, draw in enumerate(kinds):
            for _ in range(TRIES):
                try:
                    architecture = draw()
                except InputError:  # feasible ones are hard to come by: there are some, but none was met
                    if not self.seen:
                        raise
                    break
                if architecture.key not in self.seen and architecture.key not in taken:
                    return architecture, place
        if self.space.size() > COUNTABLE:
            return None
        left = self.remaining.first(self.seen, taken)
        return None if left is None else (left, len(draws))
