"""Non-dominated sorting of a set that grows one by one (Li et al. 2017, "Efficient Nondomination Level Update Method
for Steady-State Evolutionary Multiobjective Optimization", https://doi.org/10.1109/TCYB.2016.2621008)."""

from __future__ import annotations

import numpy as np


class Layers:
    """The fronts from the first to the last, under constraint domination: less violation first, then the losses.

    >>> layers = Layers()
    >>> for number, losses in enumerate([(1.0, 2.0), (2.0, 2.0), (2.0, 1.0), (0.0, 0.0)]):
    ...     layers.add(number, np.array(losses), 0.0)
    >>> [front.tolist() for front in layers.fronts]
    [[3], [0, 2], [1]]
    """

    def __init__(self) -> None:
        self.fronts: list[np.ndarray] = []
        """Numbers, front by front."""
        self._points: list[np.ndarray] = []

    def add(self, number: int, losses: np.ndarray, violation: float) -> None:
        """losses: (M,) finite."""
        numbers, points = np.array([number]), np.array([[violation, *losses]])
        place = self._front_of(points[0])
        while place < len(self.fronts):
            beaten = self._beaten(place, points)
            if beaten.all():
                break
            here, there = self.fronts[place], self._points[place]
            self.fronts[place] = np.concatenate([here[~beaten], numbers])
            self._points[place] = np.concatenate([there[~beaten], points])
            numbers, points = here[beaten], there[beaten]
            if not len(numbers):
                return
            place += 1
        self.fronts.insert(place, numbers)
        self._points.insert(place, points)

    def losses(self, place: int) -> np.ndarray:
        """(members, M) of a front."""
        return self._points[place][:, 1:]

    def _front_of(self, point: np.ndarray) -> int:
        """The first front with no member that dominates the point; whoever is dominated by a front is by all before."""
        low, high = 0, len(self.fronts)
        while low < high:
            middle = (low + high) // 2
            if _dominates(self._points[middle], point[None]).any():
                low = middle + 1
            else:
                high = middle
        return low

    def _beaten(self, place: int, points: np.ndarray) -> np.ndarray:
        """Which members of a front one of the points dominates."""
        there = self._points[place]
        return np.asarray(_dominates(points[:, None], there[None]).any(0))


def _dominates(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(…, 1 + M) violation and losses -> (…) bool."""
    less, equal = a[..., 0] < b[..., 0], a[..., 0] == b[..., 0]
    better = (a[..., 1:] <= b[..., 1:]).all(-1) & (a[..., 1:] < b[..., 1:]).any(-1)
    return np.asarray(less | (equal & better))
