"""Pareto fronts: nondominated sorting and crowding distance (Deb et al. 2002, NSGA-II,
https://doi.org/10.1109/4235.996017), and the hypervolume. Losses are minimised and finite."""

from __future__ import annotations

import numpy as np


def dominates(losses: np.ndarray, violations: np.ndarray | None = None) -> np.ndarray:
    """(N, M) losses to minimise -> (N, N) bool, [i, j]: i constraint-dominates j."""
    better = (losses[:, None] <= losses[None]).all(2) & (losses[:, None] < losses[None]).any(2)
    if violations is None:
        return np.asarray(better)
    less = violations[:, None] < violations[None]
    return np.asarray(less | ((violations[:, None] == violations[None]) & better))


def fronts(losses: np.ndarray, violations: np.ndarray | None = None) -> list[np.ndarray]:
    """Indices of the first front, the second, and so on. Time and memory grow with N²: for populations.

    >>> [front.tolist() for front in fronts(np.array([[1.0, 2], [2, 1], [2, 2]]))]
    [[0, 1], [2]]
    """
    above = dominates(losses, violations)
    left = np.ones(len(losses), dtype=bool)
    layers = []
    while left.any():
        layer = left & ~above[left].any(0)
        layers.append(np.flatnonzero(layer))
        left &= ~layer
    return layers


def first_front(losses: np.ndarray, violations: np.ndarray | None = None) -> np.ndarray:
    """Indices of the first front alone, in rising order: for whole logs, N times the size of the front.

    >>> first_front(np.array([[1.0, 2], [2, 1], [2, 2], [1, 2]])).tolist()
    [0, 1, 3]
    """
    left = np.arange(len(losses))
    if violations is not None and len(left):
        left = np.flatnonzero(violations == violations.min())
    left = left[np.lexsort(losses[left].T[::-1])]
    front: list[int] = []
    while len(left):
        best = losses[left[0]]
        equal = (losses[left] == best).all(1)
        front += left[equal].tolist()
        left = left[~equal & (losses[left] < best).any(1)]
    return np.array(sorted(front), dtype=int)


def crowding(losses: np.ndarray) -> np.ndarray:
    """(N, M) losses of one front -> (N,) distance to the neighbours along each objective; inf at the ends.

    >>> crowding(np.array([[0.0, 3], [1, 2], [3, 0]])).tolist()
    [inf, 2.0, inf]
    """
    distance = np.zeros(len(losses))
    for values in losses.T:
        order = np.argsort(values, kind="stable")
        sorted_ = values[order]
        span = sorted_[-1] - sorted_[0] if len(order) else 0.0
        if span > 0:
            distance[order[[0, -1]]] = np.inf
            distance[order[1:-1]] += (sorted_[2:] - sorted_[:-2]) / span
    return distance


def hypervolume(losses: np.ndarray, reference: np.ndarray) -> float:
    """The volume that the points (N, M) dominate below `reference` (M,); exact, by slicing. Points that are not better
    than the reference in every objective, NaN among them, add nothing.

    >>> hypervolume(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([2.0, 2.0]))
    3.0
    """
    inside = losses[(losses < reference).all(1)]
    if not len(inside):
        return 0.0
    inside = inside[first_front(inside)]
    if inside.shape[1] == 1:
        return float(reference[0] - inside[0, 0])
    inside = inside[np.argsort(inside[:, -1], kind="stable")]
    uppers = np.append(inside[1:, -1], reference[-1])
    volume = 0.0
    for place, upper in enumerate(uppers):
        if upper > inside[place, -1]:
            volume += (upper - inside[place, -1]) * hypervolume(inside[: place + 1, :-1], reference[:-1])
    return float(volume)
