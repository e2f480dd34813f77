"""A fixed list, asked in order: the promoted, the finalists with their seeds, the hand-designed baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from netwright.strategies.base import Problem
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class Listed:
    """Proposes what it is given, repeats included."""

    proposals: tuple[Proposal, ...] = ()
    name: ClassVar[str] = "listed"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    uses_fidelity: ClassVar[bool] = True
    model_based: ClassVar[bool] = False

    def init(self, problem: Problem) -> ListedState:
        return ListedState()

    def ask(self, state: ListedState, n: int) -> Sequence[Proposal]:
        return self.proposals[state.asked : state.asked + n]

    def tell(self, state: ListedState, trials: Sequence[Trial]) -> ListedState:
        state.asked += sum(trial.status == "pending" for trial in trials)
        return state


@dataclass
class ListedState:
    """asked: how many of the list are out."""

    asked: int = field(default=0)
