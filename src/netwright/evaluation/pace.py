"""How fast a network trains on this machine, foretold from its size.

Seconds an example = a * FLOPs + b * activations: arithmetic and memory traffic, with a and b fitted to a few networks
that were timed. FLOPs alone mislead by an order of magnitude: depthwise convolutions have few and are slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netwright.operations import Analysis


@dataclass(frozen=True)
class Pace:
    """Seconds a training example takes, for each FLOP and each activation (element that a convolution or a linear layer
    puts out)."""

    flop_s: float
    activation_s: float
    starting_s: float = 0.0

    def seconds(self, size: Analysis) -> float:
        """Of one training example."""
        return self.flop_s * size.flops + self.activation_s * size.activations


def fit(measured: Sequence[tuple[float, float, float]]) -> Pace:
    """Least squares of the relative error over (seconds, flops, activations); neither factor is negative.

    >>> fit([(3e-4, 1e7, 1e5), (2e-4, 1e7, 0), (1.1e-4, 5e6, 1e4)])
    Pace(flop_s=2e-11, activation_s=1e-09, starting_s=0.0)
    """
    table = np.array(measured)
    shares = table[:, 1:] / table[:, :1]
    factors = np.linalg.lstsq(shares, np.ones(len(table)), rcond=None)[0]
    if factors.min() < 0:
        kept = int(factors.argmax())
        alone = shares[:, kept].sum() / (shares[:, kept] ** 2).sum()
        factors = np.where(np.arange(2) == kept, alone, 0.0)
    return Pace(*(float(f"{factor:.4g}") for factor in factors))
