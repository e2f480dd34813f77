"""What makes regularised evolution and the genetic algorithm themselves."""

from __future__ import annotations

import numpy as np
import pytest

from netwright import strategies
from netwright.objectives import Objective, Objectives
from netwright.strategies import GeneticAlgorithm, Problem, RandomSearch, RegularizedEvolution
from netwright.strategies.selection import order, tournament
from netwright.testing.strategies import ACCURACY, FAST, SMALL_AND_ACCURATE, SPACES, best_accuracy, search, smooth
from netwright.trial import Measurement, Proposal, Trial

SPACE = SPACES["choices"]


def folded(strategy, trials, **kwargs):
    """The state after a search of so many trials."""
    log = search(strategy, SPACE, smooth, trials, **kwargs)
    return strategy.tell(strategy.init(Problem(SPACE, ACCURACY)), log), log


def trial(number, **metrics):
    rng = np.random.default_rng(number)
    return Trial(number, Proposal(SPACE.sample(rng))).complete(Measurement(metrics))


@pytest.mark.parametrize(("trials", "size"), [(5, 5), (30, 10), (80, 20), (450, 100)])
def test_the_population_grows_with_the_search(trials, size):
    state, log = folded(RegularizedEvolution(), trials)
    completed = [event.number for event in log if event.status == "completed"]
    assert [member.number for member in state.population] == completed[-size:]


def test_the_oldest_dies_even_if_it_is_the_best():
    evolution = RegularizedEvolution(population_size=3)
    state = evolution.init(Problem(SPACE, ACCURACY))
    for number, accuracy in enumerate((0.9, 0.1, 0.2, 0.3)):
        state = evolution.tell(state, [trial(number, accuracy=accuracy)])
    assert [member.number for member in state.population] == [1, 2, 3]


def test_founders_are_random_and_children_are_mutants_of_members():
    _, log = folded(RegularizedEvolution(population_size=12), 60)
    proposals = [event.proposal for event in log if event.status == "pending"]
    assert [proposal.origin for proposal in proposals[:12]] == ["random"] * 12
    mutants = [proposal for proposal in proposals if proposal.origin == "mutation"]
    assert len(mutants) > 40
    for proposal in mutants:
        (parent,) = (proposals[number].architecture for number in proposal.parents)
        assert sum(parent.choices[name] != value for name, value in proposal.architecture.choices.items()) == 1


def test_a_child_changes_as_many_decisions_as_set():
    _, log = folded(RegularizedEvolution(mutations=3), 40)
    proposals = [event.proposal for event in log if event.status == "pending"]
    for proposal in proposals:
        for parent in (proposals[number].architecture for number in proposal.parents):
            assert sum(parent.choices[name] != v for name, v in proposal.architecture.choices.items()) == 3


@pytest.mark.parametrize("name", ["regularized-evolution", "genetic"])
def test_small_budgets_pay_already(name):
    gains = [
        best_accuracy(search(strategies.get(name), SPACE, smooth, 40, seed=seed))
        - best_accuracy(search(RandomSearch(), SPACE, smooth, 40, seed=seed))
        for seed in range(12)
    ]
    assert np.mean(gains) > 0
    assert np.sum(np.array(gains) > 0) >= 9


def test_the_best_survive_in_a_genetic_algorithm():
    state, log = folded(GeneticAlgorithm(population_size=6), 60)
    completed = [event for event in log if event.status == "completed"]
    best = sorted(completed, key=ACCURACY.rank_key)[:6]
    assert {member.number for member in state.population} == {member.number for member in best}


def test_a_child_of_two_takes_every_decision_from_a_parent():
    _, log = folded(GeneticAlgorithm(crossover_rate=1.0, mutation_rate=0.0), 60)
    proposals = [event.proposal for event in log if event.status == "pending"]
    children = [proposal for proposal in proposals if proposal.origin == "crossover"]
    assert len(children) > 20
    for child in children:
        a, b = (proposals[number].architecture.choices for number in child.parents)
        assert all(value in (a[name], b[name]) for name, value in child.architecture.choices.items())


def test_without_crossover_children_have_one_parent():
    _, log = folded(GeneticAlgorithm(crossover_rate=0.0), 60)
    parents = {len(event.proposal.parents) for event in log}
    assert parents == {0, 1}


def test_feasible_members_win_tournaments():
    slow, quick = trial(0, accuracy=0.9, latency_ms=0.9), trial(1, accuracy=0.1, latency_ms=0.1)
    for seed in range(5):
        assert tournament([slow, quick], 2, FAST, np.random.default_rng(seed)) == quick


def test_several_objectives_are_ranked_by_front_then_by_room():
    values = [(0.9, 9.0), (0.6, 5.0), (0.1, 1.0), (0.59, 5.5), (0.58, 4.9), (0.5, 9.5)]
    trials = [trial(number, accuracy=a, params=p) for number, (a, p) in enumerate(values)]
    ranked = order(trials, SMALL_AND_ACCURATE)
    assert set(ranked[:2]) == {0, 2}
    assert set(ranked[2:4]) == {1, 4}
    assert set(ranked[4:]) == {3, 5}


def test_one_objective_is_ranked_by_loss():
    trials = [trial(number, accuracy=accuracy) for number, accuracy in enumerate((0.1, 0.9, 0.5))]
    assert order(trials, Objectives((Objective("accuracy"),))) == [1, 2, 0]
