"""Sentences with their translations as a task: what the target says after the source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks import targets
from netwright.tasks.examples import Items
from netwright.tasks.splits import check_shares, share_of
from netwright.tasks.task import Split, Task
from netwright.tasks.text import language, translation

KIND: targets.Kind = "translation"
FEWEST = 40
"""Pairs of sentences that something can be learnt from."""
Pair = tuple[str, str]


@dataclass(frozen=True, eq=False)
class Parallel:
    """Sentences and their translations as a reader found them. pairs: by split, "train" and where they are given
    "valid" and "test"; languages: what the two sides are called, the source first."""

    name: str
    pairs: Mapping[str, Sequence[Pair]]
    languages: Pair
    source: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def make(found: Parallel, *, seed: int, valid: float | None = None, test: float | None = None) -> Task:
    """The task of foretelling each token of the target. Raises InputError for too few pairs."""
    parts = _split(found, seed, valid, test)
    prepare, warnings = translation.fit(parts["train"])
    prepare = {"domain": "translation", **prepare}
    splits: dict[str, Split] = {}
    for name, items in parts.items():
        x, y, left = translation.pairs(items, prepare)
        if left:
            said = f"{left} of {len(items)} {name} pairs are longer than {prepare['length']} pieces"
            warnings.append(f"{said}: they are left out")
        if not len(x):
            raise InputError(f"no {name} pair is short enough", "give shorter sentences")
        splits[name] = Split(x, y)
    size = language.vocabulary(prepare)
    return Task(
        name=found.name,
        kind=KIND,
        signature=Signature((prepare["length"],), size, "language", vocabulary=size, padded=True),
        train=splits["train"],
        valid=splits["valid"],
        test=splits["test"],
        prepare=prepare,
        metric="bits_per_token",
        source={
            **found.source,
            "languages": list(found.languages),
            "counts": {name: len(split) for name, split in splits.items()},
            "split": "as given" if {"valid", "test"} <= set(found.pairs) else f"at random, seed {seed}",
            "warnings": [*found.warnings, *warnings],
        },
    )


def _split(found: Parallel, seed: int, valid: float | None, test: float | None) -> dict[str, Items]:
    """The pairs of each split; those that are not given are drawn from the training pairs."""
    given = {name: list(pairs) for name, pairs in found.pairs.items()}
    train = given["train"]
    if len(train) < FEWEST:
        problem = f"{found.source.get('origin', found.name)}: {len(train)} pairs of sentences are too few"
        raise InputError(problem, f"give at least {FEWEST}, better ten thousand")
    shares = {"valid": share_of(len(train), valid), "test": share_of(len(train), test)}
    check_shares(shares["valid"], shares["test"])
    order = np.random.default_rng([seed, 0x5711]).permutation(len(train)).tolist()
    for name in ("valid", "test"):
        if name not in given:
            count = max(1, round(shares[name] * len(train)))
            given[name], order = [train[at] for at in order[:count]], order[count:]
    given["train"] = [train[at] for at in sorted(order)]
    return {name: _items(name, given[name], found.languages) for name in ("train", "valid", "test")}


def _items(split: str, pairs: Sequence[Pair], languages: Pair) -> Items:
    places = [f"{split} pair {at}" for at in range(len(pairs))]
    return Items.of("translation", pairs, places, languages=list(languages))
