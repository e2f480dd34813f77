"""Paths of steps as arrays: what a controller learns from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np


@dataclass(frozen=True, slots=True)
class Writing:
    """One path. rows, prior: (values of all steps,) the controller's rows, and logarithms of the probabilities before
    learning; counts, places: (steps,) how many values each step has, which of them was taken."""

    rows: np.ndarray
    prior: np.ndarray
    counts: np.ndarray
    places: np.ndarray


@dataclass(frozen=True)
class Batch:
    """Paths one after the other."""

    paths: Sequence[Writing]

    @cached_property
    def rows(self) -> np.ndarray:
        """(values of all steps of all paths,)"""
        return np.concatenate([path.rows for path in self.paths])

    @cached_property
    def prior(self) -> np.ndarray:
        """(values of all steps of all paths,)"""
        return np.concatenate([path.prior for path in self.paths])

    @cached_property
    def counts(self) -> np.ndarray:
        """(steps of all paths,) how many values each has."""
        return np.concatenate([path.counts for path in self.paths])

    @cached_property
    def starts(self) -> np.ndarray:
        """(steps of all paths,) where in `rows` each begins."""
        return np.asarray(np.cumsum(self.counts) - self.counts)

    @cached_property
    def taken(self) -> np.ndarray:
        """(steps of all paths,) where in `rows` what was taken is."""
        return np.asarray(self.starts + np.concatenate([path.places for path in self.paths]))

    @cached_property
    def owner(self) -> np.ndarray:
        """(values of all steps of all paths,) the step of each."""
        return np.repeat(np.arange(len(self.counts)), self.counts)

    @cached_property
    def lengths(self) -> np.ndarray:
        """(paths,) steps of each."""
        return np.array([len(path.counts) for path in self.paths])

    @property
    def shape(self) -> tuple[int, int]:
        """Paths, and steps of the longest."""
        return len(self.paths), int(self.lengths.max())

    @cached_property
    def inside(self) -> np.ndarray:
        """`shape`, bool: which steps there are."""
        return np.asarray(np.arange(self.shape[1]) < self.lengths[:, None])

    @cached_property
    def touched(self) -> tuple[np.ndarray, np.ndarray]:
        """Each row once; which of these each entry of `rows` is."""
        return np.unique(self.rows, return_inverse=True)

    def sums(self, values: np.ndarray) -> np.ndarray:
        """(values of all steps of all paths, ...) -> (steps of all paths, ...)."""
        return np.asarray(np.add.reduceat(values, self.starts))

    def gathered(self, values: np.ndarray) -> np.ndarray:
        """(values of all steps of all paths, ...) -> (rows touched, ...): sums over what belongs to the same row."""
        _, which = self.touched
        order = np.argsort(which, kind="stable")
        first = np.searchsorted(which[order], np.arange(len(self.touched[0])))
        return np.asarray(np.add.reduceat(values[order], first))
