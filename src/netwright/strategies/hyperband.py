"""Hyperband: Li et al. 2018, "Hyperband: A Novel Bandit-Based Approach to Hyperparameter Optimization",
https://arxiv.org/abs/1603.06560.

Brackets of successive halving in turn, each starting one rung higher with fewer architectures: from trusting the
cheapest fidelity most to not trusting it at all. While workers would have to wait for a rung to be complete, the next
bracket begins. On a ladder of one rung this is random search.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netwright.strategies.base import Problem
from netwright.strategies.brackets import Brackets, Plan, plan
from netwright.strategies.rungs import Rungs, SortedRung, reductions
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class Hyperband:
    """eta: one in so many goes up a rung; None: by the ratio of the rungs' costs."""

    eta: float | None = None
    name: ClassVar[str] = "hyperband"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = True
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        reductions((), self.eta)

    def init(self, problem: Problem) -> Brackets:
        return Brackets(Rungs(problem, SortedRung), cycle(reductions(problem.fidelities, self.eta)))

    def ask(self, state: Brackets, n: int) -> Sequence[Proposal]:
        return state.ask(n)

    def tell(self, state: Brackets, trials: Sequence[Trial]) -> Brackets:
        for trial in trials:
            state.note(trial)
        return state


def cycle(steps: Sequence[float]) -> tuple[Plan, ...]:
    """One bracket from each rung up, each of about the same cost.

    >>> [(one.lowest, one.sizes) for one in cycle([3.0, 3.0])]
    [(0, (9, 3, 1)), (1, (5, 1)), (2, (3,))]
    """
    rungs = len(steps) + 1
    return tuple(
        plan(lowest, math.ceil(rungs / (rungs - lowest) * math.prod(steps[lowest:]) - 1e-9), steps)
        for lowest in range(rungs)
    )
