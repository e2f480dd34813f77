"""A .csv or .tsv file, also compressed with gzip: a first line of column names, then one example a line."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.examples import MISSING, Array, Examples, Table
from netwright.tasks.readers.arrays import target_of

DELIMITERS = (",", ";", "\t", "|")
SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
MOST_BYTES = 4 * 2**30
"""Unpacked size of the largest file that is read."""


def read(path: Path, target: str | None, name: str) -> Examples:
    """Raises InputError naming the file, and the line or column, that cannot be used."""
    whole, warnings = _without_index(read_table(path))
    made = target_of(whole, target)
    source = {"origin": str(path), "target": made.name, "sha256": digest.of_file(path)}
    return Examples(name, made, source=source, warnings=warnings, target=made.name)


def read_table(path: Path) -> Table:
    """Every column as text (None: no value); numbers are recognised later. Raises InputError."""
    text = text_of(path)
    whole, parted = io.StringIO(text, newline=""), _delimiter(path, text)
    lines = csv.reader(whole, delimiter=parted, strict=True, skipinitialspace=True)
    try:
        names = _names(path, next(lines, []))
        rows, numbers = _rows(path, lines, len(names))
    except csv.Error as error:
        raise InputError(f"{path}, line {lines.line_num}: {error}", "correct the line") from None
    if not rows:
        raise InputError(f"{path} holds no examples", "give a line of column names and one line for each example")
    columns = {name: _column(cells) for name, cells in zip(names, zip(*rows, strict=True), strict=True)}
    return Table(columns, str(path), "line", np.array(numbers))


def text_of(path: Path) -> str:
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{path}: not a readable gzip file ({error})", "compress it again") from None
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}", "check the path and its permissions") from None
    if len(data) > MOST_BYTES:
        raise InputError(f"{path} unpacks to more than {MOST_BYTES // 2**30} GiB", "give fewer examples")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}, line {line}: not UTF-8 text", "save it as UTF-8") from None


def _delimiter(path: Path, text: str) -> str:
    """A tab in a .tsv file; else the one that occurs most often in the first line."""
    if path.name.lower().removesuffix(".gz").endswith(".tsv"):
        return "\t"
    counts = Counter(text[: text.find("\n")])
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def _names(path: Path, cells: list[str]) -> list[str]:
    names = [cell.strip() for cell in cells]
    if not any(names):
        raise InputError(f"{path} has no line of column names", "give one as the first line")
    names = [name or f"column {place}" for place, name in enumerate(names, start=1)]
    double = [name for name, count in Counter(names).items() if count > 1]
    if double:
        raise InputError(f"{path}: more than one column is called {double[0]!r}", "rename them")
    return names


def _rows(path: Path, lines: Iterator[list[str]], width: int) -> tuple[list[list[str]], list[int]]:
    rows: list[list[str]] = []
    numbers: list[int] = []
    for cells in lines:
        if not cells:
            continue
        number: int = lines.line_num  # type: ignore[attr-defined]
        if len(cells) != width:
            raise InputError(f"{path}, line {number}: {len(cells)} values for {width} columns", "correct the line")
        rows.append(cells)
        numbers.append(number)
    return rows, numbers


def _column(cells: tuple[str, ...]) -> Array:
    made = np.empty(len(cells), dtype=object)
    texts = [cell.strip() for cell in cells]
    made[:] = [None if text.lower() in MISSING else text for text in texts]
    return made


def _without_index(whole: Table) -> tuple[Table, tuple[str, ...]]:
    """The table without a first, nameless column that only counts the rows."""
    first, values = next(iter(whole.columns.items()))
    counts = [str(number) for number in range(len(whole))]
    if first != "column 1" or len(whole.columns) < 2 or values.tolist() != counts:
        return whole, ()
    columns = {name: column for name, column in whole.columns.items() if name != first}
    left = Table(columns, whole.origin, whole.unit, whole.numbers)
    return left, (f"the first column of {whole.origin} has no name and only counts the rows: it is left out",)
