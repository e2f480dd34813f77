"""PPO: Schulman et al. 2017, "Proximal Policy Optimization Algorithms", https://arxiv.org/abs/1707.06347; for networks
Zoph et al. 2018, "Learning Transferable Architectures for Scalable Image Recognition", https://arxiv.org/abs/1707.07012.

The controllers of REINFORCE (see `reinforce`), moved less often and further: whenever some new trials are completed,
several passes over the last ones in small batches climb the clipped surrogate. In it a step of a path counts only as
long as its probability has not moved further from what it was than a given share.
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
class PPO:
    """controller: "factorised" or "autoregressive"; every: completed trials between updates; window: how many of the
    last trials an update learns from; epochs: passes over them; batch_size: trials of a step of Adam; clip: how far a
    probability may move in an update, as a share; learning_rate: of Adam; entropy: weight of the bonus; hidden: width
    of an autoregressive controller."""

    controller: str = "factorised"
    every: int = 5
    window: int = 25
    epochs: int = 4
    batch_size: int = 25
    clip: float = 0.2
    learning_rate: float = 0.1
    entropy: float = 0.05
    hidden: int = 32
    name: ClassVar[str] = "ppo"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        controller_of(self.controller, self.hidden, self.learning_rate)
        if min(self.every, self.epochs, self.batch_size) < 1 or self.window < 2:
            raise InputError("ppo needs every, epochs and batch_size of at least 1, window >= 2", f"got {self}")
        if not (self.clip > 0 and self.entropy >= 0):
            raise InputError("ppo needs clip > 0 and entropy >= 0", f"got {self}")

    def init(self, problem: Problem) -> Policy:
        return Policy(Memory(problem), controller_of(self.controller, self.hidden, self.learning_rate), self.window)

    def ask(self, state: Policy, n: int) -> Sequence[Proposal]:
        return state.propose(n)

    def tell(self, state: Policy, trials: Sequence[Trial]) -> Policy:
        for trial in trials:
            if state.note(trial) and state.noted % self.every == 0 and len(state.recent) > 1:
                self._update(state, state.memory.lots(trial))
        return state

    def _update(self, state: Policy, rng: np.random.Generator) -> None:
        writings, controller, advantages = state.writings, state.controller, state.advantages()
        whole = Batch(writings)
        before = np.split(controller.read(whole).taken, np.cumsum(whole.lengths)[:-1])
        for _ in range(self.epochs):
            order = rng.permutation(len(writings)).tolist()
            for start in range(0, len(order), self.batch_size):
                places = order[start : start + self.batch_size]
                reading = controller.read(Batch([writings[place] for place in places]))
                ratio = np.exp(reading.taken - np.concatenate([before[place] for place in places]))
                pulls = surrogate(ratio, np.repeat(advantages[places], reading.batch.lengths), self.clip)
                controller.climb(reading, pulls, self.entropy)


def surrogate(ratio: np.ndarray, advantage: np.ndarray, clip: float) -> np.ndarray:
    """The derivative of min(ratio * advantage, clipped ratio * advantage) by the logarithm of the probability.

    >>> surrogate(np.array([1.1, 1.3, 1.3]), np.array([1.0, 1.0, -1.0]), 0.2).tolist()
    [1.1, 0.0, -1.3]
    """
    clipped = np.where(advantage > 0, ratio > 1 + clip, ratio < 1 - clip)
    return np.where(clipped, 0.0, ratio * advantage)
