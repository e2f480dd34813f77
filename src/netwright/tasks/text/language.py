"""Running text as numbers: the tokens that a language model reads and foretells.

Tokens are characters where there are few different ones, else pieces of words (`netwright.tasks.text.pieces`). Token 0
is none, 1 a character that training did not have, 2 the end of a text; then come the vocabulary's entries.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from netwright.tasks.examples import Array, Items
from netwright.tasks.text.pieces import Pieces, learnt

UNKNOWN, END, FIRST = 1, 2, 3
"""Tokens: of strange characters, of the end of a text, and the first of the vocabulary."""
END_MARK = "\0"
"""What parts the texts of a corpus from each other."""
FEW_CHARACTERS = 256
"""Different characters up to which these are the tokens."""
MOST_PIECES, MOST_CHARACTERS = 4096, 2048
LENGTHS = ((50_000, 64), (10_000, 32), (0, 16))
"""Tokens of training from which on windows are so long."""


def fit(items: Items) -> tuple[dict[str, Any], list[str]]:
    """The vocabulary of the training text and the length of windows, as plain data, and warnings."""
    texts = [part for text in items.values for part in text.split(END_MARK)]
    pieces = Pieces(tuple(sorted(set().union(*texts))))
    if len(pieces.characters) > FEW_CHARACTERS:
        pieces = learnt(texts, MOST_PIECES, MOST_CHARACTERS)
    count = sum(len(pieces.of(text)) for text in texts)
    length = next(length for least, length in LENGTHS if count >= least)
    return {**plain(pieces), "length": length}, []


def plain(pieces: Pieces) -> dict[str, Any]:
    """Pieces as data that JSON knows."""
    return {"characters": list(pieces.characters), "merges": [list(pair) for pair in pieces.merges]}


def pieces_of(prepare: Mapping[str, Any]) -> Pieces:
    """What `plain` made data of."""
    return Pieces(tuple(prepare["characters"]), tuple((first, second) for first, second in prepare["merges"]))


def vocabulary(prepare: Mapping[str, Any]) -> int:
    """How many different tokens there are."""
    return len(pieces_of(prepare).entries) + FIRST


def tokeniser(prepare: Mapping[str, Any]) -> Callable[[str], list[int]]:
    """What makes tokens of a text, with `END` where texts are parted."""
    pieces = pieces_of(prepare)
    place = {piece: token for token, piece in enumerate(pieces.entries, start=FIRST)}

    def tokens(text: str) -> list[int]:
        made: list[int] = []
        for part in text.split(END_MARK):
            made += [place.get(piece, UNKNOWN) for piece in pieces.of(part)]
            made.append(END)
        return made[:-1]

    return tokens


def tokens_of(text: str, prepare: Mapping[str, Any]) -> list[int]:
    """The tokens of one text."""
    return tokeniser(prepare)(text)


def text_of(tokens: Sequence[int], prepare: Mapping[str, Any]) -> str:
    """The text that tokens stand for; for those before `FIRST` there is none."""
    entries = pieces_of(prepare).entries
    return "".join(entries[token - FIRST] for token in tokens if token >= FIRST)


def apply(items: Items, prepare: Mapping[str, Any]) -> Array:
    """(N, T) int32: the last tokens of each text, from the first place on, then nothing. What comes next is the answer
    for the last place that holds a token."""
    length, tokens_in = prepare["length"], tokeniser(prepare)
    made = np.zeros((len(items), length), dtype=np.int32)
    for row, text in enumerate(items.values):
        tokens = tokens_in(text)[-length:] or [END]
        made[row, : len(tokens)] = tokens
    return made


def described(prepare: Mapping[str, Any]) -> str:
    """What a network takes, in words."""
    noun = "pieces of words" if prepare["merges"] else "characters"
    return f"the last {prepare['length']} {noun} of a text, of {vocabulary(prepare):,} different ones"


def wrong(prepare: Mapping[str, Any], inputs: tuple[int, ...], tokens: int) -> str:
    """What does not fit in a preparation from a file, "" where all does."""
    characters, merges = prepare.get("characters"), prepare.get("merges")
    if not isinstance(characters, list) or not all(isinstance(one, str) and len(one) == 1 for one in characters):
        return "characters are no list of single ones"
    if not isinstance(merges, list) or not all(map(_is_pair, merges)):
        return "merges are no list of pairs of texts"
    if vocabulary(prepare) != tokens:
        return f"{vocabulary(prepare) - FIRST} pieces do not make the {tokens} tokens that the network takes"
    if [prepare.get("length")] != list(inputs):
        return f"its length is {prepare.get('length')!r}, not {inputs[0]}"
    return ""


def _is_pair(pair: Any) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(isinstance(one, str) and one for one in pair)
