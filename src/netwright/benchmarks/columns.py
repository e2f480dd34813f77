"""Reading the columns of a table file: Parquet, or CSV (plain or gzip)."""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from netwright.errors import InputError, MissingExtra

Columns = dict[str, NDArray[Any]]
MOST_BYTES = 2_000_000_000
"""A larger file is no table of a benchmark."""


def read_columns(path: Path, needed: Sequence[str], optional: Sequence[str] = ()) -> Columns:
    """The needed columns of a file, and of the optional ones those that it has; texts as str, the rest as numbers.

    Raises InputError that names the file and every column that is missing.
    """
    names = column_names(path)
    missing = [name for name in needed if name not in names]
    if missing:
        raise InputError(f"{path} has no column {', '.join(missing)}", f"its columns: {', '.join(names[:40])}")
    wanted = [*needed, *(name for name in optional if name in names)]
    columns = _read_parquet(path, wanted) if _is_parquet(path) else _read_csv(path, wanted)
    if not len(columns[wanted[0]]):
        raise InputError(f"{path} has no rows", "give the whole table")
    return columns


def column_names(path: Path) -> list[str]:
    """What columns a file has. InputError where it cannot be read."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is too large for a table", "give the table itself, not a whole download")
        if _is_parquet(path):
            return list(_parquet().ParquetFile(path).schema_arrow.names)
        return next(csv.reader(io.StringIO(_text(path))), [])
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror or error})", "check the path") from None
    except (ValueError, EOFError, csv.Error) as error:
        raise InputError(
            f"{path} cannot be read ({error})", "give Parquet, or CSV with a line of column names"
        ) from None


def numbers(columns: Columns, name: str, path: Path) -> NDArray[np.float64]:
    """A column that must hold a finite number in every row. InputError names the column and the first bad row."""
    values = loose_numbers(columns, name, path)
    bad = np.flatnonzero(~np.isfinite(values))
    if len(bad):
        raise InputError(
            f"{path}: column {name} has no finite number in {len(bad)} of {len(values)} rows (the first: {bad[0] + 1})",
            "a benchmark needs a score for every architecture; repair the file",
        )
    return values


def loose_numbers(columns: Columns, name: str, path: Path) -> NDArray[np.float64]:
    """A column of numbers in which some may be missing (NaN). InputError where it holds something else."""
    try:
        return np.asarray(columns[name], dtype=np.float64)
    except (ValueError, TypeError):
        raise InputError(f"{path}: column {name} holds something else than numbers", "repair the file") from None


def whole_numbers(columns: Columns, name: str, path: Path) -> NDArray[np.int64]:
    """A column of whole numbers. InputError names the first row that holds something else."""
    values = numbers(columns, name, path)
    bad = np.flatnonzero(values != np.round(values))
    if len(bad):
        raise InputError(f"{path}: column {name} holds {values[bad[0]]:g} in row {bad[0] + 1}", "give whole numbers")
    return values.astype(np.int64)


def _is_parquet(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"PAR1"


def _parquet() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MissingExtra("pyarrow", "benchmarks") from None
    return pyarrow.parquet


def _read_parquet(path: Path, names: Sequence[str]) -> Columns:
    table = _parquet().read_table(path, columns=list(names))
    return {name: _plain(table[name].to_pylist()) for name in names}


def _read_csv(path: Path, names: Sequence[str]) -> Columns:
    rows = list(csv.DictReader(io.StringIO(_text(path))))
    return {name: _plain([row[name] for row in rows]) for name in names}


def _plain(values: list[Any]) -> NDArray[Any]:
    """Numbers where every value is one (nothing: NaN), texts otherwise."""
    if any(isinstance(value, str) for value in values):
        texts = np.array(["" if value is None else str(value) for value in values])
        try:
            return np.where(texts == "", "nan", texts).astype(np.float64)
        except ValueError:
            return texts
    return np.array([np.nan if value is None else value for value in values])


def _text(path: Path) -> str:
    raw = path.read_bytes()
    return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode("utf-8")
