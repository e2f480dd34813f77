"""From columns to the numbers a network takes: learnt on the training split, kept as plain data.

Numbers: gaps get the training median, then zero mean and unit variance; a column with gaps in training also gets an
indicator. Text: one column for each frequent value, one for "no value" and one for all rare ones, the last also for
values never seen in training.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks.examples import Array, Table, listed, number_text

MOST_VALUES = 50
"""Different texts of a column that get a column of their own."""
FURTHEST = 20.0
"""Standardised numbers are cut off this many standard deviations from the mean."""
LARGEST = 1e30


def fit(table: Table) -> tuple[list[dict[str, Any]], list[str]]:
    """What to do with each column of the training split, as plain data, and warnings about columns left out.

    Raises InputError when no column is of use, or a number is infinite.
    """
    encoders, warnings = [], []
    for name, values in table.columns.items():
        number = _numbers(values)
        if isinstance(number, int):
            made = _fit_texts(name, values)
        else:
            _check_finite(table, name, number)
            made = _fit_numbers(name, number)
        if isinstance(made, str):
            warnings.append(f"column {name!r} {made}: it is left out")
        else:
            encoders.append(made)
    if not encoders:
        raise InputError(f"{table.origin} has no column to learn from", "; ".join(warnings))
    return encoders, warnings


def _numbers(values: Array) -> Array | int:
    """(N,) float64 with NaN for no value; or the index of the first text that is no number."""
    if values.dtype != object:
        return values
    made = np.empty(len(values))
    for index, value in enumerate(values):
        try:
            made[index] = math.nan if value is None else float(value)
        except ValueError:
            return index
    return made


def _check_finite(table: Table, name: str, numbers: Array) -> None:
    wrong = np.flatnonzero(np.abs(numbers) > LARGEST)
    if len(wrong):
        row = int(wrong[0])
        raise InputError(
            f"{table.where(row)} has {numbers[row]:g} in column {name!r}",
            "give a finite number or leave the cell empty",
        )


def _fit_numbers(name: str, numbers: Array) -> dict[str, Any] | str:
    known = numbers[~np.isnan(numbers)]
    if not len(known):
        return "has no values"
    gaps = len(known) < len(numbers)
    spread = float(known.std())
    if not spread > 1e-12 * max(1e-300, float(np.abs(known).max())) and not gaps:
        return "has the same value everywhere"
    filled = np.where(np.isnan(numbers), np.median(known), numbers)
    return {
        "name": name,
        "type": "number",
        "median": float(np.median(known)),
        "mean": float(filled.mean()),
        "std": float(filled.std()) or 1.0,
        "indicator": gaps,
    }


def _fit_texts(name: str, values: Array) -> dict[str, Any] | str:
    counts = Counter(text for text in map(_text, values) if text is not None)
    gaps = sum(counts.values()) < len(values)
    if len(counts) + gaps < 2:
        return "has the same value everywhere"
    least = max(3, len(values) // 1000)
    frequent = sorted(counts, key=lambda text: (-counts[text], text))[:MOST_VALUES]
    kept = sorted(text for text in frequent if counts[text] >= least)
    if not kept:
        return "has a different text in almost every row"
    return {
        "name": name,
        "type": "text",
        "values": kept,
        "rare": len(kept) < len(counts),
        "indicator": gaps,
    }


def _text(value: Any) -> str | None:
    return number_text(value) if isinstance(value, float) else None if value is None else str(value)


def width(encoders: Sequence[Mapping[str, Any]]) -> int:
    """How many numbers one row becomes."""
    return sum(e["indicator"] + (1 if e["type"] == "number" else len(e["values"]) + e["rare"]) for e in encoders)


def columns(encoders: Sequence[Mapping[str, Any]]) -> tuple[int, ...]:
    """How many numbers each column becomes, in their order; the mark of a number's gaps is a column of its own."""
    sizes: list[int] = []
    for one in encoders:
        sizes += [1] * (1 + one["indicator"]) if one["type"] == "number" else [width([one])]
    return tuple(sizes)


def unseen(train: Table, other: Table, encoders: Sequence[Mapping[str, Any]], split: str) -> list[str]:
    """A line for each column with texts in another split that no training row has."""
    lines = []
    for one in encoders:
        if one["type"] == "number" or one["name"] not in other.columns:
            continue
        known = {None, *map(_text, train.columns[one["name"]])}
        count = sum(_text(value) not in known for value in other.columns[one["name"]])
        if count:
            rows = f"{count} of {len(other)} {split} rows"
            lines.append(f"{rows} have a text in column {one['name']!r} that no training row has")
    return lines


def strange(table: Table, encoders: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each column with texts that have no column of their own: training did not have them, or rarely."""
    lines = []
    for one in encoders:
        values = table.columns.get(one["name"])
        if one["type"] == "number" or values is None:
            continue
        others = [text for text in map(_text, values) if text is not None and text not in one["values"]]
        if others:
            why = "rare or absent in training" if one["rare"] else "that training did not have"
            kinds = listed(sorted(set(others)), 3)
            lines.append(f"{table.origin}: {len(others)} values of column {one['name']!r} {why} ({kinds})")
    return lines


def apply(table: Table, encoders: Sequence[Mapping[str, Any]]) -> Array:
    """(N, F) float32 without NaN. Columns that no encoder names are ignored.

    Raises InputError naming a column that is missing, or the cell that isn't a finite number.
    """
    made = np.zeros((len(table), width(encoders)), dtype=np.float32)
    start = 0
    for encoder in encoders:
        values = table.columns.get(encoder["name"])
        if values is None:
            raise _missing(encoder["name"], table)
        block = _number_block(table, values, encoder) if encoder["type"] == "number" else _text_block(values, encoder)
        made[:, start : start + block.shape[1]] = block
        start += block.shape[1]
    return made


def _missing(name: str, table: Table) -> InputError:
    near = get_close_matches(name, list(table.columns), n=1, cutoff=0.5)
    hint = f"rename {near[0]!r}" if near else f"add it to {listed(list(table.columns))}"
    return InputError(f"{table.origin} lacks the column {name!r} of the training data", hint)


def _number_block(table: Table, values: Array, encoder: Mapping[str, Any]) -> Array:
    numbers = _numbers(values)
    if isinstance(numbers, int):
        problem = f"{table.where(numbers)} has {values[numbers]!r} in column {encoder['name']!r}"
        raise InputError(problem, "the column holds numbers in the training data")
    _check_finite(table, encoder["name"], numbers)
    gaps = np.isnan(numbers)
    filled = np.where(gaps, encoder["median"], numbers)
    scaled = np.clip((filled - encoder["mean"]) / encoder["std"], -FURTHEST, FURTHEST)
    return np.stack([scaled, gaps], axis=1) if encoder["indicator"] else scaled[:, None]


def _text_block(values: Array, encoder: Mapping[str, Any]) -> Array:
    place: dict[str | None, int] = {text: index for index, text in enumerate(encoder["values"])}
    size = len(encoder["values"])
    rare = size if encoder["rare"] else -1
    if encoder["indicator"]:
        place[None] = size + encoder["rare"]
    else:
        place[None] = rare
    places = np.array([place.get(_text(value), rare) for value in values])
    block = np.zeros((len(values), size + encoder["rare"] + encoder["indicator"]))
    rows = np.flatnonzero(places >= 0)
    block[rows, places[rows]] = 1
    return block
