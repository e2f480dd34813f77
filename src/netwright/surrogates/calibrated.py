"""A surrogate with intervals that hold: how wrong it was about networks that it had not seen says how wrong it will be.

Cross-validation residuals, in units of the surrogate's own doubt, are the conformity scores of conformal prediction
(Papadopoulos et al. 2011, https://doi.org/10.1613/jair.3198; Barber et al. 2021, "CV+",
https://doi.org/10.1214/20-AOS1965).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from netwright.errors import InputError
from netwright.predictors import even, kendall
from netwright.surrogates.base import Described, Fitted, Floats, Surrogate

FEWEST, FOLDS = 5, 5


@dataclass(frozen=True)
class Foretold:
    """value: (M,) expected; low, high: (M,) ends of the interval that holds `coverage` of the truth."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Calibrated:
    """tau: Kendall's rank correlation of the values known with those foretold from the other folds; covered: the share
    of them that lay in the intervals calibrated on the others; coverage: the share aimed at."""

    fitted: Fitted
    scale: _Scale
    reach: float
    tau: float
    covered: float
    coverage: float

    def __call__(self, new: Described) -> Foretold:
        mean, deviation = self.fitted(new)
        ends = (self.scale(mean + sign * self.reach * deviation) for sign in (0, -1, 1))
        return Foretold(*ends)


def calibrate(
    surrogate: Surrogate, known: Described, values: Floats, coverage: float = 0.9, seed: int = 0
) -> Calibrated:
    """Fits a surrogate to measured values, of which more is better.

    Raises InputError for fewer than five, or for values that are all the same.
    """
    if len(values) < FEWEST:
        raise InputError(
            f"{len(values)} measured networks are too few to foretell others", f"measure at least {FEWEST}"
        )
    if np.ptp(values) == 0:
        raise InputError("all measured networks are worth the same", "measure some that differ")
    scale = _Scale.of(values)
    targets = even(values)
    folds = np.random.default_rng(seed).permutation(len(values)) % min(FOLDS, len(values))
    mean, deviation = np.empty(len(values)), np.empty(len(values))
    for fold in range(folds.max() + 1):
        inside, outside = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        fitted = surrogate.fit(known.some(inside), targets[inside], seed)
        mean[outside], deviation[outside] = fitted(known.some(outside))
    wrong = np.abs(targets - mean) / deviation
    covered = [wrong[i] <= _quantile(np.delete(wrong, i), coverage) for i in range(len(wrong))]
    return Calibrated(
        surrogate.fit(known, targets, seed),
        scale,
        _quantile(wrong, coverage),
        kendall(mean, values),
        float(np.mean(covered)),
        coverage,
    )


def _quantile(scores: Floats, coverage: float) -> float:
    """The score that a new one stays below with this chance, at least; the largest where there are too few."""
    place = math.ceil((len(scores) + 1) * coverage)
    return float(np.sort(scores)[min(place, len(scores)) - 1])


@dataclass(frozen=True)
class _Scale:
    """From what surrogates are shown back to values: linear between those known, and beyond them as at the ends."""

    shown: Floats
    values: Floats

    @classmethod
    def of(cls, values: Floats) -> _Scale:
        ordered, places = np.unique(values, return_index=True)
        return cls(even(values)[places], ordered)

    def __call__(self, shown: Floats) -> Floats:
        inside = np.interp(shown, self.shown, self.values)
        slope = np.ptp(self.values) / max(1e-12, float(np.ptp(self.shown)))
        above, below = np.maximum(0, shown - self.shown[-1]), np.maximum(0, self.shown[0] - shown)
        return np.asarray(inside + slope * (above - below))
