"""What makes local search, simulated annealing and network morphism themselves."""

from __future__ import annotations

import copy

import numpy as np
import pytest

from netwright import spaces
from netwright.operations import Signature, analyse
from netwright.strategies import LocalSearch, Morphism, Problem, SimulatedAnnealing
from netwright.testing.strategies import ACCURACY, FAST, SPACES, best_accuracy, proposed, search, smooth
from netwright.trial import Measurement, Proposal, Trial

SPACE = SPACES["choices"]


def changed(child, parent):
    return sum(parent.choices[name] != value for name, value in child.choices.items())


def outcome(number, accuracy, parents=(), **metrics):
    proposal = Proposal(SPACE.sample(np.random.default_rng(number)), parents=parents)
    return Trial(number, proposal).complete(Measurement({"accuracy": accuracy, **metrics}))


def test_local_search_tries_the_neighbours_of_the_best_so_far():
    log = search(LocalSearch(founders=3), SPACE, smooth, 40)
    best = None
    for event in log:
        if event.status == "completed":
            best = event if best is None else min(best, event, key=ACCURACY.rank_key)
        elif event.number >= 3:
            assert event.proposal.parents == (best.number,)
            assert changed(event.proposal.architecture, best.proposal.architecture) == 1


def test_local_search_proves_the_optimum_then_goes_on_around_the_next_best():
    log = search(LocalSearch(), SPACE, smooth, 200)
    best = min((event for event in log if event.status == "completed"), key=ACCURACY.rank_key)
    keys = {proposal.architecture.key for proposal in proposed(log)}
    assert all(neighbour.key in keys for neighbour in SPACE.neighbours(best.proposal.architecture))
    assert all(proposal.parents != (best.number,) for proposal in proposed(log)[-5:])
    assert all(proposal.parents for proposal in proposed(log)[-5:])


def test_local_search_does_not_wait_for_the_last_neighbours():
    strategy = LocalSearch(founders=2)
    state = strategy.init(Problem(SPACE, ACCURACY))
    state = strategy.tell(state, [outcome(0, 0.5), outcome(1, 0.9)])
    state.memory.asked = 2
    asked = strategy.ask(state, 60)
    assert [proposal.parents for proposal in asked] == [(1,)] * 40 + [(0,)] * 20
    assert list(strategy.ask(copy.deepcopy(state), 60)) == list(asked)


def test_neighbours_come_in_an_order_of_the_seed():
    first = SPACE.sample(np.random.default_rng(0))
    orders = [list(SPACE.neighbours(first, np.random.default_rng(seed))) for seed in (1, 2)]
    assert orders[0] != orders[1]
    assert set(orders[0]) == set(orders[1]) == set(SPACE.neighbours(first))


def walked(strategy, *trials, objectives=ACCURACY):
    return strategy.tell(strategy.init(Problem(SPACE, objectives)), trials).current.number


def test_annealing_always_moves_to_what_is_better():
    for temperature in (0.0, 10.0):
        assert walked(SimulatedAnnealing(temperature), outcome(0, 0.5), outcome(1, 0.6, (0,))) == 1


def test_annealing_moves_to_what_is_worse_when_hot_and_not_when_cold():
    worse = [outcome(0, 0.5), outcome(1, 0.4, (0,))]
    assert walked(SimulatedAnnealing(0.0), *worse) == 0
    assert walked(SimulatedAnnealing(1e6), *worse) == 1
    steps = [outcome(number, 0.5 - number % 2 / 10, (0,)) for number in range(400)]
    for trial in steps[1::2]:
        assert trial.metric("accuracy") < 0.5
    moved = np.mean([walked(SimulatedAnnealing(1.0), steps[0], steps[place]) > 0 for place in range(1, 400, 2)])
    assert moved == pytest.approx(np.exp(-1), abs=0.1)


def test_annealing_cools_with_each_step():
    strategy = SimulatedAnnealing(temperature=0.5, cooling=0.5, founders=1)
    state = strategy.tell(strategy.init(Problem(SPACE, ACCURACY)), [outcome(0, 0.5), outcome(1, 0.4, (0,))])
    assert state.temperature == 0.25


def test_annealing_never_leaves_the_feasible():
    feasible, quick = outcome(0, 0.1, latency_ms=0.1), outcome(1, 0.9, (0,), latency_ms=0.9)
    assert walked(SimulatedAnnealing(1e9), feasible, quick, objectives=FAST) == 0
    assert walked(SimulatedAnnealing(0.0), quick, feasible, objectives=FAST) == 0


def test_annealing_steps_further_where_all_near_is_known():
    log = search(SimulatedAnnealing(temperature=0.0), SPACE, smooth, 200)
    proposals = proposed(log)
    sizes = [
        changed(proposal.architecture, proposals[parent].architecture)
        for proposal in proposals
        for parent in proposal.parents
    ]
    assert sizes[0] == 1
    assert max(sizes) > 1


@pytest.mark.parametrize("strategy", [LocalSearch(), SimulatedAnnealing()], ids=lambda one: one.name)
def test_several_workers_find_about_as_much(strategy):
    found = [best_accuracy(search(strategy, SPACE, smooth, 120, workers=workers)) for workers in (1, 8)]
    assert found == pytest.approx([found[0]] * 2, abs=0.05)


def test_morphism_starts_small_and_grows():
    signature = Signature((8,), 3, "classification")
    space = spaces.get("mlp", signature)

    def size(architecture):
        return {"params": float(analyse(architecture.graph, signature).params)}

    strategy = Morphism()
    state = strategy.init(Problem(space, ACCURACY, 0, size))
    trials: dict[int, Trial] = {}
    for number in range(8):
        trial = Trial(number, strategy.ask(state, 1)[0], "search")
        state = strategy.tell(state, [trial])
        trials[number] = trial.complete(Measurement({"accuracy": 0.5 + number / 100}))
        state = strategy.tell(state, [trials[number]])
    params = {number: size(trial.proposal.architecture)["params"] for number, trial in trials.items()}
    grown = [trial for trial in trials.values() if trial.proposal.origin == "morphism"]
    assert len(grown) == 4
    assert all(params[trial.number] > params[trial.proposal.parents[0]] for trial in grown)
    usual = np.mean([size(space.sample(np.random.default_rng(seed)))["params"] for seed in range(50)])
    assert np.mean([params[number] for number in range(4)]) < usual / 2
