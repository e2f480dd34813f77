"""Progressive shrinking: Cai et al. 2020, "Once-for-All: Train One Network and Specialize it for Efficient Deployment",
https://arxiv.org/abs/1908.09791.

First the largest network is trained alone. Then kernels (and types of layers) may become smaller, then depths, then
widths: each step trains some networks of what is open by then, on the labels and on what the largest answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture, Decision

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.space.decision import Value
    from netwright.supernet.sharing import Sharing

DEPTHS = ("times",)
WIDTHS = ("channels", "expansion", "ratio", "units", "groups", "reduction")


@dataclass(frozen=True)
class ProgressiveShrinking:
    """paths: networks a step once shrinking has begun; opened: progress at which kernels, depths and widths open;
    distilled: weight of the largest network's answers beside the labels."""

    paths: int = 2
    opened: tuple[float, float, float] = (0.3, 0.45, 0.6)
    distilled: float = 0.5
    name: ClassVar[str] = "ofa"
    prefers: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.paths < 1 or not 0 <= self.distilled <= 1 or list(self.opened) != sorted(self.opened):
            raise InputError("ofa needs paths >= 1, opened rising, distilled between 0 and 1", f"got {self}")

    def learn(self, net: Sharing, x: Tensor, y: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        if progress < self.opened[0]:
            return net.run(net.largest, x, lambda answers: net.loss(answers, y))[1]
        teacher = net.answers(net.largest, x)

        def loss(answers: Tensor) -> Tensor:
            labels, soft = net.loss(answers, y), net.loss.distilled(answers, teacher)
            return (1 - self.distilled) * labels + self.distilled * soft

        return net.run_each((self.drawn(net, progress, rng) for _ in range(self.paths)), x, loss)

    def drawn(self, net: Sharing, progress: float, rng: np.random.Generator) -> Architecture:
        """A random network of what is open at that progress; whatever is not is as in the largest."""
        whole = net.largest.choices

        def decide(decision: Decision) -> Value:
            if progress < self.opened[stage(decision)] and decision.name in whole:
                return whole[decision.name]
            return decision.sample(rng)

        return net.space.decided(decide, rng)


def stage(decision: Decision) -> int:
    """At which of the three openings a decision opens."""
    last = decision.name.replace(".", "/").rsplit("/", 1)[-1]
    if last in DEPTHS or decision.options == (False, True):
        return 1
    return 2 if last in WIDTHS else 0
