"""Sound, frame by frame.

Answers and targets are (N, bands + 1, F): for each of F frames the logarithm of the power in each mel band, in units of
their own, and last whether there is sound yet: above zero as long as there is, which tells where an answer ends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.operations import Signature
from netwright.tasks.answers import ratios
from netwright.tasks.answers.base import Answer
from netwright.tasks.examples import Array

CENTRE, SPREAD = -8.0, 3.0
"""The logarithm that is 0 in units of answers, and what one of them is."""
METRICS = ("mcd", "length_error")
COEFFICIENTS = 13
DECIBELS = 10.0 / math.log(10.0) * math.sqrt(2.0)
"""Of a distance between cepstra: the root of the mean square that their cosines have over the bands."""


def in_units(log_mel: Array) -> Array:
    return (log_mel - CENTRE) / SPREAD


def lengths(frames: Array) -> Array:
    """(N,) in how many of the frames of answers or targets there is sound, at least one.

    >>> lengths(np.array([[[5.0, 5.0, 5.0], [2.0, 0.1, -1.0]]])).tolist()
    [2]
    """
    counts: Array = np.maximum(1, (np.asarray(frames)[:, -1] > 0).sum(axis=1))
    return counts


def cepstra(frames: Array) -> Array:
    """Answers or targets (N, bands + 1, F) -> (N, F, 13): the cosines over the bands that add up to the logarithm of
    the amplitude, without its mean (Davis & Mermelstein 1980, https://doi.org/10.1109/TASSP.1980.1163420)."""
    amplitudes = np.asarray(frames, dtype=np.float64)[:, :-1] * (SPREAD / 2)
    count = amplitudes.shape[1]
    places = (np.arange(count) + 0.5) * (np.pi / count)
    basis = np.cos(places[:, None] * np.arange(1, COEFFICIENTS + 1)) * (2 / count)
    made: Array = amplitudes.transpose(0, 2, 1) @ basis
    return made


def aligned(one: Array, other: Array, sizes: Array, others: Array) -> tuple[Array, Array]:
    """Distances added up along the cheapest way through two sequences, and how many steps it has (Sakoe & Chiba 1978,
    https://doi.org/10.1109/TASSP.1978.1163055).

    one: (N, A, D), other: (N, B, D), of which the first sizes (N,) and others (N,) count. A row of the table at a time,
    for all N at once: the cheapest way to a column enters the row at one before it, and goes along it from there.

    >>> steps = np.array([[[0.0], [1.0], [3.0]]])
    >>> cost, length = aligned(steps[:, [0, 0, 1, 2]], steps, np.array([4]), np.array([3]))
    >>> cost.tolist(), length.tolist()
    ([0.0], [4])
    """
    other = other[:, : int(others.max(initial=1))]
    count, columns = other.shape[:2]
    places, rows = np.arange(columns), np.arange(count)
    into = np.full((count, columns), np.inf)
    into[:, 0] = 0.0
    walked = np.zeros((count, columns), dtype=np.int64)
    costs, steps = np.zeros(count), np.zeros(count, dtype=np.int64)
    for row in range(int(sizes.max(initial=0))):
        apart = np.sqrt(np.square(one[:, row, None] - other).sum(axis=2))
        along = apart.cumsum(axis=1)
        entered = into - (along - apart)
        least = np.minimum.accumulate(entered, axis=1)
        entry = np.maximum.accumulate(np.where(entered == least, places, 0), axis=1)
        total, length = along + least, np.take_along_axis(walked, entry, axis=1) + places - entry + 1
        done = sizes == row + 1
        costs[done], steps[done] = total[rows, others - 1][done], length[rows, others - 1][done]
        aslant, before = np.roll(total, 1, axis=1), np.roll(length, 1, axis=1)
        aslant[:, 0] = np.inf
        into, walked = np.minimum(aslant, total), np.where(aslant <= total, before, length)
    return costs, steps


def keep(outputs: Array, y: Array) -> Array:
    """Answers and targets (N, bands + 1, F) -> (N, 4): decibels along the cheapest way, its steps, frames too many or
    too few, and frames; NaN where an answer is none."""
    sound: Array = np.asarray(np.isfinite(outputs).all(axis=(1, 2)))
    answers = np.where(sound[:, None, None], outputs, 0.0)
    said, true = lengths(answers), lengths(y)
    costs, steps = aligned(cepstra(answers), cepstra(y), said, true)
    kept = np.stack([DECIBELS * costs, steps, np.abs(said - true), true], axis=1).astype(np.float64)
    kept[~sound] = np.nan
    return kept


def score(kept: Array, y: Array) -> dict[str, float]:
    """Metrics of what `keep` kept. mcd: mel-cepstral distortion in dB (Kubichek 1993,
    https://doi.org/10.1109/PACRIM.1993.407206), the mean over the frames of answers and recordings brought together by
    dynamic time warping; length_error: frames too many or too few, by the frames of the recordings."""
    decibels, steps, apart, frames = np.asarray(kept, dtype=np.float64).sum(axis=0).tolist()
    return {"mcd": decibels / max(1.0, steps), "length_error": apart / max(1.0, frames)}


def told(outputs: Array, classes: Sequence[str]) -> list[Mapping[str, Any]]:
    """The logarithm of the power in each band (bands, frames), as long as there is sound."""
    outputs = np.asarray(outputs)
    ends = lengths(outputs).tolist() if len(outputs) else []
    return [{"frames": one[:-1, :end] * SPREAD + CENTRE} for one, end in zip(outputs, ends, strict=True)]


def merits(metric: str, kept: Array, y: Array) -> Array | None:
    """A recording counts by its frames."""
    return ratios.merits(METRICS, metric, kept)


def _places(signature: Signature) -> tuple[int | None, ...]:
    return signature.answer


FRAMES = Answer(
    metrics=METRICS,
    output="frames",
    stored="float32",
    classes=False,
    score=score,
    told=told,
    merits=merits,
    keep=keep,
    places=_places,
)
