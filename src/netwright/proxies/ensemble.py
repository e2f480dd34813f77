"""Several proxies as one ranking: without any label, or learnt from a few networks that were trained."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

CONSENSUS = ("swap", "jacov", "meco", "az-trainability", "flops")
"""Proxies that see different things, and together rank better than any one."""
RIDGE = 1.0
"""Weight of the penalty on the coefficients of a learnt ensemble, in networks."""


def ranks(values: Floats) -> Floats:
    """(N,) -> (N,) the share of values that are not above each, ties sharing theirs; what is not a number comes last.

    >>> ranks(np.array([3.0, np.nan, 5.0, 3.0])).tolist()
    [0.625, 0.25, 1.0, 0.625]
    """
    low = np.where(np.isnan(values), -np.inf, values)
    ordered = np.sort(low)
    first, last = np.searchsorted(ordered, low, "left"), np.searchsorted(ordered, low, "right")
    return np.asarray((first + 1 + last) / 2 / len(low))


def table(scores: Sequence[Mapping[str, float]], names: Sequence[str]) -> Floats:
    """(N, proxies) The values of some proxies."""
    return np.array([[float(one.get(name, np.nan)) for name in names] for one in scores], dtype=np.float64)


def consensus(values: Floats) -> Floats:
    """(N, proxies) -> (N,) in (0, 1], more is better: what ranks low for one proxy cannot be mended by the others
    (Lee & Ham 2024, AZ-NAS, https://arxiv.org/abs/2403.19232).

    >>> consensus(np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 4.0]])).round(2).tolist()
    [0.47, 0.82, 0.58]
    """
    return np.asarray(np.exp(np.mean([np.log(ranks(column)) for column in values.T], axis=0)))


class Learnt:
    """A ridge regression on the ranks of proxies, fitted to values of a few networks.

    >>> known = np.array([[1.0, 9.0], [2.0, 1.0], [3.0, 5.0], [4.0, 3.0], [5.0, 4.0]])
    >>> model = Learnt(known, np.array([0.1, 0.2, 0.3, 0.4, 0.5]), known)
    >>> np.argsort(model(known)).tolist()
    [0, 1, 2, 3, 4]
    """

    def __init__(self, values: Floats, targets: Floats, reference: Floats) -> None:
        """values: (N, proxies); targets: (N,), more is better; reference: (M, proxies) of many networks, which ranks
        are taken among."""
        self._reference = np.sort(np.where(np.isnan(reference), -np.inf, reference), axis=0)
        features = self._features(values)
        self._mean = float(targets.mean())
        penalty = RIDGE * np.eye(features.shape[1])
        self._weights = np.linalg.solve(features.T @ features + penalty, features.T @ (targets - self._mean))

    def __call__(self, values: Floats) -> Floats:
        """(N, proxies) -> (N,)"""
        return np.asarray(self._mean + self._features(values) @ self._weights)

    def _features(self, values: Floats) -> Floats:
        low = np.where(np.isnan(values), -np.inf, values)
        places = [
            (np.searchsorted(known, column, "left") + np.searchsorted(known, column, "right")) / 2 / len(known)
            for known, column in zip(self._reference.T, low.T, strict=True)
        ]
        return np.stack(places, 1) - 0.5
