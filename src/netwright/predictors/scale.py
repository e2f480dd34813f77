"""Cheap scores on one scale, whatever their units and tails."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
FARTHEST = 4.0
"""Standard deviations at which an outlier is cut."""


class Scale:
    """Standardises by what is usual. Scores that are positive are taken by their logarithm, others by the inverse
    hyperbolic sine, which does the same to both tails.

    usual: (N, S) scores of typical architectures, NaN where not known.

    >>> Scale(np.array([[1.0], [10.0], [100.0]]))(np.array([[10.0], [np.nan], [1e9]])).round(2).tolist()
    [[0.0], [0.0], [4.0]]
    """

    def __init__(self, usual: Floats) -> None:
        known = np.isfinite(usual)
        self._positive = np.where(known, usual, 1.0).min(0) > 0
        sizes = np.where(known, np.abs(usual), 0.0)
        self._typical = np.maximum(1e-12, np.where(known.any(0), _mean(sizes, known), 1.0))
        even = self._even(usual)
        self._centre = _mean(even, known)
        spread = np.sqrt(_mean((even - self._centre) ** 2, known))
        self._spread = np.where(spread > 1e-9, spread, 1.0)

    def __call__(self, scores: Floats) -> Floats:
        """(N, S) -> (N, S), 0 where not known."""
        standard = (self._even(scores) - self._centre) / self._spread
        return np.where(np.isfinite(scores), np.clip(standard, -FARTHEST, FARTHEST), 0.0)

    def _even(self, scores: Floats) -> Floats:
        known = np.where(np.isfinite(scores), scores, 0.0)
        logarithms = np.log(np.where(known > 0, known, self._typical))
        return np.asarray(np.where(self._positive, logarithms, np.arcsinh(known / self._typical)))


def _mean(values: Floats, known: NDArray[np.bool_]) -> Floats:
    """Of each column, over what is known."""
    return np.asarray(np.where(known, values, 0.0).sum(0) / np.maximum(1, known.sum(0)))
