"""The next steps of series, in units of the naive forecast's mean error (`netwright.tasks.time_series.forecasts`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.operations import Signature
from netwright.tasks.answers.base import Answer
from netwright.tasks.examples import Array

METRICS = ("mase", "rmsse")


def keep(outputs: Array, y: Array) -> Array:
    """Outputs and targets, (N, K) each -> (N, 2): the mean absolute and the mean squared error of each window."""
    errors = np.asarray(outputs, dtype=np.float64) - np.asarray(y, dtype=np.float64)
    return np.stack([np.abs(errors).mean(axis=1), np.square(errors).mean(axis=1)], axis=1)


def score(kept: Array, y: Array) -> dict[str, float]:
    """Metrics of what `keep` kept. mase: the mean absolute error; rmsse: the root of the mean squared one; both in
    units of the mean absolute error of the naive forecast on the training split (Hyndman & Koehler 2006,
    https://doi.org/10.1016/j.ijforecast.2006.03.001).

    >>> target = np.array([[0.0, 3.0]])
    >>> score(keep(np.array([[0.0, 1.0]]), target), target)["mase"]
    1.0
    """
    absolute, squared = np.asarray(kept, dtype=np.float64).mean(axis=0)
    return {"mase": float(absolute), "rmsse": float(squared**0.5)}


def told(outputs: Array, classes: Sequence[str]) -> list[Mapping[str, Any]]:
    return [{"steps": one.tolist()} for one in np.asarray(outputs)]


def merits(metric: str, kept: Array, y: Array) -> Array | None:
    if metric not in METRICS:
        return None
    found: Array = -np.asarray(kept, dtype=np.float64)[:, METRICS.index(metric)]
    return found


def _places(signature: Signature) -> tuple[int | None, ...]:
    return (signature.outputs,)


STEPS = Answer(
    metrics=METRICS,
    output="steps",
    stored="float32",
    classes=False,
    score=score,
    told=told,
    merits=merits,
    keep=keep,
    places=_places,
)
