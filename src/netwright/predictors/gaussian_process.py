"""A Gaussian process over decisions and cheap scores (Rasmussen & Williams 2006, http://gaussianprocess.org/gpml/).

The kernel is a mixture of one over the decisions and one over the scores, so the data decide how much the scores, such
as the number of parameters, tell about quality. Its few settings are chosen by marginal likelihood from a grid: as good
as descent at the sizes of a search, and it cannot fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MOST, MOST_TUNED = 400, 150
"""Observations that a prediction stands on, and that the settings are chosen on."""


class Settings(NamedTuple):
    """scores: weight of the kernel over the scores against that over the decisions; reach: length scales of the two, in
    units of the data's own spread; noise: share of the variance that is chance."""

    scores: float
    reach: tuple[float, float]
    noise: float


REACHES = (0.7, 1.5, 4.0)
GRID = [
    Settings(scores, (decisions, of_scores), noise)
    for scores, decisions, of_scores, noise in product((0.0, 0.3, 0.7), REACHES, (0.7, 2.0), (0.05, 0.2, 0.5))
]


@dataclass(frozen=True)
class GaussianProcess:
    """Fitted to observations; see `fit`."""

    settings: Settings
    decisions: Floats
    scores: Floats
    centre: Floats
    spread: Floats
    span: float
    lower: Floats
    alpha: Floats
    mean: float
    deviation: float

    @classmethod
    def fit(
        cls, decisions: Floats, scores: Floats, values: Floats, settings: Settings | None = None
    ) -> GaussianProcess:
        """decisions: (N, D); scores: (N, S), NaN where not known, S may be 0; values: (N,), finite, what is predicted.

        settings: None chooses them. Of more than 400 observations the last ones count.

        >>> x = np.linspace(0, 1, 20)[:, None]
        >>> model = GaussianProcess.fit(x, np.empty((20, 0)), x[:, 0] ** 2)
        >>> bool(abs(model.predict(np.array([[0.5]]), np.empty((1, 0)))[0][0] - 0.25) < 0.05)
        True
        """
        decisions, scores, values = decisions[-MOST:], scores[-MOST:], values[-MOST:]
        centre, spread = _standards(scores)
        known = np.nan_to_num((scores - centre) / spread)
        span = max(1e-12, float(_distances(decisions, decisions).mean()))
        mean, deviation = float(values.mean()), max(1e-12, float(values.std()))
        targets = (values - mean) / deviation
        if settings is None:
            tuned = slice(-MOST_TUNED, None)
            settings = _choose(decisions[tuned], known[tuned], targets[tuned], span)
        kernel = _kernel(settings, span, (decisions, known), (decisions, known))
        lower = _factor(kernel, settings.noise)
        alpha = np.asarray(np.linalg.solve(lower.T, np.linalg.solve(lower, targets)), dtype=np.float64)
        return cls(settings, decisions, known, centre, spread, span, lower, alpha, mean, deviation)

    def predict(self, decisions: Floats, scores: Floats) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the value, without the noise of measuring it; (M,) each."""
        known = np.nan_to_num((scores - self.centre) / self.spread)
        share = 1 - self.settings.noise
        across = share * _kernel(self.settings, self.span, (decisions, known), (self.decisions, self.scores))
        explained = (np.linalg.solve(self.lower, across.T) ** 2).sum(axis=0)
        deviation = np.sqrt(np.maximum(1e-12, share - explained))
        return self.mean + self.deviation * (across @ self.alpha), self.deviation * deviation


def _standards(scores: Floats) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each score where it is known."""
    known = np.isfinite(scores)
    count = np.maximum(1, known.sum(axis=0))
    centre = np.where(known, scores, 0.0).sum(axis=0) / count
    spread = np.sqrt((np.where(known, scores - centre, 0.0) ** 2).sum(axis=0) / count)
    return centre, np.where(spread > 1e-9, spread, 1.0)


def _distances(a: Floats, b: Floats) -> Floats:
    """Squared Euclidean distances, (len(a), len(b))."""
    squares = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None, :] - 2 * a @ b.T
    return np.asarray(np.maximum(0.0, squares), dtype=np.float64)


def _kernel(settings: Settings, span: float, a: tuple[Floats, Floats], b: tuple[Floats, Floats]) -> Floats:
    weight = settings.scores if a[1].shape[1] else 0.0
    kernel = (1 - weight) * np.exp(-_distances(a[0], b[0]) / (span * settings.reach[0]))
    if weight:
        kernel += weight * np.exp(-_distances(a[1], b[1]) / (2 * a[1].shape[1] * settings.reach[1] ** 2))
    return np.asarray(kernel, dtype=np.float64)


def _factor(kernel: Floats, noise: float) -> Floats:
    """The Cholesky factor of the kernel with the noise of measuring."""
    return np.asarray(np.linalg.cholesky((1 - noise) * kernel + noise * np.eye(len(kernel))), dtype=np.float64)


def _choose(decisions: Floats, scores: Floats, targets: Floats, span: float) -> Settings:
    """The settings of the grid with the highest marginal likelihood."""
    grid = GRID if scores.shape[1] else [one for one in GRID if one.scores == 0.0 and one.reach[1] == GRID[0].reach[1]]
    pair = decisions, scores
    return max(grid, key=lambda one: _evidence(_kernel(one, span, pair, pair), targets, one.noise))


def _evidence(kernel: Floats, targets: Floats, noise: float) -> float:
    """Log marginal likelihood, up to a constant."""
    lower = _factor(kernel, noise)
    white = np.linalg.solve(lower, targets)
    return float(-0.5 * white @ white - np.log(np.diag(lower)).sum())
