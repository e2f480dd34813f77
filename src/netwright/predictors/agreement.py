"""How far two rankings of the same things agree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def agreeing(a: Floats, b: Floats) -> Floats:
    """(N,), (N,) -> (N, N): 1 where both put two things in the same order, -1 where they do not, 0 for ties."""
    return np.asarray(np.sign(a[:, None] - a[None, :]) * np.sign(b[:, None] - b[None, :]), dtype=np.float64)


def kendall(a: Floats, b: Floats) -> float:
    """Kendall's rank correlation (tau-a) of two or more pairs.

    >>> kendall(np.array([1.0, 2.0, 3.0]), np.array([1.0, 3.0, 2.0])).__round__(2)
    0.33
    """
    return float(agreeing(a, b)[np.triu_indices(len(a), 1)].mean())
