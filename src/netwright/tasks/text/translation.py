"""Sentences and their translations as numbers: one sequence of tokens, the source, an end, the target, an end.

A translation is what a language model writes after the source (Raffel et al. 2020, https://arxiv.org/abs/1910.10683,
call it a prefix language model; here the source, too, looks back only). Both languages share one vocabulary of pieces
of words. Every sentence begins with a space, so that its first word is the same as elsewhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from netwright.tasks.answers.places import UNKNOWN as NOTHING
from netwright.tasks.examples import Array, Items
from netwright.tasks.text import language
from netwright.tasks.text.language import END, MOST_CHARACTERS, MOST_PIECES
from netwright.tasks.text.pieces import learnt

LONGEST, COVERED, SHORTEST = 128, 0.995, 8
"""Tokens of the longest pair that is read; share of the training pairs that are, if they are shorter."""


def fit(items: Items) -> tuple[dict[str, Any], list[str]]:
    """The vocabulary of pairs (source, target) of texts and the length of their sequences, as plain data."""
    pieces = learnt((f" {side}" for pair in items.values for side in pair), MOST_PIECES, MOST_CHARACTERS)
    prepare = {**language.plain(pieces), **items.about}
    tokens = language.tokeniser(prepare)
    sizes = [sum(len(tokens(f" {side}")) for side in pair) + 1 for pair in items.values]
    length = int(np.clip(np.ceil(np.quantile(sizes, COVERED)), SHORTEST, LONGEST))
    return {**prepare, "length": length}, []


def pairs(items: Items, prepare: Mapping[str, Any]) -> tuple[Array, Array, int]:
    """Pairs (source, target) -> x (N, T) and y (N, T), where only the target and its end are to be foretold; and how
    many pairs are left out, because they are longer than T."""
    length, tokens = prepare["length"], language.tokeniser(prepare)
    x = np.zeros((len(items), length), dtype=np.int32)
    y = np.full((len(items), length), NOTHING, dtype=np.int64)
    row = 0
    for one in items.values:
        source, target = (tokens(f" {side}") for side in one)
        whole = [*source, END, *target, END]
        if len(whole) - 1 > length:
            continue
        x[row, : len(whole) - 1] = whole[:-1]
        following = np.array(whole[len(source) + 1 :])
        y[row, len(source) : len(whole) - 1] = np.where(following == language.UNKNOWN, NOTHING, following)
        row += 1
    return x[:row], y[:row], len(items) - row


def apply(items: Items, prepare: Mapping[str, Any]) -> Array:
    """(N, T) int32: the tokens of each sentence and its end, then nothing."""
    length, tokens = prepare["length"], language.tokeniser(prepare)
    made = np.zeros((len(items), length), dtype=np.int32)
    for row, text in enumerate(items.values):
        source = [*tokens(f" {text.strip()}")[: length - 1], END]
        made[row, : len(source)] = source
    return made


def described(prepare: Mapping[str, Any]) -> str:
    """What a network takes, in words."""
    source, target = prepare["languages"]
    return (
        f"sentences ({source}) and what there is of their translation ({target}), {prepare['length']} pieces of words "
        f"at most, of {language.vocabulary(prepare):,} different ones"
    )


def wrong(prepare: Mapping[str, Any], inputs: tuple[int, ...], tokens: int) -> str:
    """What does not fit in a preparation from a file, "" where all does."""
    named = prepare.get("languages")
    if not isinstance(named, list) or len(named) != 2 or not all(isinstance(one, str) for one in named):
        return "languages are no two names"
    return language.wrong(prepare, inputs, tokens)
