"""Average precision of boxes, as COCO defines it (Lin et al. 2014, https://arxiv.org/abs/1405.0312).

A box that is found is right if it overlaps one of its class that nothing surer has been found for. For each class and
each overlap that is asked for: the precision at 101 recalls, each the best at that recall or a higher one, averaged.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from netwright.tasks.examples import Array

THRESHOLDS = np.linspace(0.5, 0.95, 10)
"""Overlaps from which on a box is right."""
RECALLS = np.linspace(0.0, 1.0, 101)


def overlaps(one: Array, other: Array) -> Array:
    """(…, A, 4) and (…, B, 4) left, top, right, bottom -> (…, A, B): what two boxes share by what they cover together.

    >>> overlaps(np.array([[0, 0, 2, 2]]), np.array([[1, 0, 3, 2], [5, 5, 6, 6]])).round(3).tolist()
    [[0.333, 0.0]]
    """
    first, second = one[..., :, None, :], other[..., None, :, :]
    low, high = np.maximum(first[..., :2], second[..., :2]), np.minimum(first[..., 2:], second[..., 2:])
    shared = np.clip(high - low, 0.0, None).prod(axis=-1)
    either = _areas(first) + _areas(second) - shared
    found: Array = np.divide(shared, either, out=np.zeros_like(shared), where=either > 0)
    return found


def _areas(boxes: Array) -> Array:
    sizes: Array = np.clip(boxes[..., 2:] - boxes[..., :2], 0.0, None).prod(axis=-1)
    return sizes


def right_from(found: Array, truth: Array) -> Array:
    """(D, thresholds) whether each box of an image is right. found: (D, 6) score (0: no box), class, box, the surest
    first; truth: (M, 5) class and box."""
    found, truth = np.asarray(found, dtype=np.float64), np.asarray(truth, dtype=np.float64)
    right = np.zeros((len(found), len(THRESHOLDS)), dtype=bool)
    for label in np.unique(truth[:, 0]):
        own = np.flatnonzero((found[:, 1] == label) & (found[:, 0] > 0))
        right[own] = _matched(overlaps(found[own, 2:], truth[truth[:, 0] == label, 1:]))
    return right


def _matched(shared: Array) -> Array:
    """(D, G) overlaps, the surest box first -> (D, thresholds)."""
    right = np.zeros((len(shared), len(THRESHOLDS)), dtype=bool)
    if not shared.size:
        return right
    free = np.ones((len(THRESHOLDS), shared.shape[1]), dtype=bool)
    each = np.arange(len(THRESHOLDS))
    for place in np.flatnonzero(shared.max(axis=1) >= THRESHOLDS[0]):
        fits = np.where(free & (shared[place] >= THRESHOLDS[:, None] - 1e-10), shared[place], -1.0)
        best = fits.shape[1] - 1 - fits[:, ::-1].argmax(axis=1)
        right[place] = fits[each, best] >= 0
        free[each[right[place]], best[right[place]]] = False
    return right


@dataclass(frozen=True, eq=False)
class Ranked:
    """The boxes found of one class, the surest first. images: (D,) which each is in; right: (D, thresholds); totals:
    (N,) how many there are in each image."""

    images: Array
    right: Array
    totals: Array

    @classmethod
    def of(cls, scores: Array, right: Array, totals: Array) -> Ranked:
        """scores: (N, D), 0 for no box of the class; right: (N, D, thresholds); totals: (N,)."""
        images, places = np.nonzero(scores > 0)
        order = np.argsort(-scores[images, places], kind="stable")
        images, places = images[order], places[order]
        return cls(images, right[images, places], totals)

    def precisions(self, without: int | None = None) -> Array:
        """(thresholds,) average precisions, of all images or of those but one."""
        right, total = self.right, float(self.totals.sum())
        if without is not None and total > self.totals[without]:
            right, total = right[self.images != without], total - float(self.totals[without])
        hits = right.cumsum(axis=0)
        each = np.arange(1, len(hits) + 1)
        return np.array([_area(one / total, one / each) for one in hits.T])


def _area(recall: Array, precision: Array) -> float:
    """The mean precision at `RECALLS`; both (D,), after each box in turn."""
    if not len(recall):
        return 0.0
    best = np.maximum.accumulate(precision[::-1])[::-1]
    places = np.searchsorted(recall, RECALLS, side="left")
    return float(np.where(places < len(best), best[np.minimum(places, len(best) - 1)], 0.0).mean())
