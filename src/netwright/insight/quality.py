"""Quality metrics example by example: what the significance tests need of a final training's stored outputs."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from netwright.insight.significance import Floats, Transform
from netwright.trial import Trial

SHARES = frozenset({"accuracy", "balanced_accuracy", "f1", "auc", "r2"})
"""Metrics that are shown in percent and compared in points."""


@dataclass(frozen=True, slots=True)
class Outputs:
    """A final training's answers to the test split. outputs: (N, K) logits or (N,) values; y: (N,)."""

    outputs: Floats
    y: NDArray[np.float64]


def scale(metric: str) -> float:
    """What a metric's values are multiplied by for display: 100 for shares."""
    return 100.0 if metric in SHARES else 1.0


def stored_outputs(directory: Path, trial: Trial) -> Outputs | None:
    """The outputs kept at DIR/trials/NNNNNN/test.npz; None when the file is absent or damaged."""
    path = directory / trial.folder / "test.npz"
    try:
        with np.load(path, allow_pickle=False) as arrays:
            outputs, y = arrays["outputs"].astype(np.float64), arrays["y"].astype(np.float64).ravel()
    except (OSError, KeyError, ValueError, zipfile.BadZipFile):
        return None
    if outputs.ndim not in (1, 2) or len(outputs) != len(y) or not len(y) or not np.isfinite(outputs).all():
        return None
    return Outputs(outputs, y)


def example_scores(metric: str, stored: Outputs) -> Floats | None:
    """The score of each example (N,), higher is better, whose mean gives the metric by `transform_of`.

    None for metrics that are no mean over examples (auc, f1).
    """
    outputs, y = stored.outputs, stored.y
    if metric in ("accuracy", "balanced_accuracy", "log_loss"):
        return _class_scores(metric, outputs, y.astype(np.int64))
    errors = np.asarray(outputs.reshape(len(y), -1)[:, 0] - y, dtype=np.float64)
    variance = float(y.var())
    if metric in ("mae", "rmse"):
        return np.asarray(-(np.abs(errors) if metric == "mae" else errors * errors), dtype=np.float64)
    if metric == "r2" and variance > 0.0:
        return np.asarray(1.0 - errors * errors / variance, dtype=np.float64)
    return None


def transform_of(metric: str) -> Transform | None:
    """From the mean score to the metric, higher still better; None where the mean is the metric."""
    return (lambda mean: -np.sqrt(np.maximum(0.0, -mean))) if metric == "rmse" else None


def _class_scores(metric: str, outputs: Floats, y: NDArray[np.int64]) -> Floats | None:
    logits = outputs if outputs.ndim == 2 and outputs.shape[1] > 1 else _two_columns(outputs)
    if y.min() < 0 or y.max() >= logits.shape[1]:
        return None
    if metric == "log_loss":
        top = logits.max(axis=1)
        total = np.log(np.exp(logits - top[:, None]).sum(axis=1))
        return np.asarray(logits[np.arange(len(y)), y] - top - total, dtype=np.float64)
    right: Floats = (logits.argmax(axis=1) == y).astype(np.float64)
    if metric == "accuracy":
        return right
    sizes = np.bincount(y)
    return np.asarray(right * (len(y) / (np.count_nonzero(sizes) * sizes[y])), dtype=np.float64)


def _two_columns(outputs: Floats) -> Floats:
    positive = outputs.reshape(len(outputs))
    return np.stack([np.zeros_like(positive), positive], axis=1)
