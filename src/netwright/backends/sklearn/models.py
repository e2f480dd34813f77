"""How each model is fitted by scikit-learn, as the tensors that its torch module holds."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn import ensemble
from sklearn import linear_model as linear
from sklearn.exceptions import ConvergenceWarning

from netwright.backends.sklearn.grown import Grown, tensors
from netwright.operations import Signature
from netwright.operations.shallow import channels, most_leaves

Array = np.ndarray[Any, np.dtype[Any]]
Attrs = Mapping[str, Any]
NEVER = -1e3
"""Log-probability of a class that training did not have."""
Fit = Callable[[Attrs, Array, Array, Signature, int], dict[str, Array]]
"""Attributes, x (N, F) float32, y (N,), signature and seed -> the module's tensors. y: class indices, or numbers."""


def gradient_boosting(attrs: Attrs, x: Array, y: Array, signature: Signature, seed: int) -> dict[str, Array]:
    classes = signature.kind == "classification"
    make = ensemble.HistGradientBoostingClassifier if classes else ensemble.HistGradientBoostingRegressor
    model = make(
        max_iter=attrs["iterations"],
        learning_rate=attrs["learning_rate"],
        max_leaf_nodes=most_leaves(attrs),
        max_depth=attrs["depth"],
        min_samples_leaf=attrs["min_samples"],
        l2_regularization=attrs["l2"],
        max_features=attrs["features"],
        max_bins=attrs["bins"],
        early_stopping=False,
        random_state=seed,
    ).fit(x, y)
    rounds = [[_histogram_tree(tree.nodes) for tree in trees] for trees in model._predictors]
    return boosted(rounds, np.ravel(model._baseline_prediction), seen(model), attrs, signature)


def seen(model: Any) -> Array:
    """Which classes training had, for numbers the one there is."""
    return np.asarray(getattr(model, "classes_", [0]))


def _histogram_tree(nodes: Array) -> Grown:
    leaf = nodes["is_leaf"].astype(bool)
    left, right = (np.where(leaf, -1, nodes[side].astype(np.int64)) for side in ("left", "right"))
    return Grown(left, right, nodes["feature_idx"], nodes["num_threshold"], nodes["value"][:, None])


def boosted(
    rounds: list[list[Grown]], base: Array, present: Array, attrs: Attrs, signature: Signature
) -> dict[str, Array]:
    """The tensors of boosted trees. rounds: of each iteration, a tree for each class seen, or one for two classes and
    for numbers; base: what they are added to, as many; present: the classes that training had."""
    wide = channels(signature)
    places = present[-1:] if len(base) == 1 else present
    nothing = Grown(*(np.array([-1]),) * 2, *(np.zeros(1),) * 2, np.zeros((1, 1)))
    trees = [nothing] * (attrs["iterations"] * wide)
    for step, made in enumerate(rounds):
        for place, tree in zip(places, made, strict=True):
            trees[step * wide + (int(place) if wide > 1 else 0)] = tree
    whole = np.full(signature.outputs, 0.0 if signature.kind == "regression" else NEVER)
    whole[present] = 0.0
    whole[places] = base
    return tensors(trees, most_leaves(attrs), 1) | {"base": whole.astype(np.float32)}


def forest(attrs: Attrs, x: Array, y: Array, signature: Signature, seed: int) -> dict[str, Array]:
    classes = signature.kind == "classification"
    kind = f"{'ExtraTrees' if attrs['extra'] else 'RandomForest'}{'Classifier' if classes else 'Regressor'}"
    model = getattr(ensemble, kind)(
        n_estimators=attrs["trees"],
        max_leaf_nodes=most_leaves(attrs),
        max_depth=attrs["depth"],
        min_samples_leaf=attrs["min_samples"],
        max_features=attrs["features"] or ("sqrt" if classes else 1 / 3),
        random_state=seed,
    ).fit(x, y)
    trees = [_tree(one.tree_, seen(model), signature) for one in model.estimators_]
    return tensors(trees, most_leaves(attrs), signature.outputs)


def _tree(tree: Any, present: Array, signature: Signature) -> Grown:
    values = np.zeros((tree.node_count, signature.outputs))
    values[:, present] = tree.value[:, 0]
    if signature.kind == "classification":
        values /= values.sum(1, keepdims=True)
    return Grown(tree.children_left, tree.children_right, tree.feature, tree.threshold, values)


def linear_model(attrs: Attrs, x: Array, y: Array, signature: Signature, seed: int) -> dict[str, Array]:
    if signature.kind == "regression":
        model = linear.Ridge(alpha=attrs["l2"] * len(x)).fit(x, y)
        return {"weight": model.coef_[None].astype(np.float32), "bias": np.array([model.intercept_], np.float32)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = linear.LogisticRegression(C=1 / (attrs["l2"] * len(x)), max_iter=300).fit(x, y)
    weight, bias = np.zeros((signature.outputs, x.shape[1])), np.full(signature.outputs, NEVER)
    bias[model.classes_] = 0.0
    places = model.classes_[-1:] if len(model.coef_) == 1 else model.classes_
    weight[places], bias[places] = model.coef_, model.intercept_
    return {"weight": weight.astype(np.float32), "bias": bias.astype(np.float32)}


def neighbours(attrs: Attrs, x: Array, y: Array, signature: Signature, seed: int) -> dict[str, Array]:
    most = attrs["examples"]
    chosen = np.sort(np.random.default_rng(seed).permutation(len(x))[:most])
    answers = np.eye(signature.outputs)[y[chosen]] if signature.kind == "classification" else y[chosen, None]
    return {
        "examples": filled((most, x.shape[1]), x[chosen]),
        "targets": filled((most, signature.outputs), answers),
        "present": filled((most,), np.ones(len(chosen))),
    }


def filled(shape: tuple[int, ...], begin: Array) -> Array:
    """Zeros after a beginning."""
    made = np.zeros(shape, np.float32)
    made[tuple(slice(size) for size in begin.shape)] = begin
    return made


MODELS: Mapping[str, Fit] = {
    "gradient-boosting": gradient_boosting,
    "forest": forest,
    "linear-model": linear_model,
    "neighbours": neighbours,
}
