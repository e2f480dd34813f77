"""Operations that are fitted in one go: whole models, called estimators, and what prepares features for them.

A graph of them may join branches: estimators side by side, their answers concatenated, and one more estimator after
them is stacking (Wolpert 1992, "Stacked Generalization", https://doi.org/10.1016/S0893-6080(05)80023-1). What a model
holds is bounded before it is fitted, so that constraints on its size hold by construction: `params` counts every number
that is stored, the structure of trees included, as if each tree had all the leaves that it may have. Trees compare and
do not multiply, so they have no FLOPs; `activations` counts the splits that an example passes at most.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.operations.base import Attribute, Footprint, Operation, Rule, Shape, Signature
from netwright.operations.tally import vector

SPLIT = 4
"""Numbers that a split of a tree consists of: feature, threshold, and two children."""

L2 = Attribute(float, 1e-3, 1e-9, 1e3, doc="L2 regularisation, by that of the mean loss of an example")


def most_leaves(attrs: Mapping[str, Any]) -> int:
    """Leaves that a tree may have, by its number of leaves and of levels."""
    levels = 30 if attrs["depth"] is None else int(attrs["depth"])
    return min(int(attrs["leaves"]), 1 << min(levels, 30))


def channels(signature: Signature) -> int:
    """Values that boosted trees add up: one for numbers and two classes, else one a class."""
    return 1 if signature.outputs == 2 else signature.outputs


def kept(attrs: Mapping[str, Any], features: int) -> int:
    """Features that a selection leaves."""
    share: float = attrs["share"]
    return max(1, round(share * features))


def _trees(attrs: Mapping[str, Any], trees: int, values: int, further: int, signature: Signature) -> Footprint:
    leaves = most_leaves(attrs)
    levels = leaves - 1 if attrs["depth"] is None else min(attrs["depth"], leaves - 1)
    numbers = trees * (SPLIT * (leaves - 1) + values * leaves) + further
    return Footprint((signature.outputs,), numbers, 0, trees * levels)


def _gradient_boosting(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    vector(inputs[0])
    trees = attrs["iterations"] * channels(signature)
    return _trees(attrs, trees, 1, signature.outputs, signature)


def _forest(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    vector(inputs[0])
    return _trees(attrs, attrs["trees"], signature.outputs, 0, signature)


def _linear_model(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    products = vector(inputs[0]) * signature.outputs
    return Footprint((signature.outputs,), products + signature.outputs, products, signature.outputs)


def _neighbours(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    features, examples = vector(inputs[0]), attrs["examples"]
    numbers = examples * (features + signature.outputs + 1)
    return Footprint((signature.outputs,), numbers, examples * features, examples)


def _quantiles(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    return Footprint(inputs[0], 2 * vector(inputs[0]) * attrs["knots"], 0, vector(inputs[0]))


def _components(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    features, count = vector(inputs[0]), attrs["count"]
    return Footprint((count,), features * count + count, features * count, count)


def _kernel_features(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    products = attrs["count"] * (vector(inputs[0]) + attrs["count"])
    return Footprint((attrs["count"],), products, products, 2 * attrs["count"])


def _select(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    count = kept(attrs, vector(inputs[0]))
    return Footprint((count,), count, 0, count)


def _estimator(name: str, doc: str, rule: Rule, attributes: Mapping[str, Attribute]) -> Operation:
    return Operation(name, doc, rule, attributes, family="estimator")


def _preparation(name: str, doc: str, rule: Rule, attributes: Mapping[str, Attribute]) -> Operation:
    return Operation(name, doc, rule, attributes, family="preparation")


BOOSTING = {
    "iterations": Attribute(int, 100, 1, 10_000, doc="most trees (a class)"),
    "learning_rate": Attribute(float, 0.1, 1e-4, 1, doc="weight of each tree"),
    "leaves": Attribute(int, 31, 2, 4096, doc="most leaves of a tree"),
    "depth": Attribute(int, None, 1, 64, doc="most levels of a tree; left out: no limit"),
    "min_samples": Attribute(int, 20, 1, 1_000_000, doc="fewest examples in a leaf"),
    "l2": Attribute(float, 0.0, 0, 1e6, doc="L2 regularisation of the leaves"),
    "features": Attribute(float, 1.0, 0.01, 1, doc="share of the features that each split looks at"),
    "bins": Attribute(int, 255, 2, 255, doc="most bins a feature"),
}

SHALLOW = (
    _estimator(
        "gradient-boosting",
        "Gradient-boosted trees on histograms (Ke et al. 2017), a whole model for tables.",
        _gradient_boosting,
        BOOSTING,
    ),
    _estimator(
        "lightgbm",
        "Gradient-boosted trees as LightGBM grows them (Ke et al. 2017); needs the extra of that name.",
        _gradient_boosting,
        BOOSTING,
    ),
    _estimator(
        "forest",
        "Random forest (Breiman 2001, https://doi.org/10.1023/A:1010933404324), or extremely randomised trees.",
        _forest,
        {
            "trees": Attribute(int, 100, 1, 10_000, doc="how many trees"),
            "leaves": Attribute(int, 256, 2, 65_536, doc="most leaves of a tree"),
            "depth": Attribute(int, None, 1, 64, doc="most levels of a tree; left out: no limit"),
            "min_samples": Attribute(int, 1, 1, 1_000_000, doc="fewest examples in a leaf"),
            "features": Attribute(
                float,
                None,
                0.01,
                1,
                doc="share of the features that each split looks at; left out: "
                "the square root of their number for classes, a third for numbers",
            ),
            "extra": Attribute(bool, False, doc="thresholds at random (Geurts et al. 2006), trees on all examples"),
        },
    ),
    _estimator("linear-model", "Logistic or ridge regression.", _linear_model, {"l2": L2}),
    _estimator(
        "neighbours",
        "The nearest of some training examples (Cover & Hart 1967) vote, the nearer the more.",
        _neighbours,
        {
            "neighbours": Attribute(int, 15, 1, 1000, doc="how many vote"),
            "examples": Attribute(int, 2000, 1, 1_000_000, doc="training examples that are kept"),
        },
    ),
    _preparation(
        "quantiles",
        "Each feature by its rank among the training examples, piecewise linear.",
        _quantiles,
        {
            "knots": Attribute(int, 33, 2, 1000, doc="quantiles between which it is linear"),
            "normal": Attribute(bool, True, doc="ranks as values of a normal distribution, else of a uniform one"),
        },
    ),
    _preparation(
        "components",
        "Principal components, each with unit variance.",
        _components,
        {"count": Attribute(int, low=1, high=65_536, doc="how many; zeros beyond those that there are")},
    ),
    _preparation(
        "kernel-features",
        "Features whose products are a Gaussian kernel (Nyström: Williams & Seeger 2001).",
        _kernel_features,
        {
            "count": Attribute(int, 100, 1, 10_000, doc="training examples that are compared with"),
            "sharpness": Attribute(float, 1.0, 1e-4, 1e4, doc="by one over the number of features"),
        },
    ),
    _preparation(
        "select",
        "The features that tell most of the target, each by itself (F-test).",
        _select,
        {"share": Attribute(float, 0.5, 0.001, 1, doc="share of the features that stay")},
    ),
)
