"""A warm start: which earlier results count, and when."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.objectives import Objective, Objectives
from netwright.space import Space, chain, choice, op
from netwright.strategies import NPENAS, GeneticAlgorithm, WarmStarted
from netwright.strategies.transfer import Line, agreement, translated
from netwright.strategies.warm_start import FIRST
from netwright.testing.strategies import SPACES, best_accuracy, problem, proposed, search, smooth
from netwright.trial import Measurement, Proposal, Trial

SPACE = SPACES["choices"]
ACCURACY = Objectives((Objective("accuracy"),))


def earlier(count: int = 60, space: Space = SPACE, worth=smooth, seed: int = 99) -> tuple[Trial, ...]:
    rng = np.random.default_rng(seed)
    drawn = [space.sample(rng) for _ in range(count)]
    return tuple(Trial(number, Proposal(one)).complete(Measurement(worth(one))) for number, one in enumerate(drawn))


def inverted(architecture):
    return {"accuracy": 1 - smooth(architecture)["accuracy"]}


def shifted(architecture):
    return {"accuracy": 0.2 + 0.5 * smooth(architecture)["accuracy"]}


@pytest.mark.parametrize("strategy", [NPENAS(), GeneticAlgorithm()], ids=lambda one: one.name)
@pytest.mark.parametrize(("worth", "same"), [(smooth, True), (shifted, False)], ids=["same task", "another task"])
def test_it_is_better_from_the_start(strategy, worth, same):
    gains = []
    for seed in range(5):
        warm = WarmStarted(strategy, earlier(worth=worth, seed=seed), same_task=same)
        first, second = (search(one, SPACE, smooth, 25, seed=seed) for one in (warm, strategy))
        gains.append(best_accuracy(first) - best_accuracy(second))
    assert np.mean(gains) > 0


def test_the_best_earlier_networks_come_first():
    known = earlier()
    best = sorted(known, key=lambda trial: -trial.metric("accuracy"))
    made = proposed(search(WarmStarted(NPENAS(), known), SPACE, smooth, 12))
    assert [one.origin == "warm start" for one in made] == [True] * 6 + [False] * 6
    assert [one.architecture.key for one in made[:3]] == [trial.key for trial in best[:3]]
    assert all(number < FIRST for one in made for number in one.parents)


def test_results_that_do_not_carry_over_are_forgotten():
    misled = WarmStarted(NPENAS(), earlier(worth=inverted), same_task=False)
    state = misled.tell(misled.init(problem(SPACE)), search(misled, SPACE, smooth, 30))
    assert state.settled
    assert len(state.inner.evidence.measured) == 30


def test_a_resumed_search_goes_on_as_it_would_have():
    warm = WarmStarted(NPENAS(), earlier(worth=shifted), same_task=False)
    log = search(warm, SPACE, smooth, 20, workers=3)
    for place in range(0, len(log), 5):
        told = warm.tell(warm.init(problem(SPACE)), log[:place])
        again = warm.tell(warm.init(problem(SPACE)), log[:place])
        assert list(warm.ask(told, 2)) == list(warm.ask(again, 2))


def test_architectures_of_an_overlapping_space_are_found_by_what_they_mean():
    old = Space(chain(op("conv", kernel=choice(1, 3, 5, name="k"), channels=8)), "old")
    new = Space(chain(op("conv", kernel=choice(5, 3, 7, name="k"), channels=8)), "new")
    found = translated(old.architecture({"k": 2}), new)
    assert found is not None
    assert found.to_dict() == {"k": 0}
    assert translated(old.architecture({"k": 0}), new) is None


def test_a_line_through_the_pairs_foretells_the_others():
    line = Line.fitted(np.array([0.1, 0.2, 0.3, 0.4, 0.5]), np.array([0.5, 0.6, 0.7, 0.8, 9.0]))
    assert line.slope == pytest.approx(1.0)
    assert line.at(0.35) == pytest.approx(0.75, abs=0.1)
    assert Line.fitted(np.array([1.0, 2.0]), np.array([2.0, 1.0])).slope == 0


def test_agreement_is_by_rank():
    pairs = [(one, one) for one in earlier(5)]
    assert agreement(pairs, ACCURACY) == 1
    assert np.isnan(agreement(pairs[:2], ACCURACY))


def test_nothing_in_common_is_no_harm():
    stranger = Space(op("conv", kernel=choice(1, 2, name="other")), "stranger")
    made = proposed(search(WarmStarted(NPENAS(), earlier(3, stranger)), SPACE, smooth, 20))
    assert len(made) == 20


@pytest.mark.parametrize("settings", [{"probes": 2}, {"most": 0}])
def test_senseless_settings_are_refused(settings):
    with pytest.raises(InputError):
        WarmStarted(NPENAS(), (), **settings)
