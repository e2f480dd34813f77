"""Draws from a categorical distribution that gradients pass through (Jang et al. 2017, "Categorical Reparameterization
with Gumbel-Softmax", https://arxiv.org/abs/1611.01144)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


def gumbel(preference: Tensor, rng: np.random.Generator) -> Tensor:
    """Log-probabilities with Gumbel noise: the largest is a fair draw."""
    return preference.log_softmax(0) + preference.new_tensor(rng.gumbel(size=len(preference)))


def temperature(ends: tuple[float, float], progress: float) -> float:
    """From the first to the second, on a straight line."""
    return ends[0] + (ends[1] - ends[0]) * progress
