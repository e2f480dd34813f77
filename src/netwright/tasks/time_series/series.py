"""Time series as numbers: each channel with zero mean and unit variance over the training split.

Series may have lengths of their own: shorter ones have zeros after their end. Long ones are thinned out, several steps
to a mean.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks.examples import Array, Items

LONGEST = 1024
"""Steps of the longest series that is read as it is."""
SHORTEST = 4
MOST_ABSENT = 0.2
"""Share of a series' values that may be absent and are drawn from their neighbours."""


def items_of(series: Sequence[Array], places: Sequence[str], **about: Any) -> Items:
    """Series (C, T), each with its number of steps, gaps as NaN. Raises InputError that names one that cannot be used.

    Gaps are filled by straight lines between their neighbours; `about` has how many series had any, and whether their
    lengths differ.
    """
    made: list[Array] = []
    filled = 0
    for one, place in zip(series, places, strict=True):
        values = np.asarray(one, dtype=np.float32)
        if values.ndim != 2 or not values.size:
            raise InputError(f"{place} has the shape {values.shape}", "give channels and steps, (C, T)")
        if made and len(values) != len(made[0]):
            raise InputError(f"{place} has {len(values)} channels, others {len(made[0])}", "give as many in each")
        if np.isinf(values).any():
            raise InputError(f"{place} holds infinite values", "remove or correct them")
        gaps = np.isnan(values)
        if gaps.any():
            filled += 1
            values = _filled(values, gaps, place)
        made.append(values)
    return Items.of("series", made, places, gaps=filled, padded=len({one.shape[1] for one in made}) > 1, **about)


def _filled(values: Array, gaps: Array, place: str) -> Array:
    if gaps.mean() > MOST_ABSENT:
        raise InputError(f"{place} lacks {gaps.mean():.0%} of its values", "fill them in, or leave the series out")
    steps = np.arange(values.shape[1])
    rows = []
    for row, gap in zip(values, gaps, strict=True):
        if gap.all():
            raise InputError(f"{place} has a channel without any value", "fill it in, or leave the series out")
        rows.append(np.interp(steps, steps[~gap], row[~gap]))
    return np.stack(rows).astype(np.float32)


def fit(items: Items) -> tuple[dict[str, Any], list[str]]:
    """Length, and mean and deviation of each channel, as plain data; and warnings."""
    sizes = [one.shape[1] for one in items.values]
    every = math.ceil(max(sizes) / LONGEST)
    length = max(SHORTEST, math.ceil(max(sizes) / every))
    whole = np.concatenate(list(items.values), axis=1).astype(np.float64)
    deviation = whole.std(axis=1)
    if not (deviation > 0).any():
        raise InputError("every series has the same value everywhere", "check what the file holds")
    warnings = []
    about = {name: value for name, value in items.about.items() if name != "gaps"}
    if items.about["gaps"]:
        warnings.append(f"{items.about['gaps']} series lack values: these are drawn from their neighbours")
    if every > 1:
        warnings.append(f"series of up to {max(sizes)} steps: each {every} steps become their mean")
    return {
        "channels": len(whole),
        "length": length,
        "every": every,
        "mean": whole.mean(axis=1).tolist(),
        "std": np.where(deviation > 0, deviation, 1.0).tolist(),
        **about,
    }, warnings


def apply(items: Items, prepare: Mapping[str, Any]) -> Array:
    """(N, C, T) float32. Longer series than those of training are cut off. Raises InputError for other channels."""
    channels, length, every = prepare["channels"], prepare["length"], prepare["every"]
    mean, std = (np.array(prepare[name], dtype=np.float32)[:, None] for name in ("mean", "std"))
    made = np.zeros((len(items), channels, length), dtype=np.float32)
    for row, one in enumerate(items.values):
        if len(one) != channels:
            raise InputError(f"{items.where(row)} has {len(one)} channels", f"the training series have {channels}")
        if not prepare["padded"] and math.ceil(one.shape[1] / every) != length:
            known = f"the training series have {length * every if every > 1 else length}"
            raise InputError(f"{items.where(row)} has {one.shape[1]} steps", known)
        thin = thinned((one - mean) / std, every)[:, :length]
        made[row, :, : thin.shape[1]] = thin
    return made


def thinned(values: Array, every: int) -> Array:
    """(C, T) -> (C, T / every), means of so many steps.

    >>> thinned(np.array([[1.0, 3.0, 5.0]]), 2).tolist()
    [[2.0, 5.0]]
    """
    if every == 1:
        return values
    starts = np.arange(0, values.shape[1], every)
    counts = np.minimum(every, values.shape[1] - starts)
    thin: Array = np.add.reduceat(values, starts, axis=1) / counts
    return thin


def found(raw: Any, prepare: Mapping[str, Any]) -> Items:
    """Series of a .ts, .csv, .tsv, .txt or .npz file, or an array (N, C, T), (N, T), or a list of (C, T)."""
    if isinstance(raw, str | Path) or (isinstance(raw, list) and raw and isinstance(raw[0], str | Path)):
        from netwright.tasks.readers import series as reader

        paths = [Path(one) for one in (raw if isinstance(raw, list) else [raw])]
        parts = [reader.to_predict(path, prepare) for path in paths]
        values = [one for part in parts for one in part.values]
        return Items.of("series", values, [place for part in parts for place in part.places])
    return of_arrays(raw, "series")


def of_arrays(raw: Any, name: str) -> Items:
    """Items of (N, C, T), (N, T), or a list of (C, T) or (T,). Raises InputError."""
    try:
        arrays = [np.asarray(one, dtype=np.float32) for one in raw]
    except (TypeError, ValueError) as error:
        raise InputError(f"{name} are no numbers ({error})", "give (N, C, T) or (N, T)") from None
    if not arrays:
        raise InputError(f"no {name}", "give at least one")
    return items_of([one[None] if one.ndim == 1 else one for one in arrays], [f"{name} {at}" for at in range(len(raw))])


def described(prepare: Mapping[str, Any]) -> str:
    """What a network takes, in words."""
    channels = f"{prepare['channels']} channel{'s' * (prepare['channels'] > 1)}"
    return f"series of {'up to ' * prepare['padded']}{prepare['length'] * prepare['every']} steps with {channels}"


def wrong(prepare: Mapping[str, Any], inputs: tuple[int, ...], tokens: int) -> str:
    """What does not fit in a preparation from a file, "" where all does."""
    if [prepare.get("channels"), prepare.get("length")] != list(inputs):
        return f"it is for {prepare.get('channels')!r} channels of {prepare.get('length')!r} steps"
    if type(prepare.get("every")) is not int or prepare["every"] < 1 or not isinstance(prepare.get("padded"), bool):
        return "every or padded is missing"
    return numbers_wrong(prepare, inputs[0])


def numbers_wrong(prepare: Mapping[str, Any], channels: int) -> str:
    """What is wrong with the mean and deviation of each channel."""
    for name in ("mean", "std"):
        values = prepare.get(name)
        fits = isinstance(values, list) and len(values) == channels
        if not fits or not all(isinstance(one, float) and math.isfinite(one) for one in values or ()):
            return f"{name} is {values!r}, not {channels} numbers"
    return "" if all(one > 0 for one in prepare["std"]) else "a standard deviation is not above zero"
