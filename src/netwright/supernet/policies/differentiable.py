"""What gradient-based policies have in common: preferences for options, learnt by gradient on held-out data.

Each step trains the preferences on a held-out batch with the weights as they are, then the weights on a training batch
(first-order bilevel optimisation: Liu et al. 2019, "DARTS", https://arxiv.org/abs/1806.09055).

Preferences are known to collapse to options without weights, which are quick to learn beside. There are three cures,
off by default, for every policy: `noise` (Chen & Hsieh 2020, "Stabilizing Differentiable Architecture Search via
Perturbation-based Regularization", https://arxiv.org/abs/2002.05283, by random smoothing), `dropped` and `narrowing`
(Chen et al. 2019, "Progressive Differentiable Architecture Search", https://arxiv.org/abs/1904.12760).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.supernet.costs import check_cost

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.space import Decision
    from netwright.supernet.mixture import Mixture
    from netwright.supernet.relaxed import Relaxation
    from netwright.supernet.sharing import Sharing


@dataclass(frozen=True)
class Differentiable:
    """rate: of the preferences' optimizer; begin: progress at which preferences begin to learn: weights come first;
    penalty: weight of the cost expected, by the mean cost of a random network, beside the loss; cost: which, "flops",
    "params", "activations" or "latency_ms"; noise: most that preferences are off by when weights learn, at the end of
    training; dropped: share of the options without weights that are left out when weights learn, at its begin, none at
    its end; narrowing: options drop out of training, the least preferred first, until one is left at its end."""

    rate: float = 0.02
    begin: float = 0.2
    penalty: float = 0.0
    cost: str = "flops"
    noise: float = 0.0
    dropped: float = 0.0
    narrowing: bool = False
    name: ClassVar[str] = ""
    prefers: ClassVar[bool] = True
    dense: ClassVar[bool] = True
    """Evaluates every option in each step, so that all are compared with each other."""

    def __post_init__(self) -> None:
        if self.rate <= 0 or not 0 <= self.begin < 1 or not 0 <= self.dropped < 1 or min(self.noise, self.penalty) < 0:
            wanted = "rate > 0, begin and dropped in [0, 1), noise and penalty >= 0"
            raise InputError(f"{self.name} needs {wanted}", f"got {self}")
        check_cost(self.cost)

    def learn(self, net: Sharing, x: Tensor, y: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        if progress >= self.begin:
            held, labels = net.held_out()
            self.prefer(net, self.mixture(net, progress, rng)[0], (x, y), (held, labels))
        mixture, relaxed = self.mixture(net, progress, rng, self.noise * progress)
        if self.dropped:
            self._drop(mixture, relaxed, progress, rng)
        return net.train_mixture(mixture, x, y)

    def prefer(
        self, net: Sharing, mixture: Mixture, learnt: tuple[Tensor, Tensor], held: tuple[Tensor, Tensor]
    ) -> None:
        """A step with the preferences. learnt: the batch that weights learn from; held: one that they do not."""
        net.prefer(net.judged(mixture, *held) + self.fine(net), self.rate)

    def fine(self, net: Sharing) -> Tensor | float:
        """The cost that the preferences make likely, as a part of the loss."""
        return self.penalty * net.expected_cost(self.cost) if self.penalty else 0.0

    def mixture(
        self, net: Sharing, progress: float, rng: np.random.Generator, noise: float = 0.0
    ) -> tuple[Mixture, Relaxation]:
        """The relaxed space with the weights of one step. noise: most that preferences are off by."""
        from netwright.supernet.relaxed import options, relax

        drawn: dict[str, Tensor] = {}

        def preferred(decision: Decision) -> Tensor:
            preference: Tensor = net.preference(decision.name, options(decision))
            if noise:
                preference = preference + preference.new_tensor(rng.uniform(-noise, noise, len(preference)))
            return self._left(preference, decision, progress) if self.narrowing else preference

        def weights(decision: Decision) -> Tensor:
            if decision.name not in drawn:
                drawn[decision.name] = self.weights(preferred(decision), progress, rng)
            return drawn[decision.name]

        def kept(decision: Decision) -> Sequence[int]:
            return [int(place) for place in weights(decision).detach().nonzero().flatten()]

        def draw(decision: Decision) -> int:
            preference = net.preference(decision.name, options(decision)).detach()
            chances = preference.softmax(0).double().cpu().numpy()
            return int(rng.choice(len(chances), p=chances / chances.sum()))

        relaxed = relax(net.space, net.bank.signature, draw, kept, self._parts)
        mixture = net.bank.mixture(relaxed)
        mixed = {name for weights in relaxed.mixes.values() for name, _ in weights}
        gated = {name for weights in relaxed.gates.values() for name, _ in weights}
        mixture.weighed = {name: weights(relaxed.decisions[name]) for name in mixed}
        for name in gated - mixed:
            chances = net.preference(name, options(relaxed.decisions[name])).softmax(0)
            mixture.weighed[name] = 1 + chances - chances.detach()
        return mixture, relaxed

    def _left(self, preference: Tensor, decision: Decision, progress: float) -> Tensor:
        """The preferences, -inf for options that have dropped out by now."""
        gone = max(0.0, (progress - self.begin) / (1 - self.begin))
        least = decision.k[1] if decision.kind == "subset" else 1
        count = max(least, 1, math.ceil(len(preference) - gone * (len(preference) - 1)))
        if count >= len(preference):
            return preference
        out = preference.detach().topk(len(preference) - count, largest=False).indices
        return preference.index_fill(0, out, -math.inf)

    def _drop(self, mixture: Mixture, relaxed: Relaxation, progress: float, rng: np.random.Generator) -> None:
        """Leaves some options without weights out, the others making up for it."""
        rate = self.dropped * (1 - progress)
        weighed = dict(mixture.weighed)
        for name in sorted({name for name, _ in relaxed.bare}):
            weights = weighed[name]
            assert not isinstance(weights, list)
            kept = weights.new_ones(len(weights))
            for place in sorted(place for one, place in relaxed.bare if one == name):
                kept[place] = float(rng.random() >= rate) / (1 - rate)
            weighed[name] = weights * kept
        mixture.weighed = weighed

    @property
    def _parts(self) -> int:
        """In so many, one part of the channels goes through the options."""
        return 1

    def weights(self, preference: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        """The weights of a decision's options, (options,), from the preference for each; 0: not evaluated."""
        raise NotImplementedError
