"""One class for each example. Quality by scikit-learn's definitions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.tasks.answers.base import Answer
from netwright.tasks.examples import Array

METRICS = ("accuracy", "balanced_accuracy", "f1", "auc", "log_loss")


def score(outputs: Array, y: Array) -> dict[str, float]:
    """Metrics of logits (or log-probabilities) (N, K) against class indices (N,).

    balanced_accuracy, f1 and auc are means over the classes that occur in y (f1: macro; auc: one against the rest);
    auc is NaN when y has one class only. log_loss is in nats.

    >>> import numpy as np
    >>> score(np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 0.0], [1.0, 0.0]]), np.array([0, 1, 0, 1]))["accuracy"]
    0.75
    """
    from sklearn.metrics import f1_score, recall_score

    y = np.asarray(y)
    logits = np.asarray(outputs, dtype=np.float64)
    if logits.ndim != 2 or len(logits) != len(y):
        raise ValueError(f"outputs of shape {logits.shape} do not fit {len(y)} labels")
    log_p = log_shares(logits)
    predicted = logits.argmax(axis=1)
    present = np.unique(y)
    return {
        "accuracy": float((predicted == y).mean()),
        "balanced_accuracy": float(recall_score(y, predicted, labels=present, average="macro", zero_division=0)),
        "f1": float(f1_score(y, predicted, labels=present, average="macro", zero_division=0)),
        "auc": _auc(log_p, y, present),
        "log_loss": float(-log_p[np.arange(len(y)), y].mean()),
    }


def log_shares(logits: Array) -> Array:
    """Log-probabilities of logits (N, K, …), along axis 1."""
    log_p: Array = logits - logits.max(axis=1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    return log_p


def softmax(logits: Array) -> Array:
    """Probabilities of logits (N, K, …), along axis 1.

    >>> softmax(np.array([[0.0, 0.0], [1000.0, 0.0]])).tolist()
    [[0.5, 0.5], [1.0, 0.0]]
    """
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _auc(log_p: Array, y: Array, present: Array) -> float:
    from sklearn.metrics import roc_auc_score

    if len(present) < 2:
        return float("nan")
    if log_p.shape[1] == 2:
        return float(roc_auc_score(y, log_p[:, 1] - log_p[:, 0]))
    return float(np.mean([roc_auc_score(y == label, np.exp(log_p[:, label])) for label in present]))


def decode(outputs: Array, classes: Sequence[str]) -> list[str]:
    """The class name of each row's largest output.

    >>> decode(np.array([[0.1, 2.0], [3.0, 1.0]]), ("cat", "dog"))
    ['dog', 'cat']
    """
    answers = np.asarray(outputs)
    if answers.ndim != 2 or answers.shape[1] != len(classes):
        raise ValueError(f"outputs of shape {answers.shape} do not fit {len(classes)} classes")
    return [classes[index] for index in answers.argmax(axis=1)]


def told(outputs: Array, classes: Sequence[str]) -> list[Mapping[str, Any]]:
    """The class of each row and how probable the network holds it."""
    shares = softmax(np.asarray(outputs, dtype=np.float32)).max(axis=1, initial=0.0).tolist()
    return [
        {"label": label, "probability": share} for label, share in zip(decode(outputs, classes), shares, strict=True)
    ]


def merits(metric: str, outputs: Array, y: Array) -> Array | None:
    """For accuracy, balanced accuracy, log loss and AUC, of which an example's merit is how it moves with it to the
    first order."""
    if metric not in ("accuracy", "balanced_accuracy", "log_loss", "auc"):
        return None
    logits, y = np.asarray(outputs, dtype=np.float64), np.asarray(y).astype(np.int64)
    if logits.ndim != 2 or y.min() < 0 or y.max() >= logits.shape[1]:
        return None
    if metric == "log_loss":
        given: Array = log_shares(logits)[np.arange(len(y)), y]
        return given
    if metric == "auc":
        return _placements(log_shares(logits), y)
    right: Array = (logits.argmax(axis=1) == y).astype(np.float64)
    if metric == "accuracy":
        return right
    sizes = np.bincount(y)
    weighed: Array = right * (len(y) / (np.count_nonzero(sizes) * sizes[y]))
    return weighed


def _placements(log_p: Array, y: Array) -> Array | None:
    """(N,) whose mean is the AUC, and whose spread is that of DeLong et al. 1988, https://doi.org/10.2307/2531595: for
    each class, how large a share of the others an example of it is above, and of its own one of the others below."""
    from scipy.stats import rankdata

    if len(np.unique(y)) < 2:
        return None
    columns = [(log_p[:, 1] - log_p[:, 0], 1)] if log_p.shape[1] == 2 else [(log_p[:, at], at) for at in np.unique(y)]
    moved = np.zeros(len(y))
    for scores, label in columns:
        own, ranks = y == label, rankdata(scores)
        shares = np.empty(len(y))
        for group in (own, ~own):
            above = (ranks[group] - rankdata(scores[group])) / np.count_nonzero(~group)
            shares[group] = above if group is own else 1 - above
        mean = shares[own].mean()
        weight = np.where(own, len(y) / np.count_nonzero(own), len(y) / np.count_nonzero(~own))
        moved += (mean + weight * (shares - mean)) / len(columns)
    return moved


CLASSES = Answer(metrics=METRICS, output="logits", stored="int64", classes=True, score=score, told=told, merits=merits)
