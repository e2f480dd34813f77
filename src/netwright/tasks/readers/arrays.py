"""Examples in memory: (X, y), with X images, rows, or a data frame."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from netwright.errors import InputError, unknown
from netwright.tasks import digest
from netwright.tasks.examples import Array, Examples, Items, Part, Table, is_frame, listed, table
from netwright.tasks.targets import labels
from netwright.tasks.vision import masks
from netwright.tasks.vision.images import channels_first, check_numbers

Inputs = Callable[[Any, str], Array | Table | Items]


def read(x: Any, y: Any, name: str = "arrays") -> Examples:
    """Images (N, H, W), (N, H, W, C), (N, C, H, W); or a table (N, F), a data frame, a mapping of columns.

    y: (N,), (N, 1) or one-hot; for images also masks (N, H, W). Raises InputError.
    """
    made = part(x, y, "X", "y")
    return Examples(name, made, source={"origin": "arrays", "sha256": digest.of_parts([made])})


def read_frame(frame: Any, target: str | None, name: str = "data frame") -> Examples:
    """A data frame that holds the target as one of its columns. Raises InputError."""
    made = target_of(table(frame, "the data frame"), target)
    source = {"origin": "data frame", "target": made.name, "sha256": digest.of_parts([made])}
    return Examples(name, made, source=source, target=made.name)


def target_of(whole: Table, target: str | None) -> Part:
    """The table without its target column, and that column. Raises InputError with the nearest name."""
    names = list(whole.columns)
    if target is None:
        texts = ", or the kind text-classification where each line is a text and its label" * (len(names) == 2)
        raise InputError(f"{whole.origin}: which column is the target?", f"give one of {listed(names)}{texts}")
    if target not in names:
        hint = ""
        if any(_is_number(name) for name in names):
            hint = " (its first line holds numbers: a table needs a first line with the names of the columns)"
        error = unknown("column", target, names)
        raise InputError(f"{whole.origin}: {error.problem}{hint}", error.way_out)
    if len(names) < 2:
        raise InputError(f"{whole.origin} has no column beside the target", "give at least one to predict from")
    columns = {name: values for name, values in whole.columns.items() if name != target}
    return Part(Table(columns, whole.origin, whole.unit, whole.numbers), whole.columns[target], target)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def part(x: Any, y: Any, x_name: str, y_name: str, read: Inputs | None = None) -> Part:
    """Examples of two arrays that belong together. read: what is made of x and its name, by default images or tables.
    Raises InputError naming the one that cannot be used."""
    of_places = np.ndim(y) > 2
    targets = masks.of_arrays(y, y_name) if of_places else labels(y, y_name)
    inputs = (read or _inputs)(x, x_name)
    if len(inputs) != len(targets):
        raise InputError(f"{x_name} holds {len(inputs)} examples and {y_name} {len(targets)}", "give one target each")
    if not len(targets):
        raise InputError(f"{x_name} is empty", "give at least 20 examples")
    if of_places and (not isinstance(inputs, np.ndarray) or inputs.shape[2:] != targets.shape[1:]):
        given = inputs.shape[2:] if isinstance(inputs, np.ndarray) else "no images"
        raise InputError(f"{y_name} are masks of {targets.shape[1:]} places, {x_name} {given}", "give both one size")
    return Part(inputs, targets, y_name)


def _inputs(x: Any, name: str) -> Array | Table:
    if isinstance(x, Table) or is_frame(x) or isinstance(x, dict):
        return table(x, name)
    array = _array(x, name)
    if array.ndim in (3, 4):
        check_numbers(array, name)
        if not len(array):
            raise InputError(f"{name} is empty", "give at least 20 examples")
        return channels_first(array, name)
    if array.ndim != 2:
        raise InputError(f"{name} has the shape {array.shape}", "give images (N, H, W[, C]) or a table (N, F)")
    return table(array, name)


def _array(x: Any, name: str) -> Array:
    if isinstance(x, list) and x and isinstance(x[0], list | tuple):
        mixed = any(isinstance(value, str | None) for value in x[0])
        return _stacked(x, name, object if mixed else None)
    return _stacked(x, name, None)


def _stacked(x: Any, name: str, dtype: Any) -> Array:
    try:
        return np.asarray(x, dtype=dtype)
    except ValueError:
        raise InputError(f"{name} holds examples of different shapes", "give them one shape") from None
