"""A Gaussian process over several descriptions of a thing (Rasmussen & Williams 2006,
http://gaussianprocess.org/gpml/).

The kernel is a weighed sum of one for each part, such as decisions, graph and cheap scores, so the data decide how much
each tells. Weights, length scales and noise are chosen by marginal likelihood, by a search over a coarse grid from a
prior: as good as descent at the sizes of a search, and it cannot fail.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
JITTER = 1e-6
SWEEPS = 2
SHARES = (0.0, 0.15, 0.4, 0.7)
REACHES = (0.25, 0.5, 1.0, 2.0, 4.0)
NOISES = (0.01, 0.03, 0.1, 0.3)
LIKELY_REACH, REACH_SPREAD = 1.0, 1.0
LIKELY_NOISE, NOISE_SPREAD = 0.1, 1.5
"""Most likely beforehand, and how far from it (in logarithms) is still usual."""


@dataclass(frozen=True)
class Settings:
    """weights: share of the variance that each part explains, 1 in all; reaches: length scales, the squared distance
    over which likeness falls to 1/e, in units of the mean one; noise: variance of the measurements beside it."""

    weights: tuple[float, ...]
    reaches: tuple[float, ...]
    noise: float

    @classmethod
    def prior(cls, parts: int) -> Settings:
        return cls((1 / parts,) * parts, (LIKELY_REACH,) * parts, LIKELY_NOISE)


@dataclass
class Posterior:
    """What is believed of M things together: mean (M,) and covariance (M, M) without the noise; noise: variance of one
    measurement."""

    mean: Floats
    covariance: Floats
    noise: float

    @property
    def deviation(self) -> Floats:
        """(M,)"""
        return np.asarray(np.sqrt(np.maximum(1e-12, np.diag(self.covariance))))

    def told(self) -> Floats:
        """(M,) How much of the doubt about all of them a measurement of each would take."""
        return np.asarray((self.covariance**2).sum(0) / (np.diag(self.covariance) + self.noise))

    def expect(self, place: int) -> None:
        """As if this one had been measured and were what is believed: the mean stays, the doubt about it and what is
        like it goes (the "kriging believer")."""
        column = self.covariance[:, place].copy()
        self.covariance -= np.outer(column, column / (column[place] + self.noise))


class GaussianProcess:
    """parts: one array (N, width) each; values: (N,), finite; settings: None chooses them.

    >>> x = np.linspace(0, 1, 20)[:, None]
    >>> model = GaussianProcess([x], x[:, 0] ** 2)
    >>> bool(abs(model.predict([np.array([[0.5]])])[0][0] - 0.25) < 0.05)
    True
    """

    def __init__(self, parts: Sequence[Floats], values: Floats, settings: Settings | None = None) -> None:
        self.mean, self.deviation = float(values.mean()), max(1e-12, float(values.std()))
        targets = (values - self.mean) / self.deviation
        self._parts = tuple(parts)
        distances = [_distances(part, part) for part in parts]
        self._spans = [max(1e-12, float(distance.mean())) for distance in distances]
        near = [distance / span for distance, span in zip(distances, self._spans, strict=True)]
        self.settings = _chosen(near, targets) if settings is None else settings
        lower = _factor(_kernel(near, self.settings), self.settings.noise)
        self._whiten = np.linalg.inv(lower)
        self._alpha = self._whiten.T @ (self._whiten @ targets)

    def predict(self, parts: Sequence[Floats]) -> tuple[Floats, Floats]:
        """Mean and standard deviation of the value, without the noise of measuring it; (M,) each."""
        across = self._across(parts)
        left = np.maximum(1e-12, 1 - ((self._whiten @ across.T) ** 2).sum(0))
        return self.mean + self.deviation * (across @ self._alpha), self.deviation * np.sqrt(left)

    def posterior(self, parts: Sequence[Floats]) -> Posterior:
        """Of (M, width) each."""
        across = self._across(parts)
        explained = self._whiten @ across.T
        near = [_distances(part, part) / span for part, span in zip(parts, self._spans, strict=True)]
        covariance = _kernel(near, self.settings) - explained.T @ explained
        scale = self.deviation**2
        mean = self.mean + self.deviation * (across @ self._alpha)
        return Posterior(mean, scale * covariance, scale * self.settings.noise)

    def _across(self, parts: Sequence[Floats]) -> Floats:
        """(M, N) likeness to what was measured."""
        every = zip(parts, self._parts, self._spans, strict=True)
        return _kernel([_distances(new, known) / span for new, known, span in every], self.settings)


def _distances(a: Floats, b: Floats) -> Floats:
    """Squared Euclidean distances, (len(a), len(b))."""
    squares = (a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2 * a @ b.T
    return np.asarray(np.maximum(0.0, squares))


def _kernel(distances: Sequence[Floats], settings: Settings) -> Floats:
    """distances: of each part, in units of its mean."""
    total = np.zeros(distances[0].shape)
    for distance, weight, reach in zip(distances, settings.weights, settings.reaches, strict=True):
        if weight:
            total += weight * np.exp(-distance / reach)
    return total


def _factor(kernel: Floats, noise: float) -> Floats:
    """The Cholesky factor of the kernel with the noise of measuring."""
    return np.asarray(np.linalg.cholesky(kernel + (noise + JITTER) * np.eye(len(kernel))))


def _chosen(distances: Sequence[Floats], targets: Floats) -> Settings:
    """The most likely settings that steps of one setting at a time lead to: from what is usual, and from a smooth
    function that was measured exactly, because noise explains everything a little and is hard to leave."""

    likeness = cache(lambda part, reach: np.exp(-distances[part] / reach))

    def worth(settings: Settings) -> float:
        kernel = np.zeros(distances[0].shape)
        for part, (weight, reach) in enumerate(zip(settings.weights, settings.reaches, strict=True)):
            if weight:
                kernel += weight * likeness(part, reach)
        return _evidence(kernel, targets, settings.noise) - _surprise(settings)

    usual = Settings.prior(len(distances))
    exact = replace(usual, reaches=(REACHES[-1],) * len(distances), noise=NOISES[0])
    return max((_climbed(start, worth) for start in (usual, exact)), key=worth)


def _climbed(best: Settings, worth: Callable[[Settings], float]) -> Settings:
    most = worth(best)
    for _ in range(SWEEPS):
        before = best
        for step in _steps(len(best.reaches)):
            other = step(best)
            if other != best and (value := worth(other)) > most:
                best, most = other, value
        if best == before:
            break
    return best


def _steps(parts: int) -> Iterator[Callable[[Settings], Settings]]:
    """Each setting to each of its values."""
    for part in range(parts):
        if parts > 1:
            yield from (partial(_shared, part=part, share=share) for share in SHARES)
        yield from (partial(_reaching, part=part, reach=reach) for reach in REACHES)
    yield from (partial(replace, noise=noise) for noise in NOISES)


def _shared(settings: Settings, part: int, share: float) -> Settings:
    """With this share for the part; the others keep their proportions."""
    rest = 1 - settings.weights[part]
    parts = len(settings.weights)
    weights = [(1 - share) * (weight / rest if rest > 0 else 1 / (parts - 1)) for weight in settings.weights]
    weights[part] = share
    return replace(settings, weights=tuple(weights))


def _reaching(settings: Settings, part: int, reach: float) -> Settings:
    if not settings.weights[part]:
        return settings
    reaches = (*settings.reaches[:part], reach, *settings.reaches[part + 1 :])
    return replace(settings, reaches=reaches)


def _surprise(settings: Settings) -> float:
    """How unlikely the settings are beforehand, as a negative log likelihood."""
    away = [math.log(reach / LIKELY_REACH) for reach in settings.reaches]
    return (
        0.5 * sum(step**2 for step in away) / REACH_SPREAD**2
        + 0.5 * (math.log(settings.noise / LIKELY_NOISE) / NOISE_SPREAD) ** 2
    )


def _evidence(kernel: Floats, targets: Floats, noise: float) -> float:
    """Log marginal likelihood, up to a constant. The targets are whitened by the factor's own steps, as its last
    row."""
    count = len(targets)
    whole = np.empty((count + 1, count + 1))
    whole[:count, :count] = kernel
    whole[count, :count] = whole[:count, count] = targets
    whole.flat[:: count + 2] += noise + JITTER
    whole[count, count] = 1.0 + targets @ targets / (noise + JITTER)
    lower = np.linalg.cholesky(whole)
    white = lower[count, :count]
    return float(-0.5 * white @ white - np.log(np.diag(lower)[:count]).sum())


def prior(parts: Sequence[Floats]) -> Posterior:
    """What is believed of (M, width) each before anything is measured, by how alike they are."""
    distances = [_distances(part, part) for part in parts]
    near = [distance / max(1e-12, float(distance.mean())) for distance in distances]
    settings = Settings.prior(len(near))
    return Posterior(np.zeros(len(near[0])), _kernel(near, settings), settings.noise)


def below(values: Floats) -> Floats:
    """The chance of a standard normal variable to be below each of these, to four digits (Abramowitz & Stegun 1964,
    26.2.17).

    >>> below(np.array([-40.0, 0.0, 1.96])).round(3).tolist()
    [0.0, 0.5, 0.975]
    """
    t = 1 / (1 + 0.2316419 * np.abs(values))
    series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))))
    upper = density(values) * series
    return np.asarray(np.where(values > 0, 1 - upper, upper))


def density(values: Floats) -> Floats:
    """Of the standard normal distribution."""
    return np.asarray(np.exp(-0.5 * np.minimum(values**2, 1400.0)) / math.sqrt(2 * math.pi))


def improvement(best: float, posterior: Posterior) -> Floats:
    """(M,) By how much each is expected to fall below the best (Jones, Schonlau & Welch 1998)."""
    deviation = posterior.deviation
    standard = (best - posterior.mean) / deviation
    return np.asarray(deviation * np.maximum(0.0, standard * below(standard) + density(standard)))
