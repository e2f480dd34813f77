"""Niches along reference directions (Deb & Jain 2014, NSGA-III, https://doi.org/10.1109/TEVC.2013.2281535)."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import combinations

import numpy as np

LITTLE = 1e-6
"""Weight of the other axes when the extreme point of one is sought; the least span that counts as one."""


@lru_cache(64)
def directions(objectives: int, most: int) -> np.ndarray:
    """(at most `most`, or else one an axis; objectives): points spread evenly over the simplex (Das & Dennis 1998).

    >>> directions(2, 3).tolist()
    [[0.0, 1.0], [0.5, 0.5], [1.0, 0.0]]
    """
    parts = 1
    while objectives > 1 and math.comb(parts + objectives, objectives - 1) <= most:
        parts += 1
    bars = np.array(list(combinations(range(parts + objectives - 1), objectives - 1)), dtype=int)
    ends = np.full((len(bars), 1), parts + objectives - 1)
    return np.asarray((np.diff(np.hstack([-np.ones_like(ends), bars, ends])) - 1) / parts)


def fill(losses: np.ndarray, kept: int, size: int, towards: np.ndarray, rng: np.random.Generator) -> list[int]:
    """Places of those, among the rows of losses (N, M) after the `kept` first, that fill these up to `size`: each time
    one from a niche that holds the fewest; the nearest to its direction where there is none yet, else by lot."""
    away = distances(normalised(losses), towards)
    niche, near = away.argmin(1), away.min(1)
    counts = np.bincount(niche[:kept], minlength=len(towards))
    left = list(range(kept, len(losses)))
    taken: list[int] = []
    while kept + len(taken) < size:
        crowd = counts[niche[left]]
        fewest = np.unique(niche[left][crowd == crowd.min()])
        here = fewest[int(rng.random() * len(fewest))]
        inside = [place for place in left if niche[place] == here]
        one = inside[int(rng.random() * len(inside))] if counts[here] else min(inside, key=lambda place: near[place])
        counts[here] += 1
        left.remove(one)
        taken.append(one)
    return taken


def normalised(losses: np.ndarray) -> np.ndarray:
    """(N, M) losses from the ideal point, in units of the intercepts of the plane through the extreme points; of the
    greatest losses where there is no such plane."""
    moved = losses - losses.min(0)
    spans = moved.max(0)
    spans[spans <= LITTLE * np.abs(losses).max(0)] = 1.0
    moved = moved / spans
    weights = np.where(np.eye(losses.shape[1], dtype=bool), 1.0, 1 / LITTLE)
    extremes = moved[[(moved * weight).max(1).argmin() for weight in weights]]
    if np.linalg.matrix_rank(extremes) < len(extremes):
        return np.asarray(moved)
    plane = np.linalg.solve(extremes, np.ones(len(extremes)))
    return np.asarray(moved * plane if (plane > LITTLE).all() else moved)


def distances(points: np.ndarray, towards: np.ndarray) -> np.ndarray:
    """(N, M) points, (D, M) directions -> (N, D): how far each is from the line through zero of each."""
    units = towards / np.linalg.norm(towards, axis=1, keepdims=True)
    along = points @ units.T
    return np.asarray(np.linalg.norm(points[:, None] - along[..., None] * units, axis=2))
