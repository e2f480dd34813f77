"""What is measured, as predictors take it best."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FARTHEST = 3.0


def tamed(values: Floats) -> Floats:
    """(N,) Without outliers: a network that failed to learn tells no more than that it is bad.

    >>> tamed(np.array([1.0, 2.0, 3.0, 1e9])).round(1).tolist()[:3]
    [1.0, 2.0, 3.0]
    """
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    reach = FARTHEST * min(high - middle, middle - low) or FARTHEST * max(high - middle, middle - low)
    return np.clip(values, middle - reach, middle + reach) if reach > 0 else values


def even(values: Floats) -> Floats:
    """(N,) Halfway between the values, standardised and tamed, and the normal scores of their ranks: what is best stays
    apart, what is hopeless no longer fills the scale.

    >>> even(np.array([0.0, 1.0, 2.0])).round(2).tolist()
    [-1.1, 0.0, 1.1]
    """
    kept = tamed(values)
    standard = (kept - kept.mean()) / max(1e-12, float(kept.std()))
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - counts / 2) / len(values)
    normal = np.array([NormalDist().inv_cdf(rank) for rank in ranks])[inverse]
    return np.asarray((standard + normal) / 2)
