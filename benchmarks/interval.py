"""The mean of a few figures, one a seed, and how sure it is."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev

from scipy.stats import t


def interval(figures: Sequence[float]) -> tuple[float, float]:
    """The 95 % interval of the mean of two or more (Student's t)."""
    half = t.ppf(0.975, len(figures) - 1) * stdev(figures) / math.sqrt(len(figures))
    return fmean(figures) - half, fmean(figures) + half
