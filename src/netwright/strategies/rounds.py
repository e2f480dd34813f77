"""Work in rounds, each done by all workers side by side and begun with what the last one left: how a supernet is
trained."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

from netwright.errors import InputError
from netwright.space import Architecture
from netwright.strategies.base import Problem
from netwright.trial import Fidelity, Proposal, Trial


@dataclass(frozen=True)
class Rounds:
    """Proposes `architecture` `workers` times a round, at `fidelity`; its parents are the trials of the last round that
    did not fail. A round in which all fail is the last one."""

    architecture: Architecture
    rounds: int
    workers: int = 1
    fidelity: Fidelity = Fidelity()
    name: ClassVar[str] = "rounds"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    uses_fidelity: ClassVar[bool] = True
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if min(self.rounds, self.workers) < 1:
            raise InputError(f"rounds and workers must be at least 1, got {self.rounds} and {self.workers}")

    def init(self, problem: Problem) -> RoundsState:
        return RoundsState()

    def ask(self, state: RoundsState, n: int) -> Sequence[Proposal]:
        begun, within = divmod(state.asked, self.workers)
        if within == 0 and (state.running or begun == self.rounds or (begun and not state.left)):
            return []
        label = f"round {begun + 1} of {self.rounds}"
        parents = tuple(sorted(state.left if within == 0 else state.before))
        return [Proposal(self.architecture, self.fidelity, parents, label)] * min(n, self.workers - within)

    def tell(self, state: RoundsState, trials: Sequence[Trial]) -> RoundsState:
        for trial in trials:
            if trial.status == "pending":
                if state.asked % self.workers == 0:
                    state.before, state.left = state.left, []
                state.asked += 1
                state.running.add(trial.number)
            else:
                state.running.discard(trial.number)
                if trial.status == "completed":
                    state.left.append(trial.number)
        return state


@dataclass
class RoundsState:
    """asked: proposals in all; running: trials; before, left: trials that the last and this round completed."""

    asked: int = 0
    running: set[int] = field(default_factory=set)
    before: list[int] = field(default_factory=list)
    left: list[int] = field(default_factory=list)
