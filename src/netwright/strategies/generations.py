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

Survival = Callable[[list[Trial], int, Trial], list[Trial]]
"""(the competitors, how many survive, the trial that ended the generation) -> the survivors."""


@dataclass
class Generations:
    """parents: survivors of the generations so far, empty in the first one; young: completed since the last."""

    memory: Memory
    parents: list[Trial] = field(default_factory=list)
    young: list[Trial] = field(default_factory=list)

    def tell(self, trials: Sequence[Trial], size: int, survive: Survival) -> None:
        """Takes proposed and ended trials in. size: of a generation."""
        for trial in trials:
            self.memory.note(trial)
            if not self.memory.objectives.valid(trial):
                continue
            self.young.append(trial)
            if len(self.young) >= size:
                self.parents = survive([*self.parents, *self.young], size, trial)
                self.young = []


def check_size(size: int) -> None:
    """InputError where so few cannot breed."""
    if size < 2:
        raise InputError(f"population_size must be at least 2, got {size}")
