"""What every strategy remembers: which networks are out or measured, so that none is proposed twice."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Container
from dataclasses import dataclass, field

import numpy as np

from netwright.objectives import Objectives
from netwright.space import Architecture, Space
from netwright.strategies.base import generator
from netwright.trial import Trial

TRIES = 30
"""Draws of a kind before the next kind is tried."""
COUNTABLE = 50_000
"""Spaces up to this size are searched through for what is still unseen."""


@dataclass
class Memory:
    """seen: keys of all networks proposed; asked: their number, the random generator's counter."""

    space: Space
    objectives: Objectives
    seed: int
    asked: int = 0
    seen: set[str] = field(default_factory=set)

    def note(self, trial: Trial) -> None:
        if trial.status == "pending":
            self.asked += 1
            self.seen.add(trial.key)

    def generator(self) -> np.random.Generator:
        return generator(self.seed, self.asked)

    def unseen(
        self, taken: Container[str], rng: np.random.Generator, *draws: Callable[[], Architecture]
    ) -> tuple[Architecture, int] | None:
        """An architecture that is neither seen nor in `taken`, and the place of the draw that gave it; after `draws`
        come random samples and, in small spaces, everything that is left. None when nothing is."""
        kinds = (*draws, lambda: self.space.sample(rng))
        for place, draw in enumerate(kinds):
            for _ in range(TRIES):
                architecture = draw()
                if architecture.key not in self.seen and architecture.key not in taken:
                    return architecture, place
        return self._remaining(taken, len(draws))

    def _remaining(self, taken: Container[str], place: int) -> tuple[Architecture, int] | None:
        if self.space.size() > COUNTABLE:
            return None
        left = (a for a in self.space.enumerate() if a.key not in self.seen and a.key not in taken)
        return next(((a, place) for a in itertools.islice(left, 1)), None)
