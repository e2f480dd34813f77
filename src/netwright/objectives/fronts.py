"""Pareto fronts: nondominated sorting and crowding distance (Deb et al. 2002, NSGA-II,
https://doi.org/10.1109/4235.996017), and the hypervolume."""

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
    """Indices of the first front, the second, and so on.

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


def crowding(losses: np.ndarray) -> np.ndarray:
    """(N, M) losses of one front -> (N,) distance to the neighbours along each objective; inf at the ends."""
    count, objectives = losses.shape
    distance = np.zeros(count)
    for column in range(objectives):
        order = np.argsort(losses[:, column], kind="stable")
        values = losses[order, column]
        span = values[-1] - values[0]
        distance[order[[0, -1]]] = np.inf
        if count > 2 and span > 0:
            distance[order[1:-1]] += (values[2:] - values[:-2]) / span
    return distance


def hypervolume(losses: np.ndarray, reference: np.ndarray) -> float:
    """The volume that the points (N, M) dominate below `reference` (M,); exact, by slicing.

    >>> hypervolume(np.array([[0.0, 1.0], [1.0, 0.0]]), np.array([2.0, 2.0]))
    3.0
    """
    inside = losses[(losses < reference).all(1)]
    if not len(inside):
        return 0.0
    if inside.shape[1] == 1:
        return float(reference[0] - inside[:, 0].min())
    inside = inside[np.argsort(inside[:, -1], kind="stable")]
    volume = 0.0
    for place in range(len(inside)):
        upper = inside[place + 1, -1] if place + 1 < len(inside) else reference[-1]
        if upper > inside[place, -1]:
            volume += (upper - inside[place, -1]) * hypervolume(inside[: place + 1, :-1], reference[:-1])
    return float(volume)
