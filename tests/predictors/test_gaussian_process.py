"""The Gaussian process: what it foretells, what it doubts, and what it takes."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from netwright.predictors import GaussianProcess, below, improvement, prior


def observations(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decisions, scores, and values that fall with the first score and rise with the first decision."""
    random = np.random.default_rng(seed)
    decisions = random.integers(0, 2, (count, 12)).astype(float)
    scores = random.normal(size=(count, 3))
    return decisions, scores, decisions[:, 0] - 2 * scores[:, 0] + 0.1 * random.normal(size=count)


def test_it_foretells_what_it_has_not_seen() -> None:
    decisions, scores, values = observations(80)
    fresh_decisions, fresh_scores, fresh = observations(200, seed=1)
    mean, deviation = GaussianProcess([decisions, scores], values).predict([fresh_decisions, fresh_scores])
    assert np.corrcoef(mean, fresh)[0, 1] > 0.9
    assert 0.8 < np.mean(np.abs(mean - fresh) < 2 * np.hypot(deviation, 0.2)) <= 1.0


def test_a_part_helps_where_it_tells_something() -> None:
    decisions, scores, values = observations(40)
    fresh_decisions, fresh_scores, fresh = observations(200, seed=1)
    both, _ = GaussianProcess([decisions, scores], values).predict([fresh_decisions, fresh_scores])
    alone, _ = GaussianProcess([decisions], values).predict([fresh_decisions])
    assert np.corrcoef(both, fresh)[0, 1] > np.corrcoef(alone, fresh)[0, 1] + 0.3


def test_doubt_is_least_where_something_was_measured() -> None:
    decisions, scores, values = observations(30)
    model = GaussianProcess([decisions, scores], values)
    _, near = model.predict([decisions, scores])
    _, far = model.predict([decisions, scores + 20])
    assert near.mean() < far.mean()


def test_the_posterior_agrees_with_the_prediction() -> None:
    decisions, scores, values = observations(30)
    model = GaussianProcess([decisions, scores], values)
    fresh = list(observations(9, seed=2)[:2])
    mean, deviation = model.predict(fresh)
    posterior = model.posterior(fresh)
    assert np.allclose(mean, posterior.mean)
    assert np.allclose(deviation, posterior.deviation)


def test_what_is_expected_is_doubted_no_more() -> None:
    likeness = prior([np.array([[0.0], [0.1], [5.0]])])
    before = likeness.deviation
    assert likeness.told().argmax() in (0, 1)
    likeness.expect(0)
    assert likeness.deviation[0] < 0.5 * before[0]
    assert likeness.deviation[1] < 0.5 * before[1]
    assert likeness.deviation[2] > 0.7 * before[2]


def test_improvement_is_expected_where_it_is_likely_or_much_is_unknown() -> None:
    posterior = prior([np.array([[0.0], [50.0], [100.0]])])
    posterior.mean = np.array([0.0, 1.0, 1.0])
    posterior.covariance = np.diag([0.01, 0.01, 4.0])
    gains = improvement(0.5, posterior)
    assert gains[0] > gains[1]
    assert gains[2] > gains[1]
    assert (gains >= 0).all()


def test_the_normal_distribution_is_right_to_four_digits() -> None:
    from scipy.stats import norm

    at = np.linspace(-6, 6, 200)
    assert np.abs(below(at) - norm.cdf(at)).max() < 1e-4


@given(count=st.integers(2, 12), constant=st.booleans(), scale=st.sampled_from([1e-9, 1.0, 1e9]))
def test_it_always_gives_numbers(count: int, constant: bool, scale: float) -> None:
    decisions, scores, values = observations(count)
    values = np.ones(count) if constant else values * scale
    mean, deviation = GaussianProcess([decisions, scores], values).predict([decisions, scores])
    assert np.isfinite(mean).all()
    assert (deviation > 0).all()
