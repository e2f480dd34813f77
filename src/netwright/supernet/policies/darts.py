"""Differentiable architecture search: Liu et al. 2019, "DARTS: Differentiable Architecture Search",
https://arxiv.org/abs/1806.09055 (first order).

Every option is evaluated, and weighed by the softmax of the preferences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.supernet.policies.differentiable import Differentiable

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class DARTS(Differentiable):
    """See `Differentiable`."""

    name: ClassVar[str] = "darts"

    def weights(self, preference: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        return preference.softmax(0)
