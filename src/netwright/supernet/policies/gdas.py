"""Gradient-based search with a sampler: Dong & Yang 2019, "Searching for A Robust Neural Architecture in Four GPU
Hours", https://arxiv.org/abs/1910.04465.

One option of each decision is drawn by the Gumbel trick and evaluated; the gradient passes to the preferences as if the
draw had been soft.
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
class GDAS(Differentiable):
    """temperatures: of the soft draw, at the start and at the end."""

    temperatures: tuple[float, float] = (10.0, 0.1)
    name: ClassVar[str] = "gdas"
    dense: ClassVar[bool] = False

    def weights(self, preference: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        soft = (gumbel(preference, rng) / temperature(self.temperatures, progress)).softmax(0)
        hard = soft.detach() == soft.detach().max()
        return hard * (1 + soft - soft.detach())
