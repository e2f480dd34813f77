"""Which differences between strategies are more than chance, over many seeds.

Demšar 2006, "Statistical comparisons of classifiers over multiple data sets",
https://www.jmlr.org/papers/v7/demsar06a.html: the Friedman test on ranks with Iman and Davenport's correction,
Nemenyi's critical difference, Wilcoxon's signed-rank test with Holm's correction. Seeds are the blocks.

Scores are (strategies, seeds) arrays in which smaller is better.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from netwright.benchmarks.table import Floats
from netwright.insight.significance import holm_adjusted

LEVEL = 0.05
RESAMPLES = 1000


@dataclass(frozen=True)
class Pair:
    """Strategies `first` and `second` by place. better: seeds on which the first was better; adjusted: p after Holm's
    correction over all pairs."""

    first: int
    second: int
    better: int
    worse: int
    p: float
    adjusted: float = math.nan


def ranks(scores: Floats) -> Floats:
    """(strategies, seeds) ranks from 1, the best, within each seed; equal scores share their mean rank.

    >>> ranks(np.array([[0.1, 0.0], [0.3, 0.0], [0.2, 0.5]])).tolist()
    [[1.0, 1.5], [3.0, 1.5], [2.0, 3.0]]
    """
    below = (scores[None] < scores[:, None]).sum(axis=1)
    equal = (scores[None] == scores[:, None]).sum(axis=1)
    return np.asarray(below + (equal + 1) / 2)


def friedman(scores: Floats) -> float:
    """P-value of all strategies being alike (Iman & Davenport 1980); NaN with fewer than three strategies or two seeds.

    >>> rng = np.random.default_rng(0)
    >>> friedman(rng.random((5, 30))) > 0.05, friedman(rng.random((5, 30)) + np.arange(5)[:, None]) < 1e-6
    (True, True)
    """
    from scipy.stats import f

    strategies, seeds = scores.shape
    if strategies < 3 or seeds < 2:
        return math.nan
    ranked = ranks(scores)
    between = seeds * ((ranked.mean(axis=1) - (strategies + 1) / 2) ** 2).sum()
    within = ((ranked - (strategies + 1) / 2) ** 2).sum() / (seeds * (strategies - 1))
    if within == 0:
        return 1.0
    chi2 = between / within
    left = seeds * (strategies - 1) - chi2
    if left <= 1e-9:
        return 0.0
    return float(f.sf((seeds - 1) * chi2 / left, strategies - 1, (strategies - 1) * (seeds - 1)))


def critical_difference(strategies: int, seeds: int) -> float:
    """By how much mean ranks must differ (Nemenyi 1963, at 5 %).

    >>> round(critical_difference(5, 30), 2)
    1.11
    """
    from scipy.stats import studentized_range

    quantile = studentized_range.ppf(1 - LEVEL, strategies, np.inf) / math.sqrt(2)
    return float(quantile * math.sqrt(strategies * (strategies + 1) / (6 * seeds)))


def signed_rank(first: Floats, second: Floats) -> float:
    """Two-sided p-value of paired scores (Wilcoxon 1945, the normal approximation with equal scores as Pratt 1959
    treats them); 1 where all are equal.

    >>> signed_rank(np.zeros(20), np.zeros(20)), signed_rank(np.zeros(20), np.arange(1.0, 21)) < 0.001
    (1.0, True)
    """
    difference = first - second
    size = np.abs(difference)
    ranked = ranks(size[:, None])[:, 0]
    ranked[difference == 0] = 0.0
    variance = float((ranked**2).sum()) / 4
    if variance == 0:
        return 1.0
    excess = abs(float((ranked * np.sign(difference)).sum())) / 2
    return math.erfc(max(0.0, excess - 0.5) / math.sqrt(2 * variance))


def pairs(scores: Floats) -> tuple[Pair, ...]:
    """Every pair of strategies, compared over seeds; p-values hold for all of them at once (Holm 1979)."""
    found = [
        Pair(
            first,
            second,
            int((scores[first] < scores[second]).sum()),
            int((scores[first] > scores[second]).sum()),
            signed_rank(scores[first], scores[second]),
        )
        for first, second in combinations(range(len(scores)), 2)
    ]
    adjusted = holm_adjusted([pair.p for pair in found])
    return tuple(replace(pair, adjusted=p) for pair, p in zip(found, adjusted, strict=True))


def band(curves: Floats, seed: int = 0) -> tuple[Floats, Floats]:
    """95 % bootstrap interval of the median over seeds: (seeds, points) -> (points,) low and high."""
    draws = np.random.default_rng(seed).integers(len(curves), size=(RESAMPLES, len(curves)))
    medians = np.stack([np.median(curves[draw], axis=0) for draw in draws])
    low, high = np.quantile(medians, [LEVEL / 2, 1 - LEVEL / 2], axis=0)
    return low, high


def cliques(mean_ranks: Sequence[float], difference: float) -> list[tuple[int, int]]:
    """Runs of strategies, sorted by rank, that do not differ: (first, last) places, none inside another.

    >>> cliques([1.0, 1.5, 3.0, 3.2], 1.0)
    [(0, 1), (2, 3)]
    """
    found: list[tuple[int, int]] = []
    for first, rank in enumerate(mean_ranks):
        last = max(place for place, other in enumerate(mean_ranks) if other - rank <= difference)
        if last > first and (not found or last > found[-1][1]):
            found.append((first, last))
    return found
