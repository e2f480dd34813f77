"""Incumbent, feasibility and front over trials."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.objectives import Constraint, Objective, Objectives
from netwright.space import Space, chain, choice, op
from netwright.trial import Failure, Measurement, Proposal, Trial

SPACE = Space(chain(op("conv", kernel=choice(*range(1, 21)))), "objectives-test")
ACCURACY = Objectives((Objective("accuracy"),))
BOUNDED = Objectives((Objective("accuracy"),), (Constraint("latency_ms", "<=", 10.0),))
BOTH = Objectives((Objective("accuracy"), Objective("params")))


def trial(number, kernel=None, **metrics):
    choices = {"0/kernel": number if kernel is None else kernel}
    pending = Trial(number, Proposal(SPACE.architecture(choices)))
    return pending.complete(Measurement(metrics)) if metrics else pending


def failed(number):
    return trial(number).fail(Failure("error", "broke"))


def test_losses_are_minimised_and_infinite_without_a_value():
    assert BOTH.losses(trial(0, accuracy=0.9, params=10.0)).tolist() == [-0.9, 10.0]
    assert BOTH.losses(trial(0, accuracy=math.nan, params=10.0)).tolist() == [math.inf, 10.0]
    assert BOTH.losses(trial(0, accuracy=0.9)).tolist() == [-0.9, math.inf]
    assert np.isinf(BOTH.losses(failed(0))).all()
    assert np.isinf(BOTH.losses(trial(0))).all()


def test_the_incumbent_is_the_best_feasible_one():
    slow, quick = trial(0, accuracy=0.9, latency_ms=20.0), trial(1, accuracy=0.5, latency_ms=5.0)
    assert ACCURACY.incumbent([slow, quick]) == slow
    assert BOUNDED.incumbent([slow, quick]) == quick
    assert BOUNDED.incumbent([slow, trial(2, accuracy=0.3, latency_ms=15.0)]).number == 2


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_the_incumbent_is_never_one_without_a_finite_value(value):
    assert ACCURACY.incumbent([trial(0, accuracy=value), failed(1), trial(2)]) is None
    assert ACCURACY.incumbent([trial(0, accuracy=value), trial(1, accuracy=0.1)]).number == 1
    assert BOUNDED.incumbent([trial(0, accuracy=0.9, latency_ms=math.nan)]) is None


def test_the_earlier_of_equals_is_the_incumbent():
    assert ACCURACY.incumbent([trial(5, accuracy=0.5), trial(3, accuracy=0.5)]).number == 3


def test_feasible_only_when_measured_and_within_every_constraint():
    assert BOUNDED.feasible(trial(0, accuracy=0.1, latency_ms=10.0))
    assert not BOUNDED.feasible(trial(0, accuracy=0.1, latency_ms=10.1))
    assert not BOUNDED.feasible(trial(0, accuracy=0.1))
    assert not ACCURACY.feasible(failed(0))
    assert BOUNDED.violation(failed(0)) == math.inf
    assert ACCURACY.violation(trial(0, accuracy=0.1)) == 0.0


def test_violations_of_several_constraints_add_up():
    two = Objectives((Objective("accuracy"),), (Constraint.parse("latency_ms<=10"), Constraint.parse("params<=100")))
    assert two.violation(trial(0, latency_ms=15.0, params=200.0)) == 1.5


def test_the_front_holds_what_nothing_dominates_sorted_by_the_first_objective():
    trials = [
        trial(0, accuracy=0.5, params=10.0),
        trial(1, accuracy=0.9, params=90.0),
        trial(2, accuracy=0.8, params=95.0),
        trial(3, accuracy=0.7, params=50.0),
        trial(4, accuracy=math.nan, params=1.0),
        failed(5),
    ]
    assert [t.number for t in BOTH.front(trials)] == [1, 3, 0]
    assert BOTH.front([failed(0)]) == []


def test_the_front_has_each_network_once_by_its_earliest_trial():
    trials = [trial(2, kernel=0, accuracy=0.9), trial(1, kernel=0, accuracy=0.8), trial(0, kernel=1, accuracy=0.1)]
    assert [t.number for t in ACCURACY.front(trials)] == [1]


def test_the_front_prefers_feasible_trials():
    bounded = Objectives(BOTH.objectives, BOUNDED.constraints)
    trials = [trial(0, accuracy=0.9, params=1.0, latency_ms=11.0), trial(1, accuracy=0.1, params=9.0, latency_ms=9.0)]
    assert [t.number for t in bounded.front(trials)] == [1]
    assert [t.number for t in bounded.front(trials[:1])] == [0]


def test_analytic_constraints_are_those_known_before_training():
    texts = ("params<300k", "latency_ms<10", "flops<1G", "accuracy>0.5", "model_bytes<1MB")
    mixed = Objectives((Objective("accuracy"),), tuple(map(Constraint.parse, texts)))
    assert [c.metric for c in mixed.analytic] == ["params", "flops", "model_bytes"]
    assert mixed.names == {"accuracy", "params", "latency_ms", "flops", "model_bytes"}


@pytest.mark.parametrize(
    "texts", [("params<100", "params>200"), ("params<100", "params>=100"), ("params<=100", "params>100")]
)
def test_contradictory_constraints_are_refused(texts):
    with pytest.raises(InputError, match="contradicts"):
        Objectives((Objective("accuracy"),), tuple(map(Constraint.parse, texts)))


@pytest.mark.parametrize("texts", [("params<=100", "params>=100"), ("params<200", "params>100", "flops<50")])
def test_constraints_that_leave_something_are_taken(texts):
    assert len(Objectives((Objective("accuracy"),), tuple(map(Constraint.parse, texts))).constraints) == len(texts)


def test_no_objective_and_the_same_objective_twice_are_refused():
    with pytest.raises(InputError, match="no objective"):
        Objectives(())
    with pytest.raises(InputError, match="twice"):
        Objectives((Objective("accuracy"), Objective("accuracy")))
