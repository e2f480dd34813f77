"""Transcripts as characters: the letters that training has, in small letters, without punctuation."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from statistics import median

import numpy as np

from netwright.errors import InputError
from netwright.tasks.answers.transcripts import BLANK, NONE
from netwright.tasks.examples import Array, Part, listed

KIND = "speech-transcription"
ENDS = ("", " ")
"""What the first two characters are called: none, and the gap between words."""
MOST_LETTERS = 5_000
MANY, SHARED = 10, 3
"""Recordings for each different label, below which labels of several words, or of one, are transcripts."""
MOST_COMMANDS = 20
"""Different words that may be commands, however few recordings there are."""
COVERED = 0.995
"""Share of the training recordings whose transcripts a network has to have steps enough for, wherever they end."""
MOST_CROWDED = 0.05
"""Share of the training recordings that may be too short for their transcripts, and teach nothing."""


def are_transcripts(labels: Sequence[str]) -> bool:
    """Whether labels are what was said, not one of some commands: mostly different ones.

    >>> are_transcripts(["one two", "two one", "three"]), are_transcripts(["yes", "no"] * 20)
    (True, False)
    """
    different = len(set(labels))
    if median(len(label.split()) for label in labels) > 1:
        return MANY * different > len(labels)
    return different > MOST_COMMANDS and SHARED * different > len(labels)


def plain(text: str) -> str:
    """Small letters, digits and apostrophes, single spaces between words.

    >>> plain(" It’s 5 o'clock -- TEA, please! ")
    "it's 5 o'clock tea please"
    """
    composed = unicodedata.normalize("NFC", text.lower().replace("’", "'"))
    kept = "".join(one if one == "'" or unicodedata.category(one)[0] in "LMN" else " " for one in composed)
    return " ".join(word for word in (part.strip("'") for part in kept.split()) if word)


def coded(parts: Mapping[str, Part]) -> tuple[dict[str, Array], tuple[str, ...], list[str]]:
    """Targets (N, L) int32 of each part by its name, what the characters are called, and warnings. parts: "train" among
    them. Raises InputError that names a recording without a transcript."""
    texts = {split: [_text(part, row) for row in range(len(part.y))] for split, part in parts.items()}
    letters = sorted(set("".join(texts["train"])) - {" "})
    if len(letters) > MOST_LETTERS:
        raise InputError(f"the transcripts have {len(letters):,} different characters", f"at most {MOST_LETTERS:,}")
    classes = (*ENDS, *letters)
    places = {name: place for place, name in enumerate(classes)}
    longest = max(len(text) for each in texts.values() for text in each)
    y = {split: _targets(each, places, longest) for split, each in texts.items()}
    warnings = []
    for split, each in texts.items():
        strange = sorted(set("".join(each)) - set(classes))
        if strange:
            said = f"the {split} transcripts have characters that no training transcript has: {listed(strange)}"
            warnings.append(f"{said}; each counts as wrong")
    return y, classes, warnings


def _text(part: Part, row: int) -> str:
    given = part.y[row]
    text = "" if given is None else plain(str(given))
    if not text:
        said = "no transcript" if given is None or not str(given).strip() else f"no words in {given!r}"
        raise InputError(f"{part.where(row)}: {said}", "write down what is said, or leave the recording out")
    return text


def _targets(texts: Sequence[str], places: Mapping[str, int], longest: int) -> Array:
    made = np.full((len(texts), longest), NONE, dtype=np.int32)
    for row, text in enumerate(texts):
        made[row, : len(text)] = [places.get(one, BLANK) for one in text]
    return made


def sizes(y: Array) -> Array:
    """(N,) how many characters each target has."""
    counts: Array = (y != NONE).sum(axis=1)
    return counts


def needed(y: Array) -> Array:
    """(N,) the fewest steps in which each target can be said: one a character, and one between two of the same."""
    twice: Array = ((y[:, 1:] == y[:, :-1]) & (y[:, 1:] != NONE)).sum(axis=1)
    return sizes(y) + twice


def steps(part: Part, y: Array, x: Array) -> tuple[int, list[str]]:
    """The fewest steps that a network may leave of the whole length, and warnings.

    Twice as many as the longest transcript has characters, and so many that a recording of its own length can be said.
    part: of training; x: (N, C, T), zeros after the end. Raises InputError where many recordings are too short.
    """
    length = x.shape[2]
    frames = np.array([_end(one) for one in x])
    shares = needed(y) / np.maximum(frames, 1)
    crowded = np.flatnonzero(shares > 1.0)
    warnings = []
    if len(crowded):
        first = int(crowded[np.argmax(shares[crowded])])
        said = f"{len(crowded)} of {len(y)} training recordings are too short for their transcripts"
        example = f"{part.where(first)} has {int(frames[first])} frames for {int(sizes(y)[first])} characters"
        if len(crowded) > MOST_CROWDED * len(y):
            raise InputError(f"{said}: {example}", "check that recordings and transcripts belong together")
        warnings.append(f"{said} and teach nothing: {example}")
    tightest = float(np.quantile(shares[shares <= 1.0], COVERED)) if (shares <= 1.0).any() else 1.0
    wanted = max(2 * int(sizes(y).max()), math.ceil(tightest * length))
    return min(wanted, length), warnings


def _end(one: Array) -> int:
    """Frames of a recording (C, T) before its zeros."""
    return int(np.flatnonzero((one != 0).any(axis=0)).max(initial=-1)) + 1
