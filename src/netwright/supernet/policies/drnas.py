"""Dirichlet search: Chen et al. 2021, "DrNAS: Dirichlet Neural Architecture Search", https://arxiv.org/abs/2006.10355.

Every option is evaluated; the weights are drawn from a Dirichlet distribution whose concentrations are learnt, so that
options are tried in all proportions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.supernet.policies.differentiable import Differentiable

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class DrNAS(Differentiable):
    """See `Differentiable`."""

    name: ClassVar[str] = "drnas"

    def weights(self, preference: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        import torch
        from torch.nn import functional as F

        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(int(rng.integers(2**31)))
            drawn: Tensor = torch.distributions.Dirichlet(F.elu(preference) + 1.001).rsample()
        return drawn
