"""Objectives and constraints as typed."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import InputError
from netwright.objectives import METRICS, Constraint, Objective
from netwright.tasks.answers import ANSWERS


@pytest.mark.parametrize(
    ("text", "metric", "op", "bound"),
    [
        ("params<300k", "params", "<", 300e3),
        ("flops <= 1.5G", "flops", "<=", 1.5e9),
        ("Params>=2M", "params", ">=", 2e6),
        ("accuracy>=90%", "accuracy", ">=", 0.9),
        ("balanced-accuracy>0.5", "balanced_accuracy", ">", 0.5),
        ("r2>-0.5", "r2", ">", -0.5),
        ("latency_ms<5", "latency_ms", "<", 5.0),
        ("latency_ms<5ms", "latency_ms", "<", 5.0),
        ("latency_ms<0.5s", "latency_ms", "<", 500.0),
        ("train_s<=500ms", "train_s", "<=", 0.5),
        ("train_s<2min", "train_s", "<", 120.0),
        ("model_bytes<200kB", "model_bytes", "<", 200e3),
        ("model_bytes<1MiB", "model_bytes", "<", 2**20),
        ("peak_memory_mb<512MB", "peak_memory_mb", "<", 512.0),
        ("peak_memory_mb<2GB", "peak_memory_mb", "<", 2048.0),
        ("params<1e5", "params", "<", 1e5),
        ("log_loss<2", "log_loss", "<", 2.0),
        ("mcd<6.5", "mcd", "<", 6.5),
        ("length-error<10%", "length_error", "<", 0.1),
    ],
)
def test_constraints_are_read_in_the_metrics_own_unit(text, metric, op, bound):
    read = Constraint.parse(text)
    assert (read.metric, read.op) == (metric, op)
    assert read.bound == pytest.approx(bound)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("params", "params<300k"),
        ("params=5", "cannot read"),
        ("params<", "cannot read"),
        ("parms<3", "did you mean 'params'"),
        ("params<10ms", "'ms'.*no unit of params.*k, m, g"),
        ("params<50%", "'%'"),
        ("latency_ms<5k", "us, ms, s"),
        ("rmse<5%", "a plain number"),
        ("params<1.2.3", "'1.2.3'.*not a number"),
        ("params<1e999", "finite"),
        ("accuracy>=90", "never hold.*accuracy is 0 to 1"),
        ("r2>1", "never hold.*at most 1"),
        ("params<0", "never hold.*0 or more"),
    ],
)
def test_what_is_wrong_with_a_constraint_is_said(text, says):
    with pytest.raises(InputError, match=says):
        Constraint.parse(text)


def test_an_unknown_comparison_is_refused():
    with pytest.raises(InputError, match="'=='"):
        Constraint("params", "==", 3.0)


@given(st.sampled_from(sorted(METRICS)), st.sampled_from(["<", "<=", ">", ">="]), st.floats(1e-9, 1 - 1e-9))
def test_a_constraint_reads_back_as_it_is_written(metric, op, bound):
    written = Constraint(metric, op, bound)
    assert Constraint.parse(str(written)) == written


@given(st.sampled_from(["<", "<=", ">", ">="]), st.floats(-5, 5), st.floats(-5, 5))
def test_a_violation_is_positive_exactly_where_it_does_not_hold(op, bound, value):
    constraint = Constraint("r2", op, min(bound, 0.9))
    assert (constraint.violation(value) == 0.0) == constraint.holds(value)
    assert constraint.violation(value) >= 0.0


def test_a_violation_grows_with_the_distance_relative_to_the_bound():
    constraint = Constraint.parse("params<=100")
    assert [constraint.violation(value) for value in (100, 150, 300)] == [0.0, 0.5, 2.0]
    assert constraint.violation(math.nan) == math.inf
    assert not constraint.holds(math.nan)


def test_a_strict_bound_is_violated_at_the_bound():
    assert Constraint.parse("params<100").violation(100.0) > 0.0


def test_objectives_know_their_direction():
    assert Objective.parse("Accuracy").loss(0.75) == -0.75
    assert Objective.parse("latency-ms").loss(3.0) == 3.0
    assert Objective.parse("accuracy").loss(math.nan) == math.inf
    assert str(Objective.parse("f1")) == "f1"


def test_an_unknown_objective_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'accuracy'"):
        Objective.parse("acuracy")


def test_the_promised_metrics_exist():
    quality = {metric for answer in ANSWERS.values() for metric in answer.metrics}
    assert quality >= {"accuracy", "balanced_accuracy", "f1", "auc", "log_loss", "rmse", "mae", "r2", "cer", "wer"}
    sources = {name: metric.source for name, metric in METRICS.items()}
    assert {name for name, source in sources.items() if source == "quality"} == quality
    assert {name for name, source in sources.items() if source == "analytic"} == {"params", "flops", "model_bytes"}
    assert {name for name, source in sources.items() if source == "measured"} == {
        "latency_ms",
        "peak_memory_mb",
        "train_s",
    }
    assert all(name == metric.name for name, metric in METRICS.items())
