"""Series to be continued: a table with a step a line, in the order of time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError, unknown
from netwright.tasks import digest
from netwright.tasks.examples import Array, Table, is_frame, listed, table
from netwright.tasks.readers.csv import SUFFIXES
from netwright.tasks.readers.tables import read_table
from netwright.tasks.targets import numbers
from netwright.tasks.time_series.forecasts import SeriesExamples

COUNTS = frozenset({"", "t", "time", "step", "index", "year", "month", "day", "date", "timestamp"})
"""Names of columns that say when a step is, if they rise from line to line."""


def is_table(path: Path) -> bool:
    """Whether it is a file that may hold series, a step a line."""
    return path.name.lower().endswith((*SUFFIXES, ".parquet"))


def read(source: Any, target: str | None, name: str = "series") -> SeriesExamples:
    """A .csv, .tsv or .parquet file, a data frame, or an array (T,) or (T, C). target: the column to forecast, by
    default every one. Raises InputError naming the line or column that cannot be used."""
    if isinstance(source, str | Path):
        path = Path(source)
        made, sha256 = _table(path), digest.of_file(path)
    else:
        made, sha256 = _in_memory(source), ""
    columns, warnings = _columns(made)
    names = tuple(columns)
    if target is not None and target not in names:
        raise unknown("column", target, names)
    values = np.stack(list(columns.values()), axis=1)
    wanted = tuple(range(len(names))) if target is None else (names.index(target),)
    about = {"origin": made.origin, "target": target or listed(names)} | ({"sha256": sha256} if sha256 else {})
    return SeriesExamples(name, values, names, wanted, made.origin, about, tuple(warnings))


def to_continue(raw: Any, names: Sequence[str]) -> SeriesExamples:
    """Series with these columns, to forecast what comes next. Raises InputError."""
    made = _table(Path(raw)) if isinstance(raw, str | Path) else _in_memory(raw, names)
    columns, _ = _columns(made)
    absent = [name for name in names if name not in columns]
    if absent:
        raise InputError(f"{made.origin} has no column {absent[0]!r}", f"it needs {listed(list(names))}")
    values = np.stack([columns[name] for name in names], axis=1)
    return SeriesExamples("series", values, tuple(names), (), made.origin)


def _table(path: Path) -> Table:
    if not path.exists():
        raise InputError(f"{path}: no such file", "check the path")
    return read_table(path)


def _in_memory(source: Any, names: Sequence[str] = ()) -> Table:
    if is_frame(source):
        return table(source, "the data frame")
    try:
        values = np.asarray(source, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(f"the series are no numbers ({error})", "give (T,) or (T, C)") from None
    values = values[:, None] if values.ndim == 1 else values
    if values.ndim != 2 or not values.size:
        raise InputError(f"series of shape {values.shape}", "give (T,) or (T, C)")
    named = (
        list(names) if len(names) == values.shape[1] else [f"series {place + 1}" for place in range(values.shape[1])]
    )
    return Table(dict(zip(named, values.T, strict=True)), "the array", "step")


def _columns(made: Table) -> tuple[dict[str, Array], list[str]]:
    """The columns of numbers without those that only say when a step is, and warnings."""
    found: dict[str, Array] = {}
    texts: list[str] = []
    for name, values in made.columns.items():
        number = numbers(values)
        if number is None:
            if not _times(made, name, values):
                texts.append(name)
        elif not (name.lower() in COUNTS and len(made.columns) > 1 and (np.diff(number) > 0).all()):
            found[name] = number
    if not found:
        raise InputError(f"{made.origin} has no column of numbers", "give a step a line, with the values to forecast")
    return found, [f"left out, for they hold texts: {listed(texts)}"] if texts else []


def _times(made: Table, name: str, values: Array) -> bool:
    """Whether a column holds instants. Raises InputError where they are not in the order of time."""
    try:
        instants = [datetime.fromisoformat(str(value)) for value in values]
        disorder = next((place for place in range(1, len(instants)) if instants[place] <= instants[place - 1]), None)
    except (ValueError, TypeError):
        return False
    if disorder is not None:
        raise InputError(
            f"{made.where(disorder)}: {name} is {values[disorder]} after {values[disorder - 1]}",
            "sort the lines by time, and give each instant once",
        )
    return True
