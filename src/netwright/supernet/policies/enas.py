"""Reinforcement learning over shared weights: Pham et al. 2018, "Efficient Neural Architecture Search via Parameter
Sharing", https://arxiv.org/abs/1802.03268.

A controller draws networks: the weights learn in one of them, and the controller from how well some of them answer on
held-out data, by REINFORCE (Williams 1992), each judged against the mean of the others. The controller here is a
preference for each option of each decision, instead of a recurrent network.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.space import Architecture
    from netwright.supernet.sharing import Sharing


@dataclass(frozen=True)
class ENAS:
    """paths: networks that are judged in a step; rate: of the controller's optimizer; begin: progress at which it
    begins to learn: weights come first; entropy: weight of the bonus for staying undecided."""

    paths: int = 4
    rate: float = 0.02
    begin: float = 0.2
    entropy: float = 1e-3
    name: ClassVar[str] = "enas"
    prefers: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.paths < 2 or self.rate <= 0 or not 0 <= self.begin < 1 or self.entropy < 0:
            raise InputError("enas needs paths >= 2, rate > 0, begin in [0, 1), entropy >= 0", f"got {self}")

    def learn(self, net: Sharing, x: Tensor, y: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        if progress >= self.begin:
            self._reinforce(net, rng)
        return net.run(self._drawn(net, rng), x, lambda answers: net.loss(answers, y))[1]

    def _drawn(self, net: Sharing, rng: np.random.Generator) -> Architecture:
        from netwright.supernet.derive import Derivation

        return net.space.decided(Derivation(net.bank, rng).decide, rng)

    def _reinforce(self, net: Sharing, rng: np.random.Generator) -> None:
        from netwright.supernet.derive import likelihood
        from netwright.supernet.relaxed import options

        x, y = net.held_out()
        drawn = [self._drawn(net, rng) for _ in range(self.paths)]
        rewards = np.array([-float(net.loss(net.answers(one, x), y)) for one in drawn])
        edges = (rewards - rewards.mean()) * len(rewards) / (len(rewards) - 1)
        scale = float(rewards.std()) or 1.0
        for decision in (decision for one in drawn for decision in one.decisions.values()):
            net.preference(decision.name, options(decision))
        loss = sum(-edge / scale * likelihood(net.bank, one) for edge, one in zip(edges, drawn, strict=True))
        net.prefer((loss - self.entropy * self._undecided(net)) / self.paths, self.rate)

    def _undecided(self, net: Sharing) -> Tensor:
        """The entropy of the controller: scalar."""
        import torch

        every = [preference.log_softmax(0) for preference in net.bank.preferences.values()] or [torch.zeros(1)]
        return -torch.stack([(logs.exp() * logs).sum() for logs in every]).sum()
