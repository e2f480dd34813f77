"""Successive halving: Jamieson & Talwalkar 2016, "Non-stochastic Best Arm Identification and Hyperparameter
Optimization", https://arxiv.org/abs/1502.07943.

Many architectures get the cheapest fidelity, the best 1/eta of them the next one, and so on up to the full one; then
the next such bracket. While workers would have to wait for a rung to be complete, the next bracket begins. On a ladder
of one rung this is random search.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netwright.errors import InputError
from netwright.strategies.base import Problem
from netwright.strategies.brackets import Brackets, plan
from netwright.strategies.rungs import Rungs, SortedRung, reductions
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class SuccessiveHalving:
    """eta: one in so many goes up a rung; None: by the ratio of the rungs' costs; size: architectures in a bracket;
    None: as many as leave one for the full fidelity."""

    eta: float | None = None
    size: int | None = None
    name: ClassVar[str] = "successive-halving"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = True
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        reductions((), self.eta)
        if self.size is not None and self.size < 1:
            raise InputError(f"size must be at least 1, got {self.size}")

    def init(self, problem: Problem) -> Brackets:
        steps = reductions(problem.fidelities, self.eta)
        size = self.size or math.ceil(math.prod(steps) - 1e-9)
        return Brackets(Rungs(problem, SortedRung), (plan(0, size, steps),))

    def ask(self, state: Brackets, n: int) -> Sequence[Proposal]:
        return state.ask(n)

    def tell(self, state: Brackets, trials: Sequence[Trial]) -> Brackets:
        for trial in trials:
            state.note(trial)
        return state
