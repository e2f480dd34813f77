"""Asynchronous successive halving: Li et al. 2020, "A System for Massively Parallel Hyperparameter Tuning" (ASHA),
https://arxiv.org/abs/1810.05934.

Whenever a worker is free, the best architecture that is among the best 1/eta of a rung and has not gone up yet goes up,
from the highest such rung; if there is none, a new one starts on the lowest. Nobody ever waits. On a ladder of one rung
this is random search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from netwright.strategies.base import Problem
from netwright.strategies.rungs import Batch, Rungs, SortedRung, reductions
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class ASHA:
    """eta: one in so many goes up a rung; None: by the ratio of the rungs' costs."""

    eta: float | None = None
    name: ClassVar[str] = "asha"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = True
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        reductions((), self.eta)

    def init(self, problem: Problem) -> ASHAState:
        return ASHAState(Rungs(problem, SortedRung), reductions(problem.fidelities, self.eta))

    def ask(self, state: ASHAState, n: int) -> Sequence[Proposal]:
        return promoted_first(state, n)

    def tell(self, state: ASHAState, trials: Sequence[Trial]) -> ASHAState:
        for trial in trials:
            state.rungs.note(trial)
        return state


@dataclass
class ASHAState:
    """reductions: one in so many goes up from each rung."""

    rungs: Rungs[Any]
    reductions: tuple[float, ...]


def promoted_first(state: ASHAState, n: int) -> list[Proposal]:
    """What can go up from the highest rung down, then new ones on the lowest."""
    batch = Batch(state.rungs, n)
    for place in reversed(range(state.rungs.top)):
        for trial in state.rungs.rungs[place].waiting(1 / state.reductions[place]):
            if batch.full:
                break
            batch.promote(place + 1, trial)
    while not batch.full and batch.draw(0):
        pass
    return batch.finish()
