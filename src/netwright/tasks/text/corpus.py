"""Running text as a task: windows one after the other, and for each place the token that comes next.

Validation and test are the end of the text, never shuffled: neighbouring windows tell of each other.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks import targets
from netwright.tasks.answers.places import UNKNOWN as NOTHING
from netwright.tasks.examples import Array, Items
from netwright.tasks.splits import check_shares
from netwright.tasks.task import Split, Task
from netwright.tasks.text import language

KIND: targets.Kind = "language-model"
SET_ASIDE = 0.05
"""The share of the text that validation and test take by default, each."""
SHORTEST = 2_000
"""Characters of the shortest text that something can be learnt from."""


@dataclass(frozen=True, eq=False)
class Corpus:
    """Running text as a reader found it. texts: by split, "train" and where they are given "valid" and "test"; several
    texts of a split are parted by `language.END_MARK`."""

    name: str
    texts: Mapping[str, str]
    source: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def make(corpus: Corpus, *, valid: float | None = None, test: float | None = None) -> Task:
    """The task of foretelling each token from those before it. valid, test: shares of the text, taken from its end.
    Raises InputError for a text that is too short."""
    texts, said = _split(corpus, valid, test)
    prepare, warnings = language.fit(Items.of("language", [texts["train"]], ["the training text"]))
    prepare = {"domain": "language", **prepare}
    tokens = {name: language.tokens_of(text, prepare) for name, text in texts.items()}
    splits = {name: Split(*windows(each, prepare["length"])) for name, each in tokens.items()}
    strange = sum(each.count(language.UNKNOWN) for each in tokens.values())
    if strange:
        warnings.append(f"{strange} characters are rare, or not in the training text: they are not to be foretold")
    size = language.vocabulary(prepare)
    return Task(
        name=corpus.name,
        kind=KIND,
        signature=Signature((prepare["length"],), size, "language", vocabulary=size),
        train=splits["train"],
        valid=splits["valid"],
        test=splits["test"],
        prepare=prepare,
        metric="bits_per_token",
        source={
            **corpus.source,
            "counts": {name: len(split) for name, split in splits.items()},
            "characters": {name: len(text) for name, text in texts.items()},
            "tokens": "pieces of words" if prepare["merges"] else "characters",
            "split": said,
            "warnings": [*corpus.warnings, *warnings],
        },
    )


def _split(corpus: Corpus, valid: float | None, test: float | None) -> tuple[dict[str, str], str]:
    """The text of each split, and how it came about. What is not given is cut off the end of the training text."""
    texts, whole = dict(corpus.texts), corpus.texts["train"]
    wanted = {name: SET_ASIDE if share is None else share for name, share in (("valid", valid), ("test", test))}
    check_shares(wanted["valid"], wanted["test"])
    if len(whole) < SHORTEST:
        origin = corpus.source.get("origin", corpus.name)
        problem = f"{origin}: {len(whole):,} characters are too few to learn a language from"
        raise InputError(problem, f"give at least {SHORTEST:,}, better a million")
    cut, end = {name: share for name, share in wanted.items() if name not in texts}, len(whole)
    for name, share in reversed(cut.items()):
        begin = end - round(share * len(whole))
        texts[name], end = whole[begin:end], begin
    texts["train"] = whole[:end]
    for name, text in texts.items():
        if len(text) < 2:
            raise InputError(f"the {name} split holds {len(text)} characters", "give more text, or a larger share")
    if not cut:
        return texts, "as given"
    parts = ", then ".join(f"{share:.0%} for {name}" for name, share in cut.items())
    return texts, f"contiguous, not shuffled: at the end of the text {parts}"


def windows(tokens: Sequence[int], length: int) -> tuple[Array, Array]:
    """Windows (N, T) one after the other, and for each place the token that comes next; the last is filled up with
    nothing. Strange characters are not to be foretold.

    >>> x, y = windows([5, 6, 7, 1], 2)
    >>> x.tolist(), y.tolist()
    ([[5, 6], [7, 0]], [[6, 7], [-1, -1]])
    """
    every = np.asarray(tokens, dtype=np.int64)
    pairs = len(every) - 1
    count = -(-pairs // length)
    x = np.zeros(count * length, dtype=np.int32)
    y = np.full(count * length, NOTHING, dtype=np.int64)
    x[:pairs] = every[:-1]
    y[:pairs] = np.where(every[1:] == language.UNKNOWN, NOTHING, every[1:])
    return x.reshape(count, length), y.reshape(count, length)
