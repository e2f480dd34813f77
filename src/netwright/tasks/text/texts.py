"""Texts as numbers: words of a vocabulary learnt on the training split, kept as plain data.

Token 0 is the padding after a text's end, 1 an unknown word, then come the vocabulary's entries: frequent words, and
endings such as "~ing" that stand for rare ones. Words are in lower case, digits all count as 0.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks.examples import Array, Items

MOST_WORDS, MOST_ENDINGS = 20_000, 500
LEAST_COUNT, LEAST_ENDINGS = 2, 5
"""Occurrences of a word, and of rare words of one ending, for a token of their own."""
LONGEST, COVERED = 256, 0.995
"""Tokens of the longest text that is read to its end; share of the training texts that are, if they are shorter."""
SHORTEST = 8
UNKNOWN, FIRST = 1, 2
"""Tokens: of unknown words, and the first of the vocabulary."""
_ENDING = 3
_WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+(?:['’]\w+)?|[^\w\s]")
_DIGIT = re.compile(r"\d")


def words(text: str) -> list[str]:
    """The words and marks of a text; Chinese and Japanese characters each by itself.

    >>> words("It's 25% off!")
    ["it's", '00', '%', 'off', '!']
    """
    return _WORD.findall(_DIGIT.sub("0", text.lower()))


def fit(items: Items) -> tuple[dict[str, Any], list[str]]:
    """The vocabulary and the length of the training texts, as plain data, and warnings."""
    every = [words(text) for text in items.values]
    counts = Counter(word for text in every for word in text)
    frequent = sorted((word for word, count in counts.items() if count >= LEAST_COUNT), key=lambda w: (-counts[w], w))
    kept = set(frequent[:MOST_WORDS])
    endings: Counter[str] = Counter()
    for word, count in counts.items():
        if word not in kept and len(word) > _ENDING:
            endings["~" + word[-_ENDING:]] += count
    often = sorted((e for e, count in endings.items() if count >= LEAST_ENDINGS), key=lambda e: (-endings[e], e))
    sizes = np.array([len(text) for text in every])
    length = int(np.clip(np.ceil(np.quantile(sizes, COVERED)), SHORTEST, LONGEST))
    warnings = []
    cut = int((sizes > length).sum())
    if cut:
        warnings.append(f"{cut} of {len(every)} training texts are longer than {length} words: only these are read")
    entries = [*frequent[:MOST_WORDS], *often[:MOST_ENDINGS]]
    return {"words": entries, "length": length, **items.about}, warnings


def vocabulary(prepare: Mapping[str, Any]) -> int:
    """How many different tokens there are."""
    return len(prepare["words"]) + FIRST


def apply(items: Items, prepare: Mapping[str, Any]) -> Array:
    """(N, T) int32 tokens. Raises InputError that names a text without any words."""
    place = {word: index for index, word in enumerate(prepare["words"], start=FIRST)}
    made = np.zeros((len(items), prepare["length"]), dtype=np.int32)
    for row, text in enumerate(items.values):
        tokens = [_token(word, place) for word in words(text)[: prepare["length"]]]
        if not tokens:
            raise InputError(f"{items.where(row)} holds no words", "give a text, or leave it out")
        made[row, : len(tokens)] = tokens
    return made


def _token(word: str, place: Mapping[str, int]) -> int:
    known = place.get(word)
    return place.get("~" + word[-_ENDING:], UNKNOWN) if known is None else known


def found(raw: Any, prepare: Mapping[str, Any]) -> Items:
    """Texts to read: a str or several, or the paths of files with them (.txt: one a line, or one a file where training
    had it so; .csv, .tsv, .jsonl: the column that training had; "-": the lines of standard input)."""
    if isinstance(raw, str):
        raw = [raw]
    if isinstance(raw, Path):
        return _of_files([raw], prepare)
    given = list(raw)
    if given and all(isinstance(one, Path) for one in given):
        return _of_files(given, prepare)
    wrong = next((place for place, one in enumerate(given) if not isinstance(one, str)), None)
    if wrong is not None:
        raise InputError(f"text {wrong} is a {type(given[wrong]).__name__}", "give str, or Path of files")
    if not given:
        raise InputError("no texts to read", "give at least one")
    return Items.of("text", given, [f"text {place}" for place in range(len(given))])


def _of_files(paths: Sequence[Path], prepare: Mapping[str, Any]) -> Items:
    from netwright.tasks.readers import texts as reader

    values: list[str] = []
    places: list[str] = []
    for path in paths:
        read: Iterable[tuple[str, str]]
        if str(path) == "-":
            lines = enumerate(sys.stdin.read().splitlines(), start=1)
            read = [(line, f"standard input, line {number}") for number, line in lines]
        else:
            read = reader.to_predict(path, prepare.get("column"), whole=prepare.get("unit") == "file")
        for text, where in read:
            values.append(text)
            places.append(where)
    if not values:
        raise InputError(f"{paths[0]} holds no texts", "give at least one")
    return Items.of("text", values, places)


def described(prepare: Mapping[str, Any]) -> str:
    """What a network takes, in words."""
    return f"texts of up to {prepare['length']} words from a vocabulary of {vocabulary(prepare):,}"


def wrong(prepare: Mapping[str, Any], inputs: tuple[int, ...], tokens: int) -> str:
    """What does not fit in a preparation from a file, "" where all does."""
    entries = prepare.get("words")
    if not isinstance(entries, list) or not all(isinstance(word, str) for word in entries):
        return "words are no list of texts"
    if vocabulary(prepare) != tokens or len(set(entries)) != len(entries):
        return f"{len(entries)} words do not make the {tokens} tokens that the network takes"
    if [prepare.get("length")] != list(inputs):
        return f"its length is {prepare.get('length')!r}, not {inputs[0]}"
    return ""
