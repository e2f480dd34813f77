"""REINFORCE: Zoph & Le 2017, "Neural Architecture Search with Reinforcement Learning", https://arxiv.org/abs/1611.01578;
the policy gradient is Williams 1992.

A controller writes architectures decision by decision: autoregressive, each step conditioned on those before, as in the
paper; or factorised, each decision with chances of its own (Dong & Yang 2020, NAS-Bench-201), which needs far fewer
trials and is the default. Each completed trial moves it up the policy gradient over the last ones. Rewards are ranks
among these, their mean is the moving baseline, and an entropy bonus keeps the controller from settling early. A network
that breaks a constraint ranks behind all that break it less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.strategies.base import Problem
from netwright.strategies.memory import Memory
from netwright.strategies.policy import Policy, controller_of
from netwright.strategies.writing import Batch
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class Reinforce:
    """controller: "factorised" or "autoregressive"; learning_rate: of Adam; entropy: weight of the bonus; window: how
    many of the last trials are learnt from at each step; hidden: width of an autoregressive controller."""

    controller: str = "factorised"
    learning_rate: float = 0.1
    entropy: float = 0.05
    window: int = 25
    hidden: int = 32
    name: ClassVar[str] = "reinforce"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        controller_of(self.controller, self.hidden, self.learning_rate)
        if not (self.entropy >= 0 and self.window >= 2):
            raise InputError("reinforce needs entropy >= 0 and window >= 2", f"got {self}")

    def init(self, problem: Problem) -> Policy:
        return Policy(Memory(problem), controller_of(self.controller, self.hidden, self.learning_rate), self.window)

    def ask(self, state: Policy, n: int) -> Sequence[Proposal]:
        return state.propose(n)

    def tell(self, state: Policy, trials: Sequence[Trial]) -> Policy:
        for trial in trials:
            if state.note(trial) and len(state.recent) > 1:
                reading = state.controller.read(Batch(state.writings))
                pulls = np.repeat(state.advantages(), reading.batch.lengths)
                state.controller.climb(reading, pulls, self.entropy)
        return state
