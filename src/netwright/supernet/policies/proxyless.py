"""Binary gates: Cai et al. 2019, "ProxylessNAS: Direct Neural Architecture Search on Target Task and Hardware",
https://arxiv.org/abs/1812.00332.

Two options of each decision are drawn and compared with each other; the others are not evaluated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.supernet.policies.differentiable import Differentiable
from netwright.supernet.policies.gumbel import gumbel

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Proxyless(Differentiable):
    """See `Differentiable`."""

    name: ClassVar[str] = "proxyless"
    dense: ClassVar[bool] = False

    def weights(self, preference: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        two = gumbel(preference.detach(), rng).topk(min(2, len(preference))).indices
        return preference.new_zeros(len(preference)).scatter(0, two, preference[two].softmax(0))
