"""Stratified splits: each class, or each tenth of the target's range, goes in equal shares to every split."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netwright.errors import InputError
from netwright.tasks.examples import Array

SET_ASIDE, MOST_SET_ASIDE = 0.15, 5_000
"""The share of the training examples that validation and test take by default, and the most examples."""


def share_of(examples: int, wanted: float | None) -> float:
    """The wanted share, or the default: enough to tell networks apart, the rest is better trained on."""
    return min(SET_ASIDE, MOST_SET_ASIDE / max(1, examples)) if wanted is None else wanted


def check_shares(valid: float, test: float) -> None:
    """Raises InputError unless both are fractions that leave at least a tenth to train on."""
    for name, share in (("valid", valid), ("test", test)):
        if not 0 < share < 1:
            raise InputError(f"{name} is {share}", "give a fraction between 0 and 1, such as 0.15")
    if valid + test > 0.9:
        raise InputError(f"valid and test take {valid + test:.0%} of the data", "leave at least a tenth to train on")


def strata(y: Array, classes: Sequence[str]) -> Array:
    """(N,) group of each example: its class, or its tenth of the sorted values."""
    if classes:
        return y
    order = np.argsort(y, kind="stable")
    groups = np.empty(len(y), dtype=np.int64)
    groups[order] = np.arange(len(y)) * min(10, max(1, len(y) // 10)) // max(1, len(y))
    return groups


def split(y: Array, shares: Sequence[float], classes: Sequence[str], seed: int) -> list[Array]:
    """Sorted indices: first what remains, then one part for each share. The same seed gives the same parts.

    y: (N,) class indices, or values when `classes` is empty. Raises InputError when a class has too few examples to
    be in every part.

    >>> import numpy as np
    >>> [len(part) for part in split(np.repeat([0, 1], 50), (0.2, 0.1), ("a", "b"), seed=0)]
    [70, 20, 10]
    """
    rng = np.random.default_rng([seed, 0x5711])
    groups = strata(y, classes)
    parts: list[list[Array]] = [[] for _ in range(len(shares) + 1)]
    for group in np.unique(groups):
        members = rng.permutation(np.flatnonzero(groups == group))
        sizes = [max(1, round(len(members) * share)) for share in shares]
        if len(members) <= sum(sizes):
            raise _too_few(len(members), len(parts), classes[group] if classes else None)
        start = 0
        for place, size in enumerate(sizes, start=1):
            parts[place].append(members[start : start + size])
            start += size
        parts[0].append(members[start:])
    return [np.sort(np.concatenate(part)) for part in parts]


def _too_few(count: int, parts: int, label: str | None) -> InputError:
    if label is None:
        return InputError(f"{count} examples are too few to split", "give at least 20")
    wanted = f"give at least {parts}, better 20, or leave the class out"
    return InputError(f"class {label!r} has only {count} example{'s' * (count > 1)}, too few to split", wanted)
