"""Architectures as vectors for predictors: their decisions, and what is known of them before training."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from netwright.space import Architecture, Space

Floats = NDArray[np.float64]


class Features:
    """space: gives the one-hot encoding; scores: cheap scores by name, the same names always (None: there are none).

    A memo by key makes asking again free: within a search the same architectures come up often.
    """

    def __init__(self, space: Space, scores: Callable[[Architecture], Mapping[str, float]] | None = None) -> None:
        self._space, self._scores = space, scores
        self._known: dict[str, tuple[Floats, Floats]] = {}

    def __call__(self, architecture: Architecture) -> tuple[Floats, Floats]:
        """(decisions (D,), scores (S,)): one-hot, and the logarithm of positive scores; NaN where a score is not known.

        >>> from netwright.space import Space, choice, op
        >>> space = Space(op("conv", kernel=choice(1, 3, 5)), "tiny")
        >>> [part.round(2).tolist() for part in Features(space, lambda _: {"params": 100.0})(space.architecture({}))]
        [[1.0, 0.0, 0.0], [4.61]]
        """
        known = self._known.get(architecture.key)
        if known is None:
            decisions = self._space.encode(architecture, "one-hot").astype(np.float64)
            known = self._known[architecture.key] = decisions, self._logarithms(architecture)
        return known

    def _logarithms(self, architecture: Architecture) -> Floats:
        if self._scores is None:
            return np.empty(0)
        values = np.array([float(value) for value in self._scores(architecture).values()])
        values[~np.isfinite(values)] = np.nan
        return np.where(values > 0, np.log(np.where(values > 0, values, 1.0)), values)
