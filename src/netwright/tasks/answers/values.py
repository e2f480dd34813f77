"""One value for each example, in the target's own unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.tasks.answers.base import Answer
from netwright.tasks.examples import Array

METRICS = ("rmse", "mae", "r2")


def score(outputs: Array, y: Array) -> dict[str, float]:
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


def told(outputs: Array, classes: Sequence[str]) -> list[Mapping[str, Any]]:
    answers = np.asarray(outputs)
    return [{"value": float(value)} for value in answers.reshape(len(answers))]


def merits(metric: str, outputs: Array, y: Array) -> Array | None:
    """For the mean absolute error, the root of the mean square and r2."""
    y = np.asarray(y, dtype=np.float64)
    errors: Array = np.asarray(outputs, dtype=np.float64).reshape(len(y), -1)[:, 0] - y
    variance = float(y.var())
    if metric == "mae":
        errors = -np.abs(errors)
    elif metric == "rmse":
        errors = -errors * errors
    elif metric == "r2" and variance > 0.0:
        errors = 1.0 - errors * errors / variance
    else:
        return None
    return errors


VALUES = Answer(metrics=METRICS, output="value", stored="float32", classes=False, score=score, told=told, merits=merits)
