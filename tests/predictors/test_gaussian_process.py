"""The predictor."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.predictors import Features, GaussianProcess
from netwright.space import Space, chain, choice, op

SPACE = Space(chain(op("conv", kernel=choice(1, 3, 5)), op("conv", channels=choice(4, 8, 16))), "tiny")


def observations(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Decisions, scores, and values that fall with the first score and with the first decision."""
    random = np.random.default_rng(seed)
    decisions = random.integers(0, 2, (count, 12)).astype(float)
    scores = random.normal(size=(count, 3))
    return decisions, scores, decisions[:, 0] - 2 * scores[:, 0] + 0.1 * random.normal(size=count)


def test_it_foretells_what_it_has_not_seen() -> None:
    decisions, scores, values = observations(80)
    fresh_decisions, fresh_scores, fresh = observations(200, seed=1)
    mean, deviation = GaussianProcess.fit(decisions, scores, values).predict(fresh_decisions, fresh_scores)
    assert np.corrcoef(mean, fresh)[0, 1] > 0.9
    assert 0.8 < np.mean(np.abs(mean - fresh) < 2 * np.hypot(deviation, 0.2)) <= 1.0


def test_scores_help_where_they_tell_something() -> None:
    decisions, scores, values = observations(40)
    fresh_decisions, fresh_scores, fresh = observations(200, seed=1)
    nothing = np.empty((40, 0)), np.empty((200, 0))
    with_scores, _ = GaussianProcess.fit(decisions, scores, values).predict(fresh_decisions, fresh_scores)
    without, _ = GaussianProcess.fit(decisions, nothing[0], values).predict(fresh_decisions, nothing[1])
    assert np.corrcoef(with_scores, fresh)[0, 1] > np.corrcoef(without, fresh)[0, 1] + 0.3


def test_doubt_is_least_where_something_was_measured() -> None:
    decisions, scores, values = observations(30)
    model = GaussianProcess.fit(decisions, scores, values)
    _, near = model.predict(decisions, scores)
    _, far = model.predict(decisions, scores + 20)
    assert near.mean() < far.mean()


@given(
    count=st.integers(2, 12),
    constant=st.booleans(),
    unknown=st.booleans(),
    scale=st.sampled_from([1e-9, 1.0, 1e9]),
)
def test_it_always_gives_numbers(count: int, constant: bool, unknown: bool, scale: float) -> None:
    decisions, scores, values = observations(count)
    if unknown:
        scores[:, 1] = np.nan
        scores[0] = np.nan
    values = np.ones(count) if constant else values * scale
    mean, deviation = GaussianProcess.fit(decisions, scores, values).predict(decisions, scores)
    assert np.isfinite(mean).all()
    assert (deviation > 0).all()


def test_features_are_decisions_and_logarithms_of_scores() -> None:
    features = Features(SPACE, lambda _: {"params": np.e, "zero-cost": -3.0, "unknown": np.nan})
    decisions, scores = features(SPACE.architecture({}))
    assert decisions.sum() == 2
    assert scores == pytest.approx([1.0, -3.0, np.nan], nan_ok=True)
    assert Features(SPACE)(SPACE.architecture({}))[1].shape == (0,)
