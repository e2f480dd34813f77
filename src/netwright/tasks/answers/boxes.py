"""Boxes around things of some classes, found without anchors (Zhou et al. 2019, "Objects as Points",
https://arxiv.org/abs/1904.07850; Liu et al. 2020, "Training-Time-Friendly Network", https://arxiv.org/abs/1909.00700).

For each cell of a grid of `CELL` pixels a network answers how likely the middle of a thing of each class lies there (as
a logit), and how many cells the left, top, right and bottom of its box are away from the middle of the cell (as
logarithms). Targets are (M, 5) float32 an image: class, left, top, right, bottom in pixels; a class of `NONE` is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from netwright.operations import Signature
from netwright.operations.base import CELL, SIDES
from netwright.tasks.answers.base import Answer
from netwright.tasks.answers.precision import THRESHOLDS, Ranked, overlaps, right_from
from netwright.tasks.examples import Array
from netwright.tasks.vision.images import fitted_size

NONE = -1.0
METRICS = ("map50", "map")
MOST = 100
"""Boxes that are found in an image at most."""
SAME = 0.6
"""Overlap from which on two boxes of a class are one thing."""
NEAREST, FURTHEST = -4.0, 6.0
"""Bounds of the logarithms."""
SHOWN = 0.3
"""Score from which on a box is told."""
BITS = 2 ** np.arange(len(THRESHOLDS))
MOST_WORK = 10**8
"""Boxes to rank again, in all, for the merits of images."""


def decode(outputs: Array) -> Array:
    """(N, K + 4, h, w) -> (N, MOST, 6): score (0: no box), class, left, top, right, bottom in pixels; surest first.

    Cells that are surer than their neighbours, without those whose box is nearly that of a surer one of its class.
    """
    outputs = np.asarray(outputs, dtype=np.float32)
    count, channels, height, width = outputs.shape
    heat, sides = outputs[:, : channels - SIDES], outputs[:, channels - SIDES :].reshape(count, SIDES, -1)
    chosen, scores = _peaks(heat)
    labels, cells = np.divmod(chosen, height * width)
    rows, columns = np.divmod(cells, width)
    reach = np.take_along_axis(sides, np.broadcast_to(cells[:, None], (count, SIDES, cells.shape[1])), axis=2)
    reach = CELL * np.exp(np.clip(reach, NEAREST, FURTHEST))
    x, y = (columns + 0.5) * CELL, (rows + 0.5) * CELL
    ends = (x - reach[:, 0], y - reach[:, 1], x + reach[:, 2], y + reach[:, 3])
    most = np.array([width, height, width, height]) * CELL
    boxes = np.clip(np.stack(ends, axis=2), 0.0, most)
    scores = np.where(_apart(boxes, labels), scores, 0.0)
    return _surest(np.concatenate([scores[..., None], labels[..., None], boxes], axis=2))


def _peaks(heat: Array) -> tuple[Array, Array]:
    """Of logits (N, K, h, w): places in the flattened (K, h, w) and scores of peaks, each (N, P), surest first; score 0
    where there are fewer."""
    peaks = np.where(heat >= _highest_around(heat), heat, -np.inf).reshape(len(heat), -1)
    most = min(MOST, peaks.shape[1])
    chosen = np.sort(np.argpartition(-peaks, most - 1, axis=1)[:, :most], axis=1)
    order = np.argsort(-np.take_along_axis(peaks, chosen, axis=1), axis=1, kind="stable")
    chosen = np.take_along_axis(chosen, order, axis=1)
    logits = np.take_along_axis(peaks, chosen, axis=1).astype(np.float64)
    return chosen, 1 / (1 + np.exp(np.clip(-logits, -700, 700))) * np.isfinite(logits)


def _highest_around(heat: Array) -> Array:
    """The largest value among each cell and its eight neighbours."""
    padded = np.pad(heat, ((0, 0), (0, 0), (1, 1), (1, 1)), constant_values=-np.inf)
    rows = np.maximum(np.maximum(padded[:, :, :-2], padded[:, :, 1:-1]), padded[:, :, 2:])
    highest: Array = np.maximum(np.maximum(rows[..., :-2], rows[..., 1:-1]), rows[..., 2:])
    return highest


def _apart(boxes: Array, labels: Array) -> Array:
    """(N, P) whether a box (N, P, 4) is another thing than all surer ones that are."""
    clash = (overlaps(boxes, boxes) > SAME) & (labels[:, :, None] == labels[:, None])
    kept = np.ones(labels.shape, dtype=bool)
    for place in range(labels.shape[1] - 1):
        kept[:, place + 1 :] &= ~(clash[:, place, place + 1 :] & kept[:, place, None])
    return kept


def _surest(found: Array) -> Array:
    """(N, P, 6) -> (N, MOST, 6) float32, sorted; zeros for what is no box."""
    found[found[..., 0] <= 0] = 0.0
    order = np.argsort(-found[..., 0], axis=1, kind="stable")
    made = np.zeros((len(found), MOST, found.shape[2]), dtype=np.float32)
    made[:, : found.shape[1]] = np.take_along_axis(found, order[..., None], axis=1)
    return made


def keep(outputs: Array, y: Array) -> Array:
    """(N, 3 MOST + K): scores of the boxes that are found, their classes, and from which overlaps on they are right, a
    bit each; how many boxes of each class there are. NaN where outputs are no numbers."""
    found, y = decode(np.nan_to_num(outputs)), np.asarray(y)
    classes = outputs.shape[1] - SIDES
    kept = np.zeros((len(found), 3 * MOST + classes))
    for row, (one, truth) in enumerate(zip(found, y, strict=True)):
        there = truth[truth[:, 0] != NONE]
        bits = right_from(one, there) @ BITS
        kept[row] = np.concatenate(
            [one[:, 0], one[:, 1], bits, np.bincount(there[:, 0].astype(int), minlength=classes)]
        )
    kept[~np.isfinite(outputs).all(axis=(1, 2, 3))] = np.nan
    return kept


def _ranked(kept: Array) -> list[Ranked]:
    """The boxes found of each class that occurs."""
    kept = np.asarray(kept, dtype=np.float64)
    scores, labels, bits = kept[:, : 3 * MOST].reshape(len(kept), 3, MOST).transpose(1, 0, 2)
    right = (bits.astype(np.int64)[..., None] & BITS) > 0
    totals = kept[:, 3 * MOST :]
    return [
        Ranked.of(np.where(labels == label, scores, 0.0), right, totals[:, label])
        for label in np.flatnonzero(totals.sum(axis=0))
    ]


def score(kept: Array, y: Array) -> dict[str, float]:
    """Metrics of what `keep` kept. map50: the mean average precision at an overlap of one half; map: averaged over
    overlaps from 0.5 to 0.95. Means over the classes that occur; NaN where there are no boxes."""
    found = [one.precisions() for one in _ranked(kept)]
    if not found:
        return dict.fromkeys(METRICS, float("nan"))
    means = np.mean(found, axis=0)
    return {"map50": float(means[0]), "map": float(means.mean())}


def merits(metric: str, kept: Array, y: Array) -> Array | None:
    """Average precision is no mean over images: an image's merit is how far the metric falls without it (the jackknife:
    Efron & Stein 1981, https://doi.org/10.1214/aos/1176345462). None where that would take long."""
    ranked, count = _ranked(kept), len(kept)
    work = count * sum(len(one.images) for one in ranked)
    if metric not in METRICS or not ranked or count < 2 or work > MOST_WORK:
        return None
    asked = [replace(one, right=one.right[:, : len(THRESHOLDS) if metric == "map" else 1]) for one in ranked]
    whole = np.mean([one.precisions() for one in asked])
    without = np.array([np.mean([one.precisions(image) for one in asked]) for image in range(count)])
    moved: Array = whole + (count - 1) * (without.mean() - without)
    return moved


def told(outputs: Array, classes: Sequence[str]) -> list[Mapping[str, Any]]:
    """The boxes of each image, surest first: label, score, and the box as left, top, right, bottom in pixels of what
    the network takes."""
    return [
        {"boxes": [_told(row, classes) for row in one if row[0] >= SHOWN]}
        for one in decode(np.asarray(outputs)).tolist()
    ]


def _told(row: Sequence[float], classes: Sequence[str]) -> dict[str, Any]:
    return {"label": classes[int(row[1])], "score": row[0], "box": list(row[2:])}


def placed(said: Mapping[str, Any], size: tuple[int, ...], inputs: tuple[int, ...]) -> Mapping[str, Any]:
    """What was told of an image of `size` (H, W) that was fitted into `inputs`, in the image's own pixels."""
    height, width = size
    inner = fitted_size((height, width), (inputs[0], inputs[1]))
    scale = np.array([width / inner[1], height / inner[0]] * 2)
    most = np.array([width, height] * 2)
    boxes = [{**one, "box": np.clip(np.array(one["box"]) * scale, 0, most).tolist()} for one in said["boxes"]]
    return {**said, "boxes": boxes}


def _sizes(signature: Signature) -> tuple[int | None, ...]:
    return (None, 1 + SIDES)


BOXES = Answer(
    metrics=METRICS,
    output="maps",
    stored="float32",
    classes=True,
    score=score,
    told=told,
    merits=merits,
    keep=keep,
    places=_sizes,
    placed=placed,
)
