"""Estimators: fitted by scikit-learn, and the same as torch networks that can be saved, counted and exported."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import numpy as np
import pytest
import torch
from sklearn import ensemble, linear_model
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine

from netwright.backends.sklearn.estimator import answers, cross_answers, fit_estimator
from netwright.backends.torch.build import build
from netwright.backends.torch.count import footprint
from netwright.devices.conversion import program
from netwright.devices.runtime import open_session, run
from netwright.errors import InputError, MissingExtra
from netwright.operations import OPERATIONS, Signature, analyse, is_estimator
from netwright.space import Node, OpGraph, Space, chain, op, parallel

torch.set_num_threads(1)

SMALL = {
    "gradient-boosting": {"iterations": 8, "depth": 3, "min_samples": 5, "learning_rate": 0.3},
    "lightgbm": {"iterations": 8, "depth": 3, "min_samples": 5, "learning_rate": 0.3},
    "forest": {"trees": 6, "depth": 4},
    "neighbours": {"neighbours": 7, "examples": 90},
    "components": {"count": 20},
    "kernel-features": {"count": 40, "sharpness": 0.5},
}
ESTIMATORS = [
    name
    for name, operation in OPERATIONS.items()
    if operation.family == "estimator" and (name != "lightgbm" or find_spec("lightgbm"))
]
PREPARATIONS = [name for name, operation in OPERATIONS.items() if operation.family == "preparation"]
FURTHER = {
    "extra trees": op("forest", extra=True, trees=8, depth=4),
    "stack": chain(
        parallel(op("forest", trees=4, depth=3), op("identity"), op("linear-model"), merge="concat"),
        op("linear-model"),
    ),
}
KINDS = ("classification", "two classes", "regression")


def small(name: str) -> Node:
    return op(name, **SMALL.get(name, {}))


NODES = {
    **{name: small(name) for name in ESTIMATORS},
    **{name: chain(small(name), op("linear-model")) for name in PREPARATIONS},
    **FURTHER,
}


def graph_of(node: Node) -> OpGraph:
    return Space(node, "test").architecture({}).graph


def data(kind: str):
    """Signature, x, y, and x and y to be tested on; standardised real data."""
    load = {"classification": load_wine, "two classes": load_breast_cancer, "regression": load_diabetes}[kind]
    x, y = load(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(y))
    x, y = ((x - x.mean(0)) / x.std(0)).astype(np.float32)[order], y[order]
    if kind == "regression":
        y = ((y - y.mean()) / y.std()).astype(np.float32)
    outputs = 1 if kind == "regression" else int(y.max()) + 1
    part = len(y) * 2 // 3
    signature = Signature(x.shape[1:], outputs, "regression" if kind == "regression" else "classification")
    return signature, x[:part], y[:part], x[part:], y[part:]


def answered(node: Node, kind: str, seed: int = 0):
    signature, x, y, new, targets = data(kind)
    network = fit_estimator(graph_of(node), signature, x, y, seed)
    return answers(network, torch.from_numpy(new)).numpy(), targets


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", NODES)
def test_every_estimator_learns(name, kind):
    found, y = answered(NODES[name], kind)
    if kind == "regression":
        assert found.shape == (len(y), 1)
        assert np.square(found[:, 0] - y).mean() < 0.8 * y.var()
    else:
        assert (found.argmax(1) == y).mean() > 0.85
        assert (np.exp(found).sum(1) < 1.01).all()


@pytest.mark.parametrize("kind", KINDS[1:])
@pytest.mark.parametrize("name", NODES)
def test_sizes_are_known_before_fitting(name, kind):
    signature, x, y, *_ = data(kind)
    graph = graph_of(NODES[name])
    size = analyse(graph, signature)
    for network in (build(graph, signature), fit_estimator(graph, signature, x, y)):
        counted = footprint(network, signature.inputs)
        assert (counted.shape, counted.params, counted.flops) == ((signature.outputs,), size.params, size.flops)
        assert sum(tensor.numel() for tensor in network.state_dict().values()) == size.params
    assert size.activations > 0


@pytest.mark.parametrize("name", ["stack", "gradient-boosting", "neighbours", "quantiles", "kernel-features", "select"])
def test_onnx_answers_alike(name):
    signature, x, y, new, _ = data("classification")
    network = fit_estimator(graph_of(NODES[name]), signature, x, y)
    session = open_session(program(network, torch.from_numpy(new[:2])).model_proto.SerializeToString())
    for part in (new[:1], new, x):
        expected = answers(network, torch.from_numpy(part)).numpy()
        np.testing.assert_allclose(run(session, part), expected, atol=2e-5, rtol=1e-5)


def test_trees_answer_like_the_library_that_grew_them():
    signature, x, y, new, _ = data("two classes")
    node = op("gradient-boosting", iterations=40)
    library = ensemble.HistGradientBoostingClassifier(
        max_iter=40, early_stopping=False, random_state=0, max_features=1.0
    ).fit(x, y)
    network = fit_estimator(graph_of(node), signature, x, y)
    expected = np.log(library.predict_proba(np.concatenate([x, new])))
    np.testing.assert_allclose(answers(network, torch.from_numpy(np.concatenate([x, new]))), expected, atol=1e-4)


@pytest.mark.parametrize("kind", ["classification", "regression"])
def test_lightgbm_answers_like_lightgbm(kind):
    lightgbm = pytest.importorskip("lightgbm")
    signature, x, y, new, _ = data(kind)
    make = lightgbm.LGBMRegressor if kind == "regression" else lightgbm.LGBMClassifier
    library = make(n_estimators=30, verbose=-1, n_jobs=1).fit(x, y).booster_
    found = answers(fit_estimator(graph_of(op("lightgbm", iterations=30)), signature, x, y), torch.from_numpy(new))
    expected = library.predict(new)
    expected = expected[:, None] if kind == "regression" else np.log(expected)
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_lightgbm_says_what_it_needs(monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    signature, x, y, *_ = data("regression")
    with pytest.raises(MissingExtra, match=r"netwright\[lightgbm\]"):
        fit_estimator(graph_of(op("lightgbm")), signature, x, y)


def test_forests_answer_like_the_library_that_grew_them():
    signature, x, y, new, _ = data("regression")
    library = ensemble.RandomForestRegressor(20, max_leaf_nodes=64, max_features=1 / 3, random_state=3).fit(x, y)
    network = fit_estimator(graph_of(op("forest", trees=20, leaves=64)), signature, x, y, seed=3)
    found = answers(network, torch.from_numpy(new))[:, 0]
    np.testing.assert_allclose(found, library.predict(new), atol=1e-5)


def test_linear_models_answer_like_the_library():
    signature, x, y, new, _ = data("classification")
    library = linear_model.LogisticRegression(C=1 / (0.01 * len(x)), max_iter=300).fit(x, y)
    network = fit_estimator(graph_of(op("linear-model", l2=0.01)), signature, x, y)
    np.testing.assert_allclose(answers(network, torch.from_numpy(new)), library.predict_log_proba(new), atol=1e-4)


@pytest.mark.parametrize("seen", [(0, 2), (1, 3), (0, 1, 3)])
@pytest.mark.parametrize("name", ESTIMATORS)
def test_classes_that_were_never_seen(name, seen):
    x = np.random.default_rng(0).normal(size=(40 * len(seen), 4)).astype(np.float32)
    y = np.repeat(seen, 40)
    x[:, 1] = 3 * y
    found = answers(fit_estimator(graph_of(small(name)), Signature((4,), 4), x, y), torch.from_numpy(x)).numpy()
    assert np.isfinite(found).all()
    assert (found.argmax(1) == y).mean() > 0.95
    assert (np.exp(found[:, [c for c in range(4) if c not in seen]]) < 0.05).all()


@pytest.mark.parametrize("name", ["forest", "stack"])
def test_seeds(name):
    first, again, other = (answered(NODES[name], "classification", seed)[0] for seed in (0, 0, 1))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_what_comes_after_an_estimator_learns_from_answers_to_unseen_examples():
    """Trees that know noise by heart tell nothing of examples that they did not see."""
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(300, 5)).astype(np.float32), rng.integers(2, size=300)
    network = fit_estimator(graph_of(op("forest", trees=50, leaves=512, extra=True)), Signature((5,), 2), x, y)
    (forest,) = network.children()
    inputs = torch.from_numpy(x)
    assert (answers(forest, inputs).numpy().argmax(1) == y).mean() > 0.99
    assert (cross_answers(forest, inputs, y, 0).numpy().argmax(1) == y).mean() < 0.6


def test_fewer_examples_than_asked_for():
    signature, x, y, *_ = data("classification")
    for node in (op("neighbours", examples=500), chain(op("kernel-features", count=300), op("linear-model"))):
        network = fit_estimator(graph_of(node), signature, x, y)
        assert (answers(network, torch.from_numpy(x)).numpy().argmax(1) == y).mean() > 0.95


@pytest.mark.parametrize(
    ("ops", "words"),
    [
        ([("head", {})], r"at/0 \(head\) is not an estimator"),
        ([("norm", {}), ("gradient-boosting", {})], r"at/0 \(norm\): is trained, and cannot be part of an estimator"),
        ([("gradient-boosting", {"trees": 5})], "unknown attribute 'trees'"),
        ([("conv", {}), ("forest", {})], r"at/0 \(conv\): needs an image"),
    ],
)
def test_what_is_no_estimator(ops, words, line):
    graph = line(*ops)
    with pytest.raises(InputError, match=words):
        fit_estimator(graph, Signature((4,), 4), np.zeros((8, 4)), np.arange(8) % 4)
    assert is_estimator(graph) == (ops[-1][0] != "head")


@pytest.mark.parametrize(
    ("ops", "words"),
    [
        ([("forest", {}), ("head", {})], r"at/0 \(forest\): is fitted in one go, and cannot be part of a network"),
        ([("components", {"count": 4})], r"at/0 \(components\): is fitted in one go, .*: end in an estimator"),
    ],
)
def test_what_is_no_network(ops, words, line):
    with pytest.raises(InputError, match=words):
        build(line(*ops), Signature((6,), 4))


def test_an_estimator_is_not_shared_between_places():
    shared = Space(chain(op("components", count=4), op("components", count=4), op("linear-model")), "test")
    nodes = shared.architecture({}).graph.nodes
    one = OpGraph(tuple(node if node.op != "components" else _named(node, "one") for node in nodes), len(nodes) - 1)
    with pytest.raises(InputError, match="cannot be in two places"):
        fit_estimator(one, Signature((4,), 2), np.eye(4), np.arange(4) % 2)


def _named(node, weights):
    from dataclasses import replace

    return replace(node, weights=weights)


@pytest.mark.parametrize(
    "change",
    [{"left": 1000}, {"right": -3}, {"feature": 99}, {"feature": -1}],
)
def test_trees_that_cannot_be_walked_are_refused(change):
    signature, x, y, *_ = data("regression")
    network = fit_estimator(graph_of(op("forest", trees=3, leaves=8)), signature, x, y)
    state = network.state_dict()
    for name, value in change.items():
        key = next(one for one in state if one.endswith(f"trees.{name}"))
        state[key] = state[key].clone()
        state[key][0, 0] = value
    with pytest.raises(InputError, match="weights that cannot be"):
        network.load_state_dict(state)
