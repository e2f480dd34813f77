"""Are two sets of outputs the same but for rounding? The one rule that every export is held to."""

from __future__ import annotations

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]

TOLERANCE = 1e-4
"""Largest absolute difference of outputs up to LARGE; of larger ones in proportion."""
LARGE = 10.0
BATCHES = (1, 7)
"""Batch sizes that every export is tried with, beside all examples at once."""


def difference(expected: Array, found: Array, unit: float = 1.0) -> float:
    """The largest absolute difference in units of `unit` (regression: the target's standard deviation).

    Where outputs are larger than LARGE units, float32 itself is coarser: the difference shrinks in proportion. Infinite
    when shapes differ or a number is not finite.

    >>> difference(np.array([1.0, 2.0]), np.array([1.0, 2.5]))
    0.5
    >>> difference(np.array([1.0]), np.array([1.0, 1.0]))
    inf
    """
    if expected.shape != found.shape:
        return float("inf")
    if not (np.isfinite(expected).all() and np.isfinite(found).all()):
        return float("inf")
    if not expected.size:
        return 0.0
    wide = expected.astype(np.float64)
    gap = float(np.abs(wide - found).max()) / unit
    return gap / max(1.0, float(np.abs(wide).max()) / unit / LARGE)


def batches(x: Array) -> list[Array]:
    """The batches to compare on: sizes 1 and 7 from the examples' beginning, then all of them."""
    return [*(np.resize(x, (size, *x.shape[1:])) for size in BATCHES), x]
