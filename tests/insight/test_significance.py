"""Effect sizes, intervals and p-values against closed forms, known tables and simulation."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.insight.significance import (
    Comparison,
    Spread,
    compare_examples,
    compare_seeds,
    holm,
    pooled_spread,
)
from netwright.insight.student import quantile, two_sided


def right(rng: np.random.Generator, seeds: int, examples: int, share: float) -> np.ndarray:
    return (rng.random((seeds, examples)) < share).astype(np.float64)


@pytest.mark.parametrize(
    ("df", "confidence", "t"), [(1, 0.95, 12.7062), (2, 0.95, 4.30265), (10, 0.99, 3.16927), (1000, 0.95, 1.96234)]
)
def test_student_quantiles_match_the_tables(df: float, confidence: float, t: float) -> None:
    assert quantile(confidence, df) == pytest.approx(t, rel=1e-4)
    assert two_sided(t, df) == pytest.approx(1 - confidence, rel=1e-3)


def test_student_with_one_degree_of_freedom_is_cauchy() -> None:
    for t in (0.1, 1.0, 5.0, 40.0):
        assert two_sided(t, 1.0) == pytest.approx(1 - 2 * math.atan(t) / math.pi, rel=1e-9)


def test_mcnemar_mid_p_of_a_known_table() -> None:
    """12 discordant pairs, 2 against 10: exact two-sided p = 0.038574, mid-p = 0.022461 (binomial by hand)."""
    ours, theirs = np.ones((1, 50)), np.ones((1, 50))
    theirs[0, :10] = 0.0
    ours[0, 10:12] = 0.0
    found = compare_examples("rival", ours, theirs, scale=100)
    exact = 2 * sum(math.comb(12, k) for k in range(3)) / 2**12
    assert found.p == pytest.approx(exact - math.comb(12, 2) / 2**12)
    assert found.difference == pytest.approx(16.0)
    assert found.low < 16.0 < found.high
    assert found.examples == 50
    assert not found.covers_seeds


def test_equal_networks_differ_by_nothing() -> None:
    same = right(np.random.default_rng(1), 1, 200, 0.8)
    found = compare_examples("itself", same, same)
    assert (found.difference, found.low, found.high, found.p) == (0.0, 0.0, 0.0, 1.0)
    assert not found.better
    assert not found.worse


def test_a_real_difference_is_found_and_its_sign_is_ours() -> None:
    rng = np.random.default_rng(2)
    strong, weak = right(rng, 3, 2000, 0.95), right(rng, 3, 2000, 0.90)
    ahead = compare_examples("weak", strong, weak, scale=100)
    behind = compare_examples("strong", weak, strong, scale=100)
    assert ahead.better
    assert behind.worse
    assert ahead.low <= 5.0 <= ahead.high
    assert ahead.sentence().startswith("the network found beats weak by")
    assert "is worse than strong" in behind.sentence()


def test_chance_alone_is_rarely_called_a_difference() -> None:
    """Two equal networks with real seed-to-seed spread: about 5 % false alarms, not more than 12 % in 100 draws."""
    rng = np.random.default_rng(3)
    alarms = 0
    for _ in range(100):
        hard = rng.random(400)
        sides = [
            (rng.random((3, 400)) < np.clip(0.5 + 0.5 * hard + rng.normal(0, 0.02, (3, 1)), 0, 1)).astype(np.float64)
            for _ in range(2)
        ]
        found = compare_examples("equal", sides[0], sides[1], resamples=600)
        alarms += found.better or found.worse
    assert alarms <= 12


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(4)
    covered = 0
    for _ in range(100):
        ours, theirs = right(rng, 1, 300, 0.9), right(rng, 1, 300, 0.8)
        found = compare_examples("rival", ours, theirs, resamples=400)
        covered += found.low <= 0.1 <= found.high
    assert 88 <= covered <= 100


def test_spread_between_seeds_widens_the_interval() -> None:
    rng = np.random.default_rng(5)
    ours, theirs = right(rng, 2, 1000, 0.9), right(rng, 2, 1000, 0.88)
    narrow = compare_examples("rival", ours, theirs, spread=Spread(0.0001, 10))
    wide = compare_examples("rival", ours, theirs, spread=Spread(0.05, 10))
    assert wide.high - wide.low > 2 * (narrow.high - narrow.low)
    assert wide.p > narrow.p


def test_a_transformed_metric_is_compared_in_its_own_unit() -> None:
    rng = np.random.default_rng(6)
    ours, theirs = -(rng.normal(0, 1, (1, 4000)) ** 2), -(rng.normal(0, 2, (1, 4000)) ** 2)
    found = compare_examples("rival", ours, theirs, transform=lambda mean: -np.sqrt(-mean))
    assert found.difference == pytest.approx(1.0, abs=0.1)
    assert found.better
    assert found.low <= found.difference <= found.high


@pytest.mark.parametrize("sizes", [(2, 2), (3, 5), (12, 4)])
def test_welch_agrees_with_scipy(sizes: tuple[int, int]) -> None:
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(sizes)
    a, b = rng.normal(0.9, 0.01, sizes[0]).tolist(), rng.normal(0.89, 0.03, sizes[1]).tolist()
    found, expected = compare_seeds("rival", a, b), stats.ttest_ind(a, b, equal_var=False)
    interval = expected.confidence_interval(0.95)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-6)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), rel=1e-6)


def test_single_seeds_have_no_interval_unless_the_spread_is_known() -> None:
    alone = compare_seeds("rival", [0.9], [0.8])
    assert math.isnan(alone.low)
    assert math.isnan(alone.p)
    assert not alone.better
    assert alone.to_dict()["low"] is None
    assert "no interval" in alone.sentence()
    known = compare_seeds("rival", [0.9], [0.8], spread=Spread(0.005, 8))
    assert known.better


def test_pooled_spread_needs_two_degrees_of_freedom() -> None:
    assert pooled_spread([[1.0, 2.0], [3.0]]) is None
    found = pooled_spread([[1.0, 3.0], [10.0, 12.0], [5.0]])
    assert found is not None
    assert found.deviation == pytest.approx(math.sqrt(2.0))
    assert found.df == 2


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_holm_is_monotone_and_never_below_p(ps: list[float]) -> None:
    plain = [Comparison(str(k), 1.0, 0.5, 1.5, p, "", (1, 1)) for k, p in enumerate(ps)]
    adjusted = holm(plain)
    assert [c.against for c in adjusted] == [c.against for c in plain]
    assert all(c.p <= c.adjusted <= 1.0 for c in adjusted)
    in_order = [c.adjusted for c in sorted(adjusted, key=lambda c: c.p)]
    assert in_order == sorted(in_order)
    assert in_order[0] == pytest.approx(min(1.0, min(ps) * len(ps)))


@pytest.mark.parametrize(("ours", "theirs"), [((1, 5), (1, 6)), ((0, 5), (1, 5)), ((1, 0), (1, 0))])
def test_scores_that_do_not_pair_up_are_refused(ours: tuple[int, int], theirs: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="pair up"):
        compare_examples("rival", np.ones(ours), np.ones(theirs))


def test_the_same_input_gives_the_same_answer() -> None:
    rng = np.random.default_rng(7)
    ours, theirs = right(rng, 2, 300, 0.9), right(rng, 2, 300, 0.85)
    assert compare_examples("rival", ours, theirs) == compare_examples("rival", ours, theirs)


def test_a_bound_that_is_zero_but_for_rounding_reads_as_zero() -> None:
    assert "interval 0 to 1.1" in Comparison("lenet", 0.53, -1.3e-14, 1.1, 0.094, "", (2, 1)).uncertainty
