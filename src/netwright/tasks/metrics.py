"""Quality of outputs on a split, by scikit-learn's definitions."""

from __future__ import annotations

import numpy as np

from netwright.tasks.examples import Array

CLASSIFICATION = ("accuracy", "balanced_accuracy", "f1", "auc", "log_loss")
REGRESSION = ("rmse", "mae", "r2")


def classification(outputs: Array, y: Array) -> dict[str, float]:
    """Metrics of logits (or log-probabilities) (N, K) against class indices (N,).

    balanced_accuracy, f1 and auc are means over the classes that occur in y (f1: macro; auc: one against the rest);
    auc is NaN when y has one class only. log_loss is in nats.

    >>> import numpy as np
    >>> classification(np.array([[2.0, 0.0], [0.0, 2.0], [1.0, 0.0], [1.0, 0.0]]), np.array([0, 1, 0, 1]))["accuracy"]
    0.75
    """
    from sklearn.metrics import f1_score, recall_score

    y = np.asarray(y)
    logits = np.asarray(outputs, dtype=np.float64)
    if logits.ndim != 2 or len(logits) != len(y):
        raise ValueError(f"outputs of shape {logits.shape} do not fit {len(y)} labels")
    log_p = logits - logits.max(axis=1, keepdims=True)
    log_p -= np.log(np.exp(log_p).sum(axis=1, keepdims=True))
    predicted = logits.argmax(axis=1)
    present = np.unique(y)
    return {
        "accuracy": float((predicted == y).mean()),
        "balanced_accuracy": float(recall_score(y, predicted, labels=present, average="macro", zero_division=0)),
        "f1": float(f1_score(y, predicted, labels=present, average="macro", zero_division=0)),
        "auc": _auc(log_p, y, present),
        "log_loss": float(-log_p[np.arange(len(y)), y].mean()),
    }


def _auc(log_p: Array, y: Array, present: Array) -> float:
    from sklearn.metrics import roc_auc_score

    if len(present) < 2:
        return float("nan")
    if log_p.shape[1] == 2:
        return float(roc_auc_score(y, log_p[:, 1] - log_p[:, 0]))
    return float(np.mean([roc_auc_score(y == label, np.exp(log_p[:, label])) for label in present]))


def regression(outputs: Array, y: Array) -> dict[str, float]:
    """Metrics of values (N,) against targets (N,): rmse and mae in their unit; r2 is NaN for constant targets."""
    y = np.asarray(y, dtype=np.float64)
    values = np.asarray(outputs, dtype=np.float64)
    values = values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if values.shape != y.shape:
        raise ValueError(f"outputs of shape {values.shape} do not fit {len(y)} targets")
    squares = float(np.square(values - y).mean())
    spread = float(np.square(y - y.mean()).mean())
    return {
        "rmse": squares**0.5,
        "mae": float(np.abs(values - y).mean()),
        "r2": 1 - squares / spread if spread > 0 else float("nan"),
    }
