"""A class for each place of an example: each pixel of an image, each step of a sequence.

Targets are class indices, `UNKNOWN` where nobody knows: such places count for nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.operations import Signature
from netwright.tasks.answers.base import Answer
from netwright.tasks.answers.classes import log_shares
from netwright.tasks.examples import Array

UNKNOWN = -1
METRICS = ("mean_iou", "pixel_accuracy", "log_loss")


def keep(outputs: Array, y: Array) -> Array:
    """Logits (N, K, *places) and targets (N, *places) -> (N, 2 + 3K): log-probabilities of the right classes added up,
    how many places count, and for each class how many of them have it and get it, get it, have it."""
    count, classes, *sizes = outputs.shape
    places = math.prod(sizes)
    log_p = log_shares(outputs.reshape(count, classes, places).astype(np.float32))
    y = np.asarray(y).reshape(count, places)
    known = y != UNKNOWN
    right = np.take_along_axis(log_p, np.where(known, y, 0)[:, None], axis=1)[:, 0]
    found = log_p.argmax(axis=1)
    kept = np.zeros((count, 2 + 3 * classes))
    kept[:, 0], kept[:, 1] = (right * known).sum(axis=1, dtype=np.float64), known.sum(axis=1)
    for row in range(count):
        had, got = y[row][known[row]], found[row][known[row]]
        kept[row, 2:] = np.concatenate([np.bincount(of, minlength=classes) for of in (had[had == got], got, had)])
    return kept


def score(kept: Array, y: Array) -> dict[str, float]:
    """Metrics of what `keep` kept. mean_iou: the mean over classes that occur or are given, of the places where a class
    is rightly given, by those where it is given or occurs (Everingham et al. 2010,
    https://doi.org/10.1007/s11263-009-0275-4); pixel_accuracy: the share of places that are right; log_loss: in nats,
    a place."""
    total = np.asarray(kept, dtype=np.float64).sum(axis=0)
    both, got, had = total[2:].reshape(3, -1)
    either = got + had - both
    places = max(total[1], 1.0)
    return {
        "mean_iou": float((both[either > 0] / either[either > 0]).mean()) if (either > 0).any() else float("nan"),
        "pixel_accuracy": float(both.sum() / places),
        "log_loss": float(-total[0] / places),
    }


def told(outputs: Array, classes: Sequence[str]) -> list[Mapping[str, Any]]:
    """mask: the index of the class of each place, int16; shares: of the places that each class has, largest first,
    classes without one left out."""
    found = np.asarray(outputs).argmax(axis=1).astype(np.int16)
    said: list[Mapping[str, Any]] = []
    for one in found:
        sizes = np.bincount(one.ravel(), minlength=len(classes))
        order = [place for place in np.argsort(-sizes, kind="stable").tolist() if sizes[place]]
        shares = {classes[place]: float(sizes[place] / one.size) for place in order}
        said.append({"mask": one, "shares": shares})
    return said


def merits(metric: str, kept: Array, y: Array) -> Array | None:
    """In pixel accuracy and log loss an image counts by its known places. Mean IoU is no mean over images: an image's
    merit is how far the metric moves with it, to the first order (the infinitesimal jackknife: Jaeckel 1972)."""
    kept = np.asarray(kept, dtype=np.float64)
    counts = kept[:, 1]
    if metric not in METRICS or not counts.sum():
        return None
    both, got, had = np.moveaxis(kept[:, 2:].reshape(len(kept), 3, -1), 1, 0)
    if metric == "mean_iou":
        return _moves(both, got + had - both)
    found = both.sum(axis=1) if metric == "pixel_accuracy" else kept[:, 0]
    weighed: Array = found * (len(kept) / counts.sum())
    return weighed


def _moves(both: Array, either: Array) -> Array:
    """Counts of each image and class (N, K) -> (N,), whose mean is the mean over classes of the sums' ratio."""
    totals = either.sum(axis=0)
    there = totals > 0
    both, either, means = both[:, there], either[:, there], totals[there] / len(either)
    ratios = both.sum(axis=0) / totals[there]
    moved: Array = (ratios + (both - ratios * either) / means).mean(axis=1)
    return moved


def _places(signature: Signature) -> tuple[int | None, ...]:
    return signature.places


PLACES = Answer(
    metrics=METRICS,
    output="logits",
    stored="int16",
    classes=True,
    score=score,
    told=told,
    merits=merits,
    keep=keep,
    places=_places,
)
