"""What was said, character by character.

Answers are scores (N, K, T) of characters for each of some steps: `BLANK` for none, `SPACE` for the gap between words,
and the letters after them; all scores of a step after the end are zero. Said is what is left of the best character of
each step once repetitions and blanks are taken out (Graves et al. 2006, https://doi.org/10.1145/1143844.1143891).
Targets are characters (N, L), `NONE` after the end; a `BLANK` there stands for a character that training did not have,
which no answer gets right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.operations import Signature
from netwright.tasks.answers import ratios
from netwright.tasks.answers.base import Answer
from netwright.tasks.examples import Array

BLANK, SPACE, FIRST = 0, 1, 2
"""Characters: none, the gap between words, and the first letter."""
NONE = -1
METRICS = ("cer", "wer")


def spoken(outputs: Array) -> list[Array]:
    """Scores (N, K, T) -> the characters of each answer (its length,).

    >>> steps = np.eye(4)[[2, 2, 0, 2, 3, 1, 0]].T
    >>> spoken(steps[None])[0].tolist()
    [2, 2, 3, 1]
    """
    best = np.asarray(outputs).argmax(axis=1)
    changed = np.ones(best.shape, dtype=bool)
    changed[:, 1:] = best[:, 1:] != best[:, :-1]
    return [row[keep] for row, keep in zip(best, changed & (best != BLANK), strict=True)]


def distance(one: Sequence[Any] | Array, other: Sequence[Any] | Array) -> int:
    """The fewest insertions, deletions and replacements that turn one into the other (Levenshtein 1966), a row of the
    table at a time.

    >>> distance("kitten", "sitting")
    3
    """
    if not len(other):
        return len(one)
    row = np.arange(len(other) + 1)
    along = row.copy()
    codes = np.asarray(list(other))
    for place, item in enumerate(one, start=1):
        least = np.empty_like(row)
        least[0] = place
        np.minimum(row[:-1] + (codes != item), row[1:] + 1, out=least[1:])
        row = np.minimum.accumulate(least - along) + along
    return int(row[-1])


def words(characters: Array) -> list[tuple[int, ...]]:
    """The words of an answer or a target, each as its characters.

    >>> words(np.array([1, 5, 6, 1, 1, 5, 1]))
    [(5, 6), (5,)]
    """
    gaps = np.flatnonzero(characters == SPACE)
    parts = np.split(characters, gaps)
    found = (tuple(int(one) for one in part if one != SPACE) for part in parts)
    return [word for word in found if word]


def keep(outputs: Array, y: Array) -> Array:
    """Scores (N, K, T) and targets (N, L) -> (N, 4): wrong characters, characters, wrong words, words; NaN where a
    score is none."""
    kept = np.zeros((len(outputs), 4))
    for row, (said, target) in enumerate(zip(spoken(outputs), np.asarray(y), strict=True)):
        true = target[target != NONE]
        named, right = words(said), words(true)
        places = {word: place for place, word in enumerate(dict.fromkeys((*named, *right)))}
        apart = distance([places[word] for word in named], [places[word] for word in right])
        kept[row] = distance(_stripped(said), true), len(true), apart, len(right)
    kept[~np.isfinite(outputs).all(axis=(1, 2))] = np.nan
    return kept


def _stripped(characters: Array) -> Array:
    """Without gaps before the first word, after the last, and beside other gaps."""
    gap = characters == SPACE
    wanted = ~gap
    wanted[1:] |= gap[1:] & ~gap[:-1]
    letters = np.flatnonzero(~gap)
    if not len(letters):
        return characters[:0]
    inside = slice(int(letters[0]), int(letters[-1]) + 1)
    kept: Array = characters[inside][wanted[inside]]
    return kept


def score(kept: Array, y: Array) -> dict[str, float]:
    """Metrics of what `keep` kept: wrong characters by all characters, wrong words by all words. Both may exceed 1."""
    wrong, characters, wrong_words, count = np.asarray(kept, dtype=np.float64).sum(axis=0)
    return {"cer": float(wrong / max(1.0, characters)), "wer": float(wrong_words / max(1.0, count))}


def told(outputs: Array, classes: Sequence[str]) -> list[Mapping[str, Any]]:
    """What was said, as text."""
    if len(outputs) and np.shape(outputs)[1] != len(classes):
        raise ValueError(f"outputs of shape {np.shape(outputs)} do not fit {len(classes)} characters")
    return [{"transcript": "".join(classes[one] for one in _stripped(said))} for said in spoken(outputs)]


def merits(metric: str, kept: Array, y: Array) -> Array | None:
    """A recording counts by its length in characters, or words."""
    return ratios.merits(METRICS, metric, kept)


def _places(signature: Signature) -> tuple[int | None, ...]:
    return (None,)


TRANSCRIPTS = Answer(
    metrics=METRICS,
    output="logits",
    stored="int32",
    classes=True,
    score=score,
    told=told,
    merits=merits,
    keep=keep,
    places=_places,
)
