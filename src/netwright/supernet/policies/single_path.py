"""Single path, one-shot: Guo et al. 2020, "Single Path One-Shot Neural Architecture Search with Uniform Sampling",
https://arxiv.org/abs/1904.00420.

Each step trains one network, drawn at random.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.supernet.sharing import Sharing


@dataclass(frozen=True)
class SinglePath:
    """No settings."""

    name: ClassVar[str] = "spos"
    prefers: ClassVar[bool] = False

    def learn(self, net: Sharing, x: Tensor, y: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        return net.run(net.space.sample(rng), x, lambda answers: net.loss(answers, y))[1]
