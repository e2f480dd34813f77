"""The ensemble of networks."""

from __future__ import annotations

import numpy as np

from netwright.predictors import Ensemble


def noisy(count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 2, (count, 15)).astype(float)
    return x, (3 * x[:, :1] - 2 * x[:, 1:2] * x[:, 2:3]) + 0.1 * rng.normal(size=(count, 1))


def test_it_foretells_what_it_has_not_seen() -> None:
    fresh, truth = noisy(200, seed=1)
    mean, _ = Ensemble(*noisy(120)).predict(fresh)
    assert np.corrcoef(mean[:, 0], truth[:, 0])[0, 1] > 0.9


def test_members_differ_most_far_from_the_data() -> None:
    x, y = noisy(120)
    ensemble = Ensemble(x, y)
    assert ensemble.predict(x)[1].mean() < 0.5 * ensemble.predict(5 - 9 * x)[1].mean()


def test_it_is_the_same_every_time() -> None:
    x, y = noisy(30)
    assert (Ensemble(x, y).predict(x)[0] == Ensemble(x, y).predict(x)[0]).all()


def test_several_outputs_and_constant_columns_are_taken() -> None:
    x, y = noisy(20)
    mean, doubt = Ensemble(np.hstack([x, np.ones((20, 3))]), np.hstack([y, np.ones((20, 1))])).predict(
        np.zeros((4, 18))
    )
    assert mean.shape == doubt.shape == (4, 2)
    assert np.isfinite(mean).all()
    assert (doubt > 0).all()
