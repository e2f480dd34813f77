"""From the graph of a whole-model operation to a fitted estimator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from netwright.errors import InputError, MissingExtra
from netwright.operations import get
from netwright.space import OpGraph, OpNode

if TYPE_CHECKING:
    from netwright.tasks import Task

Array = np.ndarray[Any, np.dtype[Any]]


class Fitted(Protocol):
    """A model that has learnt a task."""

    def outputs(self, x: Array) -> Array:
        """x (N, F) -> log-probabilities (N, K), or values (N,) in the target's own unit."""
        ...


def is_estimator(graph: OpGraph) -> bool:
    """Whether the graph is a whole model for `fit_estimator`, not a network."""
    return get(graph.nodes[graph.output].op).family == "estimator"


def fit_estimator(graph: OpGraph, task: Task, seed: int) -> Fitted:
    """Fits the graph's model to the task's training split. Equal seeds give equal models.

    Raises InputError when the graph isn't one estimator on the task's table.
    """
    node = _estimator_node(graph)
    if len(task.signature.inputs) != 1:
        raise InputError(f"{node.name} ({node.op}) is for tables", "choose a network for images")
    attrs = get(node.op).resolve(node.attrs)
    x, y = np.asarray(task.train.x), np.asarray(task.train.y)
    if task.signature.kind == "regression":
        return _Values(_gradient_boosting(attrs, seed, regression=True).fit(x, y))
    return _Classes(_gradient_boosting(attrs, seed, regression=False).fit(x, y), task.signature.outputs)


def _estimator_node(graph: OpGraph) -> OpNode:
    node = graph.nodes[graph.output]
    if not is_estimator(graph):
        raise InputError(f"{node.name} ({node.op}) is not an estimator", "build it with netwright.backends.torch")
    if node.inputs != (0,):
        raise InputError(f"{node.name} ({node.op}) is a whole model", "give it the input itself")
    return node


def _gradient_boosting(attrs: Mapping[str, Any], seed: int, regression: bool) -> Any:
    try:
        from sklearn import ensemble
    except ImportError:
        raise MissingExtra("scikit-learn", "sklearn") from None
    make = ensemble.HistGradientBoostingRegressor if regression else ensemble.HistGradientBoostingClassifier
    return make(
        max_iter=attrs["iterations"],
        learning_rate=attrs["learning_rate"],
        max_leaf_nodes=attrs["leaves"],
        max_depth=attrs["depth"],
        min_samples_leaf=attrs["min_samples"],
        l2_regularization=attrs["l2"],
        max_features=attrs["features"],
        max_bins=attrs["bins"],
        early_stopping=False,
        random_state=seed,
    )


class _Values:
    """A fitted regressor."""

    def __init__(self, model: Any) -> None:
        self.model = model

    def outputs(self, x: Array) -> Array:
        return np.asarray(self.model.predict(np.asarray(x)))


class _Classes:
    """A fitted classifier. Classes that it never saw get a log-probability of almost nothing."""

    def __init__(self, model: Any, classes: int) -> None:
        self.model, self.classes = model, classes

    def outputs(self, x: Array) -> Array:
        tiny = np.finfo(np.float64).tiny
        answers = np.full((len(x), self.classes), np.log(tiny))
        seen = self.model.predict_proba(np.asarray(x))
        answers[:, self.model.classes_] = np.log(np.maximum(seen, tiny))
        return answers
