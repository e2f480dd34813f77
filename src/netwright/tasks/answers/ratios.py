"""Metrics that are sums by sums: of errors over all examples, by all that there was to get right."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netwright.tasks.examples import Array


def merits(metrics: Sequence[str], metric: str, kept: Array) -> Array | None:
    """The score of each example (N,) for one of the metrics, in which it counts by what it has to get right; None for
    another metric. kept: (N, 2 · metrics), for each metric in turn errors and what they are counted by.

    >>> merits(["cer"], "cer", np.array([[1.0, 2.0], [0.0, 6.0]])).tolist()
    [-0.25, -0.0]
    """
    kept = np.asarray(kept, dtype=np.float64)
    if metric not in metrics or kept.ndim != 2 or kept.shape[1] != 2 * len(metrics):
        return None
    place = 2 * metrics.index(metric)
    total = kept[:, place + 1].sum()
    if not total:
        return None
    weighed: Array = -kept[:, place] * (len(kept) / total)
    return weighed
