"""What gradient-based policies have in common: preferences for options, learnt by gradient on held-out data.

Each step trains the preferences on a held-out batch with the weights as they are, then the weights on a training batch
(first-order bilevel optimisation: Liu et al. 2019, "DARTS", https://arxiv.org/abs/1806.09055).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.space import Decision
    from netwright.supernet.mixture import Mixture
    from netwright.supernet.sharing import Sharing


@dataclass(frozen=True)
class Differentiable:
    """rate: of the preferences' optimizer; begin: progress at which preferences begin to learn: weights come first."""

    rate: float = 0.02
    begin: float = 0.2
    name: ClassVar[str] = ""
    dense: ClassVar[bool] = True
    """Evaluates every option in each step, so that all are compared with each other."""

    def __post_init__(self) -> None:
        if self.rate <= 0 or not 0 <= self.begin < 1:
            raise InputError(f"{self.name} needs rate > 0 and begin in [0, 1)", f"got {self}")

    def learn(self, net: Sharing, x: Tensor, y: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        if progress >= self.begin:
            held, labels = net.held_out()
            net.prefer(self.mixture(net, progress, rng), held, labels, self.rate)
        return net.train_mixture(self.mixture(net, progress, rng), x, y)

    def mixture(self, net: Sharing, progress: float, rng: np.random.Generator) -> Mixture:
        """The relaxed space with the weights of one step."""
        from netwright.supernet.relaxed import options, relax

        drawn: dict[str, Tensor] = {}

        def weights(decision: Decision) -> Tensor:
            if decision.name not in drawn:
                drawn[decision.name] = self.weights(net.preference(decision.name, options(decision)), progress, rng)
            return drawn[decision.name]

        def kept(decision: Decision) -> Sequence[int]:
            return [int(place) for place in weights(decision).detach().nonzero().flatten()]

        def draw(decision: Decision) -> int:
            preference = net.preference(decision.name, options(decision)).detach()
            chances = preference.softmax(0).double().numpy()
            return int(rng.choice(len(chances), p=chances / chances.sum()))

        relaxed = relax(net.space, net.bank.signature, draw, kept)
        mixture = net.bank.mixture(relaxed)
        mixed = {name for weights in relaxed.mixes.values() for name, _ in weights}
        gated = {name for weights in relaxed.gates.values() for name, _ in weights}
        mixture.weighed = {name: weights(relaxed.decisions[name]) for name in mixed}
        for name in gated - mixed:
            chances = net.preference(name, options(relaxed.decisions[name])).softmax(0)
            mixture.weighed[name] = 1 + chances - chances.detach()
        return mixture

    def weights(self, preference: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        """The weights of a decision's options, (options,), from the preference for each; 0: not evaluated."""
        raise NotImplementedError
