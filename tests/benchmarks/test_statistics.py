from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from netwright.benchmarks.statistics import (
    band,
    cliques,
    critical_difference,
    friedman,
    pairs,
    ranks,
    signed_rank,
)
from netwright.insight.significance import holm_adjusted


@pytest.fixture
def scores():
    """Five strategies on 30 seeds, rounded so that many are equal; the third is better."""
    found = np.random.default_rng(0).random((5, 30)).round(1)
    found[2] -= 0.3
    return found.round(1)


def test_ranks_are_those_of_scipy(scores):
    assert ranks(scores).tolist() == stats.rankdata(scores, axis=0).tolist()


def test_the_signed_rank_test_is_that_of_scipy(scores):
    for first, second in ((0, 1), (2, 3), (0, 2)):
        there = stats.wilcoxon(scores[first], scores[second], zero_method="pratt", correction=True, method="asymptotic")
        assert signed_rank(scores[first], scores[second]) == pytest.approx(there.pvalue)


def test_friedman_with_the_correction_follows_from_the_plain_one(scores):
    chi2 = stats.friedmanchisquare(*scores).statistic
    corrected = 29 * chi2 / (30 * 4 - chi2)
    assert friedman(scores) == pytest.approx(stats.f.sf(corrected, 4, 4 * 29))


def test_friedman_where_there_is_nothing_to_tell():
    assert friedman(np.zeros((4, 10))) == 1.0
    assert math.isnan(friedman(np.zeros((2, 10))))
    assert friedman(np.arange(4.0)[:, None] + np.zeros((4, 10))) == 0.0


@pytest.mark.parametrize(("strategies", "quantile"), [(2, 1.960), (3, 2.343), (5, 2.728), (10, 3.164)])
def test_critical_differences_are_those_of_the_published_table(strategies, quantile):
    expected = quantile * math.sqrt(strategies * (strategies + 1) / (6 * 14))
    assert critical_difference(strategies, 14) == pytest.approx(expected, rel=1e-3)


def test_pairs_count_seeds_and_correct_for_all_of_them(scores):
    found = {(pair.first, pair.second): pair for pair in pairs(scores)}
    assert len(found) == 10
    best = found[0, 2]
    assert best.worse == (scores[0] > scores[2]).sum()
    assert best.better == (scores[0] < scores[2]).sum()
    assert best.p < best.adjusted < 0.05
    assert [pair.adjusted for pair in found.values()] == holm_adjusted([pair.p for pair in found.values()])


def test_the_band_covers_the_median_about_as_often_as_it_says():
    rng = np.random.default_rng(1)
    covered = 0
    for seed in range(200):
        low, high = band(rng.normal(size=(30, 1)), seed)
        covered += bool(low[0] <= 0 <= high[0])
    assert 0.88 < covered / 200 <= 1


def test_cliques_are_as_long_as_they_can_be():
    assert cliques([1.0, 1.4, 1.8, 2.2, 5.0], 0.9) == [(0, 2), (1, 3)]
    assert cliques([1.0, 3.0], 0.5) == []
