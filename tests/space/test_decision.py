"""The domains of decisions."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.space import Decision

CHOICE = Decision("c", "choice", options=("a", "b", "c"))
FEW = Decision("f", "integer", lo=1, hi=3)
MANY = Decision("m", "integer", lo=8, hi=512, step=8)
REAL = Decision("r", "real", lo=-1.0, hi=3.0)
LOG = Decision("l", "real", lo=1e-4, hi=1e-1, log=True)
SUBSET = Decision("s", "subset", options=("a", "b", "c", "d"), k=(1, 3))
EVERY = (CHOICE, FEW, MANY, REAL, LOG, SUBSET)


@pytest.mark.parametrize("decision", EVERY, ids=lambda d: d.name)
def test_draws_mutants_and_neighbours_are_allowed(decision: Decision) -> None:
    rng = np.random.default_rng(0)
    for _ in range(200):
        value = decision.sample(rng)
        other = decision.mutate(value, rng)
        near = list(decision.neighbours(value))
        assert decision.allows(value)
        assert decision.allows(other)
        assert other != value
        assert near
        assert all(decision.allows(v) and v != value for v in near)


@pytest.mark.parametrize("decision", [CHOICE, FEW, MANY, SUBSET], ids=lambda d: d.name)
def test_draws_are_uniform(decision: Decision) -> None:
    rng = np.random.default_rng(0)
    values = list(decision.values())
    assert len(set(values)) == len(values) == decision.cardinality
    draws = [values.index(decision.sample(rng)) for _ in range(200 * len(values))]
    counts = np.bincount(draws, minlength=len(values))
    assert counts.min() > 120
    assert counts.max() < 280


def test_log_reals_are_uniform_in_the_logarithm() -> None:
    rng = np.random.default_rng(0)
    draws = [LOG.sample(rng) for _ in range(2000)]
    assert sum(1 for value in draws if value < 1e-3) / 2000 == pytest.approx(1 / 3, abs=0.04)
    assert LOG.at(LOG.unit(3e-3)) == pytest.approx(3e-3)


def test_neighbours_by_kind() -> None:
    assert list(CHOICE.neighbours(1)) == [0, 2]
    assert list(MANY.neighbours(8)) == [16]
    assert list(REAL.neighbours(-1.0)) == pytest.approx([-0.6])
    assert set(SUBSET.neighbours((0,))) == {(1,), (2,), (3,), (0, 1), (0, 2), (0, 3)}


def test_large_integers_mutate_near_by() -> None:
    rng = np.random.default_rng(0)
    steps = [abs(int(MANY.mutate(256, rng)) - 256) for _ in range(500)]  # type: ignore[arg-type]
    assert min(steps) == 8
    assert np.median(steps) <= 64


def test_reals_are_endless() -> None:
    assert REAL.cardinality == math.inf
    with pytest.raises(InputError, match="real number"):
        list(REAL.values())


@pytest.mark.parametrize(
    ("decision", "value"),
    [(CHOICE, 3), (CHOICE, -1), (CHOICE, 1.0), (CHOICE, "a"), (FEW, 4), (MANY, 12), (REAL, 3.1), (REAL, math.nan)]
    + [(SUBSET, value) for value in ((), (0, 0), (1, 0), (4,), (0, 1, 2, 3), [0], 1, (True,))],
)
def test_what_is_not_allowed(decision: Decision, value: object) -> None:
    assert not decision.allows(value)


def test_labels() -> None:
    labels = [CHOICE.label(1), MANY.label(16), LOG.label(0.012345), SUBSET.label((0, 2))]
    assert labels == ["b", "16", "0.01235", "{a, c}"]
