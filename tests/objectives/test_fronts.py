"""Pareto fronts against their definitions."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from netwright.objectives import crowding, dominates, first_front, fronts, hypervolume

FEW = st.integers(0, 4).map(float)
"""Few values, so that ties and duplicates are common."""
points = st.tuples(st.integers(0, 12), st.integers(1, 3)).flatmap(lambda shape: arrays(float, shape, elements=FEW))


def ranks(losses, violations):
    """Front number by definition: one more than the greatest among those that dominate."""
    above = dominates(losses, violations)
    rank = np.zeros(len(losses), dtype=int)
    for _ in range(len(losses)):
        rank = np.array([1 + max(rank[above[:, i]], default=-1) for i in range(len(losses))], dtype=int)
    return rank


@given(points, st.data())
def test_fronts_are_the_layers_of_dominance(losses, data):
    violations = data.draw(st.none() | arrays(float, len(losses), elements=st.integers(0, 2).map(float)))
    layers = fronts(losses, violations)
    assert sorted(place for layer in layers for place in layer) == list(range(len(losses)))
    expected = ranks(losses, violations)
    assert all((expected[layer] == number).all() for number, layer in enumerate(layers))


@given(points, st.data())
def test_the_first_front_is_the_first_of_the_fronts(losses, data):
    violations = data.draw(st.none() | arrays(float, len(losses), elements=st.integers(0, 2).map(float)))
    layers = fronts(losses, violations)
    assert first_front(losses, violations).tolist() == (layers[0].tolist() if layers else [])


def test_less_violation_dominates_better_losses():
    assert dominates(np.array([[9.0], [0.0]]), np.array([0.0, 1.0])).tolist() == [[False, True], [False, False]]


def test_crowding_is_the_normalised_gap_to_the_neighbours():
    losses = np.array([[0.0, 4.0], [1.0, 2.0], [2.0, 1.0], [4.0, 0.0]])
    assert crowding(losses).tolist() == [np.inf, 2 / 4 + 3 / 4, 3 / 4 + 2 / 4, np.inf]


def test_crowding_of_equal_points_is_nothing():
    assert crowding(np.ones((3, 2))).tolist() == [0.0, 0.0, 0.0]
    assert crowding(np.empty((0, 2))).tolist() == []


@given(points)
def test_the_hypervolume_is_the_number_of_unit_cells_dominated(losses):
    side = 5
    cells = np.stack(np.meshgrid(*[np.arange(side)] * losses.shape[1], indexing="ij"), -1).reshape(-1, losses.shape[1])
    covered = (losses[:, None] <= cells[None]).all(2).any(0).sum() if len(losses) else 0
    assert hypervolume(losses, np.full(losses.shape[1], float(side))) == pytest.approx(covered)


def test_points_beyond_the_reference_and_nan_add_nothing():
    losses = np.array([[3.0, 0.0], [np.nan, 0.0], [np.inf, 0.0], [1.0, 1.0]])
    assert hypervolume(losses, np.array([2.0, 2.0])) == 1.0
