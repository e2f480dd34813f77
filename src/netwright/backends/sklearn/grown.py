"""From the trees that a library has grown to the tensors of `netwright.backends.torch.trees.Trees`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Grown:
    """One tree as arrays over its nodes, parents before their children. left, right: -1 or less for leaves; threshold:
    the largest value that goes left; values: (nodes, V), of which those of leaves count."""

    left: Array
    right: Array
    feature: Array
    threshold: Array
    values: Array


def tensors(trees: Sequence[Grown], leaves: int, values: int, prefix: str = "trees.") -> dict[str, Array]:
    """All trees in arrays of one size: (T, leaves - 1) for the splits, (T, leaves, values)."""
    splits = leaves - 1
    made: dict[str, Array] = {
        "feature": np.zeros((len(trees), splits), np.int32),
        "threshold": np.zeros((len(trees), splits), np.float32),
        "left": np.zeros((len(trees), splits), np.int32),
        "right": np.zeros((len(trees), splits), np.int32),
        "values": np.zeros((len(trees), leaves, values), np.float32),
    }
    for place, tree in enumerate(trees):
        _write(made, place, tree, splits)
    return {prefix + name: array for name, array in made.items()}


def _write(made: dict[str, Array], place: int, tree: Grown, splits: int) -> None:
    leaf = np.asarray(tree.left) < 0
    number = np.where(leaf, splits + np.cumsum(leaf) - 1, np.cumsum(~leaf) - 1)
    made["values"][place, : leaf.sum()] = tree.values[leaf]
    if leaf[0]:
        made["left"][place, 0] = made["right"][place, 0] = splits
        return
    inner = np.flatnonzero(~leaf)
    made["feature"][place, : len(inner)] = tree.feature[inner]
    made["threshold"][place, : len(inner)] = _rounded_down(tree.threshold[inner])
    made["left"][place, : len(inner)] = number[tree.left[inner]]
    made["right"][place, : len(inner)] = number[tree.right[inner]]


def _rounded_down(values: Array) -> Array:
    """The largest float32 up to each value: it parts float32 features as the value does."""
    exact = np.asarray(values, dtype=np.float64)
    near = exact.astype(np.float32)
    return np.where(near > exact, np.nextafter(near, np.float32(-np.inf)), near)
