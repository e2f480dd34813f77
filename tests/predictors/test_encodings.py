"""Architectures as rows of numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from netwright.predictors import Encodings, even, tamed
from netwright.predictors.scale import FARTHEST, Scale
from netwright.testing.strategies import SPACES, sizes

EVERY = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


@EVERY
def test_every_part_is_a_row_of_finite_numbers_of_one_width(space):
    rng = np.random.default_rng(0)
    encodings = Encodings(space, sizes)
    first, second = (encodings([space.sample(rng) for _ in range(count)]) for count in (5, 3))
    assert len(first) == len(encodings.parts) == 4
    for one, other in zip(first, second, strict=True):
        assert one.shape[0] == 5
        assert other.shape == (3, one.shape[1])
        assert np.isfinite(one).all()


@EVERY
def test_the_same_architecture_has_the_same_rows(space):
    architecture = space.sample(np.random.default_rng(0))
    again = space.architecture(architecture.to_dict())
    for part in Encodings(space, sizes)([architecture, again]):
        assert (part[0] == part[1]).all()


def test_scores_are_left_out_where_there_are_none():
    assert Encodings(SPACES["choices"]).parts == ("decisions", "paths", "subtrees")


def test_unknown_scores_are_what_is_usual():
    scale = Scale(np.array([[1.0, 5.0], [100.0, -5.0], [np.nan, np.nan]]))
    assert scale(np.array([[np.nan, np.nan]])).tolist() == [[0.0, 0.0]]
    assert scale(np.array([[1e300, -1e300]])).tolist() == [[FARTHEST, -FARTHEST]]


values = arrays.arrays(np.float64, st.integers(2, 30), elements=st.floats(-1e6, 1e6))


@given(values)
def test_taming_keeps_the_order_and_the_middle(found):
    kept = tamed(found)
    assert (np.diff(kept[np.argsort(found, kind="stable")]) >= 0).all()
    assert np.median(kept) == np.median(found)


@given(values)
def test_evened_values_keep_the_order(found):
    assert (np.diff(even(found)[np.argsort(found, kind="stable")]) >= -1e-12).all()
