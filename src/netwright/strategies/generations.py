"""Generations without waiting: what the algorithms of the NSGA family share.

Children are born of the current parents at any time. Whenever as many trials as there are parents have been completed,
whoever bore them, these and the parents compete for the next places. So workers never wait for a generation to end, and
a trial that comes late competes in the next one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from netwright.errors import InputError
from netwright.strategies.memory import Memory
from netwright.trial import Trial

LEAST, MOST = 10, 100

Survival = Callable[[list[Trial], int, Trial], list[Trial]]
"""(the competitors, how many survive, the trial that ended the generation) -> the survivors."""


@dataclass
class Generations:
    """completed: how many in all; parents: survivors of the generations so far, empty in the first one; young:
    completed since the last."""

    memory: Memory
    completed: int = 0
    parents: list[Trial] = field(default_factory=list)
    young: list[Trial] = field(default_factory=list)

    def tell(self, trials: Sequence[Trial], size: int | None, survive: Survival) -> None:
        """Takes proposed and ended trials in. size: of a generation; None: a fifth of the trials completed, between
        `LEAST` and `MOST`."""
        for trial in trials:
            self.memory.note(trial)
            if not self.memory.objectives.valid(trial):
                continue
            self.completed += 1
            self.young.append(trial)
            wanted = size or min(MOST, max(LEAST, self.completed // 5))
            if len(self.young) >= wanted:
                self.parents = survive([*self.parents, *self.young], wanted, trial)
                self.young = []


def check_size(size: int | None) -> None:
    """InputError where so few cannot breed."""
    if size is not None and size < 2:
        raise InputError(f"population_size must be at least 2, got {size}")
