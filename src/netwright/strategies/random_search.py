"""Random search: the control of every search (Li & Talwalkar 2019, https://arxiv.org/abs/1902.07638)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from netwright.strategies.base import Problem
from netwright.strategies.memory import Memory
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class RandomSearch:
    """Draws architectures uniformly at each decision, never one twice."""

    name: ClassVar[str] = "random"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def init(self, problem: Problem) -> Memory:
        return Memory(problem)

    def ask(self, state: Memory, n: int) -> Sequence[Proposal]:
        rng = state.generator()
        proposals: dict[str, Proposal] = {}
        for _ in range(n):
            found = state.unseen(proposals, rng)
            if found is None:
                break
            proposals[found[0].key] = Proposal(found[0], origin="random")
        return list(proposals.values())

    def tell(self, state: Memory, trials: Sequence[Trial]) -> Memory:
        for trial in trials:
            state.note(trial)
        return state
