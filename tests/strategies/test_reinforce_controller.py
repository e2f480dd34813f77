"""The controller: its gradient, and how decisions become steps and back."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from netwright.space import Decision
from netwright.strategies.base import Problem
from netwright.strategies.controller import Controller
from netwright.strategies.reinforce import Reinforce, ReinforceState
from netwright.strategies.steps import PARTS, Step, path, steps, value
from netwright.testing.strategies import ACCURACY, FAST, SPACES, search, smooth
from netwright.trial import Measurement, Proposal, Trial

DECISIONS = (
    Decision("choice", "choice", options=("a", "b", "c")),
    Decision("few", "integer", lo=2, hi=10, step=2),
    Decision("many", "integer", lo=-7, hi=990, step=3),
    Decision("real", "real", lo=-1.0, hi=3.0),
    Decision("log", "real", lo=1e-5, hi=1.0, log=True),
    Decision("subset", "subset", options=tuple("abcde"), k=(1, 3)),
    Decision("fixed", "subset", options=tuple("abcd"), k=(2, 2)),
    Decision("wide", "subset", options=tuple(range(40)), k=(3, 30)),
)
each = pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.name)


def drawn(decision, rng):
    """A value, drawn step by step from the prior."""
    taken, places = [], []
    for step in steps(decision, taken):
        weights = np.exp(step.prior)
        taken.append(int(rng.choice(len(weights), p=weights / weights.sum())))
        places.append((step.name, taken[-1]))
    return value(decision, taken, rng), places


@each
def test_steps_lead_to_values_and_values_back_to_the_steps(decision):
    rng = np.random.default_rng(0)
    for _ in range(200):
        found, places = drawn(decision, rng)
        assert decision.allows(found)
        assert [(step.name, place) for step, place in path(decision, found)] == places


@each
def test_any_value_of_the_domain_has_a_path(decision):
    rng = np.random.default_rng(1)
    for found in (decision.first, *(decision.sample(rng) for _ in range(100))):
        assert all(0 <= place < len(step.prior) for step, place in path(decision, found))


@pytest.mark.parametrize("decision", [d for d in DECISIONS if d.cardinality <= 30], ids=lambda d: d.name)
def test_before_learning_every_value_is_equally_likely(decision):
    for found in decision.values():
        chance = 1.0
        for step, place in path(decision, found):
            weights = np.exp(step.prior)
            chance *= weights[place] / weights.sum()
        assert chance == pytest.approx(1 / decision.cardinality)


def test_every_value_of_a_long_range_can_be_drawn():
    decision, rng = Decision("n", "integer", lo=1, hi=97), np.random.default_rng(2)
    counts = Counter(drawn(decision, rng)[0] for _ in range(6000))
    assert set(counts) == set(range(1, 98))
    assert {path_[1] for n in range(1, 98) for path_ in path(decision, n)} == set(range(PARTS))


def controller_and_path():
    rng, controller = np.random.default_rng(3), Controller(hidden=5)
    written = [(Step(f"s{i}", np.log(rng.random(n) + 0.1)), int(rng.integers(n))) for i, n in enumerate((3, 2, 4, 3))]
    for step, _ in written:
        controller.probabilities(step, controller.start())
    for table in (controller.output, controller.bias, controller.embedding):
        table.values = table.values + rng.normal(0, 0.3, table.values.shape)
    return controller, written


def target(controller, written, advantage, entropy):
    history, total = controller.start(), 0.0
    for step, place in written:
        chance = controller.probabilities(step, history)
        total += advantage * math.log(chance[place]) - entropy * float(chance @ np.log(chance))
        history = controller.advance(step, place, history)
    return total


@pytest.mark.parametrize(("advantage", "entropy"), [(1.3, 0.0), (0.0, 1.0), (-0.7, 0.2)])
@pytest.mark.parametrize("part", ["recurrence", "embedding", "output", "bias"])
def test_the_gradient_is_that_of_finite_differences(part, advantage, entropy):
    controller, written = controller_and_path()
    rows, taken, _ = controller._layout(written)
    found = dict(
        zip(
            ("recurrence", "embedding", "output", "bias"),
            controller._gradients(written, advantage, entropy),
            strict=True,
        )
    )
    places = {"recurrence": slice(None), "embedding": rows[taken], "output": rows, "bias": rows}
    values = getattr(controller, part).values
    numeric, analytic = np.zeros_like(values), np.zeros_like(values)
    analytic[places[part]] = found[part]
    for place in np.ndindex(values.shape):
        kept = values[place]
        sides = []
        for shift in (1e-6, -1e-6):
            values[place] = kept + shift
            sides.append(target(controller, written, advantage, entropy))
        values[place] = kept
        numeric[place] = (sides[0] - sides[1]) / 2e-6
    assert np.abs(analytic).max() > 0
    np.testing.assert_allclose(analytic, numeric, atol=1e-7)


def test_what_is_rewarded_becomes_likelier_and_what_is_punished_less():
    for advantage in (1.0, -1.0):
        controller, written = controller_and_path()
        before = target(controller, written, 1.0, 0.0)
        for _ in range(5):
            controller.reinforce(written, advantage, 0.0)
        assert (target(controller, written, 1.0, 0.0) - before) * advantage > 0


def test_later_steps_depend_on_earlier_ones():
    controller, written = controller_and_path()
    (first, _), (second, _) = written[:2]
    after = [controller.probabilities(second, controller.advance(first, place, controller.start())) for place in (0, 1)]
    assert np.abs(after[0] - after[1]).max() > 0.01


def test_heat_brings_the_prior_back():
    controller, written = controller_and_path()
    step = written[0][0]
    prior = np.exp(step.prior) / np.exp(step.prior).sum()
    away = [np.abs(controller.probabilities(step, np.ones(5), heat) - prior).max() for heat in (1.0, 3.0, 1e9)]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 1e-6


def test_an_architecture_without_decisions_teaches_nothing():
    controller = Controller()
    controller.reinforce([], 1.0, 0.1)
    assert controller.learnt == 0


def test_the_advantage_is_relative_to_the_moving_average_and_bounded():
    state = ReinforceState(memory=None, controller=None)
    for reward in (1.0, 3.0, 1.0, 3.0):
        state.note(reward, 0.9)
    assert state.mean == pytest.approx(2.0)
    assert state.advantage(2.0) == pytest.approx(0.0)
    assert state.advantage(2.0 + state.spread) == pytest.approx(1.0)
    assert (state.advantage(1e9), state.advantage(-1e9)) == (2.0, -2.0)


def test_infeasible_trials_do_not_move_the_average():
    strategy, space = Reinforce(), SPACES["choices"]
    state = strategy.init(Problem(space, FAST))
    pending = Trial(0, Proposal(space.sample(np.random.default_rng(0))))
    state = strategy.tell(state, [pending, pending.complete(Measurement({"accuracy": 0.9, "latency_ms": 0.9}))])
    assert (state.rewards, state.mean) == (0, 0.0)
    assert state.controller.learnt == 1


def test_the_policy_settles_on_what_is_good():
    log = search(Reinforce(), SPACES["choices"], smooth, 200, objectives=ACCURACY)
    accuracies = [trial.metric("accuracy") for trial in log if trial.status == "completed"]
    assert np.mean(accuracies[-50:]) > np.mean(accuracies[:50]) + 0.02
