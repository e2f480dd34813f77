"""What sets the model-based strategies apart."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.strategies import BANANAS, EHVI, NASBOWL, NPENAS, PNAS, GeneticAlgorithm
from netwright.strategies.ehvi import open_region
from netwright.strategies.pnas import complexity
from netwright.testing.strategies import SPACES, best_accuracy, problem, proposed, search, smooth

SINGLE = [NPENAS(), *(pytest.param(one, marks=pytest.mark.slow) for one in (BANANAS(), NASBOWL()))]


@pytest.mark.parametrize("strategy", SINGLE, ids=lambda one: one.name)
def test_it_finds_in_a_few_trials_what_the_genetic_algorithm_does_not(strategy):
    gains = [
        best_accuracy(search(strategy, SPACES["choices"], smooth, 25, seed=seed))
        - best_accuracy(search(GeneticAlgorithm(), SPACES["choices"], smooth, 25, seed=seed))
        for seed in range(6)
    ]
    assert np.mean(gains) > 0


@pytest.mark.parametrize("strategy", [NPENAS(founders=7), BANANAS(founders=7), EHVI(founders=7)], ids=lambda s: s.name)
def test_only_founders_are_random(strategy):
    made = proposed(search(strategy, SPACES["choices"], smooth, 30))
    assert [proposal.origin for proposal in made] == ["random"] * 7 + ["predicted"] * 23


def test_parents_come_from_the_best():
    log = search(NPENAS(parents=3, random_share=0.0), SPACES["choices"], smooth, 40)
    done = [trial for trial in log if trial.status == "completed"]
    for trial in done[10:]:
        before = sorted((t for t in done if t.number < trial.number), key=lambda t: -t.metric("accuracy"))
        assert set(trial.proposal.parents) <= {t.number for t in before[:3]}


def test_progressive_search_begins_with_simple_networks():
    log = proposed(search(PNAS(generation=10), SPACES["conditional"], smooth, 60))
    sizes = [complexity(proposal.architecture) for proposal in log]
    assert np.mean(sizes[:10]) < np.mean(sizes[10:20]) < np.mean(sizes[20:30])
    state = PNAS(generation=10).init(problem(SPACES["conditional"]))
    assert max(sizes[:10]) <= state.bounds[0] + 1


def test_founders_of_nas_bowl_stand_for_the_space():
    founders = proposed(search(NASBOWL(founders=6), SPACES["choices"], smooth, 6))
    rng = np.random.default_rng(0)

    def apart(architectures):
        rows = np.stack([SPACES["choices"].encode(one, "one-hot") for one in architectures])
        return np.mean([np.abs(a - b).sum() for a in rows for b in rows])

    drawn = np.mean([apart([SPACES["choices"].sample(rng) for _ in range(6)]) for _ in range(20)])
    assert apart([proposal.architecture for proposal in founders]) > drawn


@pytest.mark.parametrize("front", [[[0.0, 1.0], [1.0, 0.0]], [[0.0, 1.0, 2.0], [1.0, 0.0, 2.0]], [[1.0]]])
def test_the_open_region_is_what_the_front_does_not_dominate(front):
    front = np.array(front)
    region = open_region(front)
    assert len(region)
    assert not (front[None] <= region[:, None]).all(2).any()


@pytest.mark.parametrize("kind", [NPENAS, BANANAS, NASBOWL, EHVI, PNAS])
def test_senseless_settings_are_refused(kind):
    with pytest.raises(InputError):
        kind(candidates=0)
    with pytest.raises(InputError):
        kind(**({"levels": 0} if kind is PNAS else {"founders": 0}))
