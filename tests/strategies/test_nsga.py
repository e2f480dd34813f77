"""Generations, niches and reference directions."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.objectives import Objective, Objectives
from netwright.strategies import NSGA2, NSGA3, Problem
from netwright.strategies.niches import directions, distances, fill, normalised
from netwright.strategies.nsga3 import survivors
from netwright.testing.strategies import ACCURACY, FAST, SMALL_AND_ACCURATE, SPACES, problem, search, smooth
from netwright.trial import Measurement, Proposal, Trial

SPACE = SPACES["choices"]
BOTH = pytest.mark.parametrize("strategy", [NSGA2(population_size=6), NSGA3(population_size=6)], ids=["2", "3"])


def trial(number, **metrics):
    return Trial(number, Proposal(SPACE.sample(np.random.default_rng(number)))).complete(Measurement(metrics))


def rng():
    return np.random.default_rng(0)


@BOTH
def test_children_are_born_of_the_last_generation_until_the_next_is_complete(strategy):
    state = strategy.init(problem(SPACE))
    for event in search(strategy, SPACE, smooth, 40, workers=3):
        parents = {parent.number for parent in state.parents}
        if event.status == "pending":
            assert parents.issuperset(event.proposal.parents)
            assert bool(parents) == (event.proposal.origin != "random")
        state = strategy.tell(state, [event])
    assert state.completed == 40
    assert len(state.parents) == 6
    assert len(state.young) == 40 % 6


@BOTH
def test_the_best_survive_where_there_is_one_objective(strategy):
    log = search(strategy, SPACE, smooth, 36)
    state = strategy.tell(strategy.init(problem(SPACE)), log)
    completed = sorted((event for event in log if event.status == "completed"), key=ACCURACY.rank_key)
    assert {parent.number for parent in state.parents} == {event.number for event in completed[:6]}


def test_generations_grow_with_the_search():
    strategy = NSGA2()
    state, sizes = strategy.init(problem(SPACE)), []
    for number in range(200):
        state = strategy.tell(state, [trial(number, accuracy=number / 200)])
        sizes += [] if state.young else [len(state.parents)]
    assert sizes[0] == 10
    assert sizes == sorted(sizes)
    assert sizes[-1] > 20


@pytest.mark.parametrize(("objectives", "most", "count"), [(1, 9, 1), (2, 10, 10), (3, 20, 15), (3, 21, 21), (6, 3, 6)])
def test_directions_are_spread_over_the_simplex(objectives, most, count):
    found = directions(objectives, most)
    assert found.shape == (count, objectives)
    assert (found >= 0).all()
    assert found.sum(1) == pytest.approx(np.ones(count))
    assert len(np.unique(found, axis=0)) == count


def test_losses_are_measured_from_the_ideal_point_in_units_of_the_intercepts():
    losses = np.array([[1.0, 300.0], [3.0, 100.0], [2.0, 200.0]])
    assert normalised(losses) == pytest.approx(np.array([[0.0, 1.0], [1.0, 0.0], [0.5, 0.5]]))


@pytest.mark.parametrize("losses", [np.ones((4, 2)), np.array([[1.0, 2.0], [2.0, 2.0]]), np.array([[5.0]])])
def test_losses_without_a_plane_are_finite_all_the_same(losses):
    with np.errstate(all="raise"):
        assert np.isfinite(normalised(losses)).all()


def test_distances_are_perpendicular():
    away = distances(np.array([[3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 2.0]]))
    assert away == pytest.approx(np.array([[4.0, 3.0]]))


def test_a_niche_without_anyone_is_filled_first_by_the_nearest():
    losses = np.array([[0.0, 1.0], [0.02, 0.98], [0.45, 0.6], [0.5, 0.5], [1.0, 0.0]])
    for seed in range(5):
        assert fill(losses, 2, 4, directions(2, 3), np.random.default_rng(seed)) in ([3, 4], [4, 3])


def test_whole_fronts_survive_first_and_feasible_ones_before():
    losses = np.array([[0.0, 0.0], [1.0, 2.0], [2.0, 1.0], [3.0, 3.0]])
    assert sorted(survivors(losses, np.zeros(4), 3, rng())) == [0, 1, 2]
    assert survivors(losses, np.array([9.0, 1.0, 1.0, 0.0]), 1, rng()) == [3]


def test_with_three_objectives_every_end_survives():
    objectives = Objectives((Objective("accuracy"), Objective("params"), Objective("latency_ms")))
    strategy = NSGA3(population_size=15)
    state = strategy.init(Problem(SPACE, objectives))
    ends = [(0.9, 9.0, 9.0), (0.1, 1.0, 9.0), (0.1, 9.0, 1.0)]
    points = ends + [tuple(row) for row in np.random.default_rng(1).uniform(0.3, 0.7, (27, 3)) * [1, 9, 9]]
    state = strategy.tell(state, [trial(i, accuracy=a, params=p, latency_ms=ms) for i, (a, p, ms) in enumerate(points)])
    assert {0, 1, 2} <= {parent.number for parent in state.parents}


def test_parents_that_break_constraints_less_win():
    strategy = NSGA3(population_size=2, crossover_rate=0.0)
    state = strategy.init(Problem(SPACE, FAST))
    state = strategy.tell(state, [trial(0, accuracy=0.9, latency_ms=0.9), trial(1, accuracy=0.1, latency_ms=0.1)])
    state.memory.asked = 2
    assert {proposal.parents for proposal in strategy.ask(state, 8)} == {(1,)}


def test_crowded_parents_lose_tournaments():
    strategy = NSGA2(population_size=4, crossover_rate=0.0)
    state = strategy.init(Problem(SPACE, SMALL_AND_ACCURATE))
    points = [(0.9, 9.0), (0.5, 5.0), (0.49, 4.9), (0.1, 1.0)]
    state = strategy.tell(state, [trial(i, accuracy=a, params=p) for i, (a, p) in enumerate(points)])
    state.memory.asked = 4
    drawn = [proposal.parents[0] for proposal in strategy.ask(state, 100)]
    assert drawn.count(state.parents[-1].number) == 0
    assert drawn.count(0) > 30
