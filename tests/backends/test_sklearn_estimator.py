"""Whole estimators: fitted, deterministic, with outputs that line up with the classes."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from netwright.backends.sklearn import fit_estimator, is_estimator
from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import OpGraph, OpNode

ATTRS = {"iterations": 10, "leaves": 8, "min_samples": 5}


def task(y, outputs, kind, x=None):
    if x is None:
        x = np.random.default_rng(0).normal(size=(len(y), 4)).astype(np.float32)
        x[:, 1] = y
    return SimpleNamespace(signature=Signature(x.shape[1:], outputs, kind), train=SimpleNamespace(x=x, y=y))


def test_classes_as_log_probabilities(line):
    y = np.repeat(np.arange(3), 40)
    problem = task(y, 3, "classification")
    answers = fit_estimator(line(("gradient-boosting", ATTRS)), problem, 0).outputs(problem.train.x)
    assert answers.shape == (120, 3)
    np.testing.assert_allclose(np.exp(answers).sum(1), 1)
    assert (answers.argmax(1) == y).mean() > 0.99


@pytest.mark.parametrize("seen", [(0, 2), (1, 3)])
def test_classes_that_were_never_seen(line, seen):
    problem = task(np.repeat(seen, 40), 4, "classification")
    answers = fit_estimator(line(("gradient-boosting", ATTRS)), problem, 0).outputs(problem.train.x)
    assert answers.shape == (80, 4)
    assert np.isfinite(answers).all()
    assert set(answers.argmax(1)) == set(seen)
    assert answers[:, [c for c in range(4) if c not in seen]].max() < -700


def test_values_in_the_unit_of_the_target(line):
    y = np.linspace(100, 300, 200).astype(np.float32)
    problem = task(y, 1, "regression")
    answers = fit_estimator(line(("gradient-boosting", {"iterations": 100})), problem, 0).outputs(problem.train.x)
    assert answers.shape == (200,)
    assert np.abs(answers - y).mean() < 5


def test_seeds(line):
    y = np.random.default_rng(1).normal(size=200).astype(np.float32)
    problem = task(y, 1, "regression", np.random.default_rng(2).normal(size=(200, 6)).astype(np.float32))
    graph = line(("gradient-boosting", {**ATTRS, "features": 0.5}))
    first, again, other = (fit_estimator(graph, problem, seed).outputs(problem.train.x) for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_attributes_reach_the_model(line):
    y = np.linspace(0, 1, 100).astype(np.float32)
    problem = task(y, 1, "regression")
    stumps = fit_estimator(line(("gradient-boosting", {"iterations": 1, "leaves": 2})), problem, 0)
    assert len(np.unique(stumps.outputs(problem.train.x))) == 2


def test_what_is_no_estimator(line):
    network = line(("head", {}))
    assert not is_estimator(network)
    assert is_estimator(line(("gradient-boosting", {})))
    problem = task(np.arange(4), 4, "classification")
    with pytest.raises(InputError, match=r"at/0 \(head\) is not an estimator"):
        fit_estimator(network, problem, 0)
    with pytest.raises(InputError, match=r"at/1 \(gradient-boosting\) is a whole model"):
        fit_estimator(line(("norm", {}), ("gradient-boosting", {})), problem, 0)
    images = task(np.zeros(2, np.int64), 2, "classification", np.zeros((2, 1, 4, 4), np.uint8))
    with pytest.raises(InputError, match=r"at/0 \(gradient-boosting\) is for tables"):
        fit_estimator(line(("gradient-boosting", {})), images, 0)


def test_wrong_attributes_are_named(line):
    graph = OpGraph((*line().nodes, OpNode("model", "gradient-boosting", {"trees": 5}, (0,), "model")), 1)
    with pytest.raises(InputError, match="trees"):
        fit_estimator(graph, task(np.arange(4), 4, "classification"), 0)
