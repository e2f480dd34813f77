"""Stochastic search: Xie et al. 2019, "SNAS: Stochastic Neural Architecture Search", https://arxiv.org/abs/1812.09926.

Every option is evaluated, and weighed by a soft draw that hardens as training goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.supernet.policies.differentiable import Differentiable
from netwright.supernet.policies.gumbel import gumbel, temperature

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class SNAS(Differentiable):
    """temperatures: of the draw, at the start and at the end."""

    temperatures: tuple[float, float] = (2.0, 0.2)
    name: ClassVar[str] = "snas"

    def weights(self, preference: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        return (gumbel(preference, rng) / temperature(self.temperatures, progress)).softmax(0)
