"""The controller: its gradient, and how decisions become steps and back."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from netwright.space import Decision
from netwright.strategies.controller import Controller
from netwright.strategies.steps import PARTS, Step, path, steps, value
from netwright.strategies.writing import Batch

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


def controller_and_paths(hidden=5):
    """Paths of several lengths, some steps of them in common."""
    rng, controller = np.random.default_rng(3), Controller(hidden, rate=0.02)
    every = [Step(f"s{i}", np.log(rng.random(n) + 0.1)) for i, n in enumerate((3, 2, 4, 3))]
    paths = [[(step, int(rng.integers(len(step.prior)))) for step in every[:count]] for count in (4, 2, 3)]
    batch = Batch([controller.write(path) for path in paths])
    for table in (controller.output, controller.bias, controller.embedding):
        table.values = table.values + rng.normal(0, 0.3, table.values.shape)
    return controller, paths, batch


def target(controller, paths, pulls, entropy):
    """What is climbed, step by step."""
    total, pull = 0.0, iter(pulls)
    for path_ in paths:
        history = controller.start()
        for step, place in path_:
            chance = np.array(controller.probabilities(step, history))
            total += next(pull) * math.log(chance[place]) - entropy * float(chance @ np.log(chance))
            history = controller.advance(step, place, history)
    return total / len(paths)


@pytest.mark.parametrize("hidden", [0, 5])
def test_a_batch_is_read_as_paths_are_drawn(hidden):
    controller, paths, batch = controller_and_paths(hidden)
    reading = controller.read(batch)
    for place in range(9):
        pulls = np.eye(9)[place]
        assert reading.taken @ pulls == pytest.approx(3 * target(controller, paths, pulls, 0.0))


@pytest.mark.parametrize("hidden", [0, 5])
@pytest.mark.parametrize(("scale", "entropy"), [(1.0, 0.0), (0.0, 1.0), (-0.7, 0.2)])
def test_the_gradient_is_that_of_finite_differences(hidden, scale, entropy):
    controller, paths, batch = controller_and_paths(hidden)
    pulls = scale * np.random.default_rng(4).normal(size=9)
    rows, found = controller.gradients(controller.read(batch), pulls, entropy)
    parts = ("recurrence", "embedding", "output", "bias")
    for part, places, gradient in zip(parts, (slice(None), rows, rows, rows), found, strict=True):
        values = getattr(controller, part).values
        numeric, analytic = np.zeros_like(values), np.zeros_like(values)
        analytic[places] = gradient
        for place in np.ndindex(values.shape):
            kept = values[place]
            sides = []
            for shift in (1e-6, -1e-6):
                values[place] = kept + shift
                sides.append(target(controller, paths, pulls, entropy))
            values[place] = kept
            numeric[place] = (sides[0] - sides[1]) / 2e-6
        assert np.abs(analytic).max(initial=0) > 0 or not values.size
        np.testing.assert_allclose(analytic, numeric, atol=1e-7)


@pytest.mark.parametrize("hidden", [0, 5])
@pytest.mark.parametrize("pull", [1.0, -1.0])
def test_what_is_rewarded_becomes_likelier_and_what_is_punished_less(hidden, pull):
    controller, paths, batch = controller_and_paths(hidden)
    before = target(controller, paths, np.ones(9), 0.0)
    for _ in range(5):
        controller.climb(controller.read(batch), np.full(9, pull), 0.0)
    assert (target(controller, paths, np.ones(9), 0.0) - before) * pull > 0


@pytest.mark.parametrize(("hidden", "depends"), [(0, False), (5, True)])
def test_later_steps_depend_on_earlier_ones_in_an_autoregressive_controller(hidden, depends):
    controller, paths, _ = controller_and_paths(hidden)
    (first, _), (second, _) = paths[0][:2]
    after = [
        np.array(controller.probabilities(second, controller.advance(first, place, controller.start())))
        for place in (0, 1)
    ]
    assert (np.abs(after[0] - after[1]).max() > 0.01) == depends


def test_heat_brings_the_prior_back():
    controller, paths, _ = controller_and_paths()
    step = paths[0][0][0]
    prior = np.exp(step.prior) / np.exp(step.prior).sum()
    away = [np.abs(controller.probabilities(step, np.ones(5), heat) - prior).max() for heat in (1.0, 3.0, 1e9)]
    assert away == sorted(away, reverse=True)
    assert away[-1] < 1e-6
