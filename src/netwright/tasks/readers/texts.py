"""Tables of texts with labels (.csv, .tsv, .jsonl; .gz, too), with a line of column names or without."""

from __future__ import annotations

import csv
import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from netwright.errors import InputError, unknown
from netwright.tasks import digest
from netwright.tasks.examples import Examples, Items, Part, column, listed, objects
from netwright.tasks.readers.csv import text_of
from netwright.tasks.targets import labels, numbers

SUFFIXES = (".csv", ".tsv", ".jsonl")
LOOKED_AT = 1 << 16
"""Bytes at the beginning of a file that tell whether it holds texts."""
MOST_EMPTY = 0.05
"""Share of the texts that may be empty and are left out."""
WORDY, LONG = 3, 20
"""Words, or characters where words are not parted, that half of a column's cells have at least, if they are texts."""


@dataclass(frozen=True)
class Lines:
    """The cells of a file. names: of the columns; numbers: the line of each row."""

    path: Path
    names: tuple[str, ...]
    rows: list[list[str]]
    numbers: list[int]

    def cells(self, name: str) -> list[str]:
        at = self.names.index(name)
        return [row[at] for row in self.rows]


def suffix(path: Path) -> str:
    """The last of a file's suffixes, without .gz."""
    name = path.name.lower().removesuffix(".gz")
    return Path(name).suffix


def holds_texts(path: Path) -> bool:
    """Whether a file is one of texts with labels, by its beginning: .jsonl, or two columns of which one holds sentences
    and the other few different labels."""
    if suffix(path) == ".jsonl":
        return True
    try:
        with gzip.open(path, "rb") if path.suffix == ".gz" else path.open("rb") as file:
            begin = file.read(LOOKED_AT)
    except (OSError, EOFError, zlib.error):
        return False
    text = begin.decode("utf-8-sig", errors="replace")
    kept = text if len(begin) < LOOKED_AT else text[: text.rfind("\n")]
    try:
        rows = [cells for _, cells in _parsed(path, kept)]
    except InputError:
        return False
    if len(rows) < 3 or {len(cells) for cells in rows} != {2}:
        return False
    at, label = _columns(list(zip(*rows[1:], strict=True)), None)
    different = len({row[label] for row in rows[1:]})
    few = different <= 2 or 3 * different <= len(rows)
    return at is not None and few


def read(path: Path, target: str | None, name: str) -> Examples:
    """One file of texts with labels. Raises InputError that names the file, and the line or column."""
    return read_parts({"train": path}, target, name)


def read_parts(files: Mapping[str, Path], target: str | None, name: str) -> Examples:
    """Files with a split each: "train", and where they are there "valid" and "test". Raises InputError."""
    warnings: list[str] = []
    train = lines_of(files["train"], target)
    text, label = _chosen(train, target)
    others = [one for one in train.names if one not in (text, label)]
    if others:
        warnings.append(f"columns beside the text {text!r} are left out: {listed(others)}")
    parts = {"train": _part(train, text, label, warnings)}
    for split in ("valid", "test"):
        if split in files:
            lines = lines_of(files[split], target)
            parts[split] = _part(_renamed(lines, train), text, label, warnings)
    source = {"origin": str(files["train"].parent if len(files) > 1 else files["train"]), "target": label}
    source["sha256"] = digest.of_file(files["train"]) if len(files) == 1 else digest.of_parts(parts.values())
    return Examples.of(name, parts, source, warnings, label)


def read_arrays(x: Sequence[str], y: Any, name: str = "texts") -> Examples:
    """Texts in memory with their labels. Raises InputError."""
    part = Part(Items.of("text", list(x), [f"text {at}" for at in range(len(x))], unit="line", column=None), labels(y))
    if len(part.x) != len(part.y):
        raise InputError(f"X holds {len(part.x)} texts and y {len(part.y)} labels", "give one each")
    empty = next((at for at, text in enumerate(x) if not text.strip()), None)
    if empty is not None:
        raise InputError(f"text {empty} is empty", "fill it in or leave it out")
    return Examples(name, part, source={"origin": "arrays", "sha256": digest.of_parts([part])})


def lines_of(path: Path, target: str | None = None) -> Lines:
    """The cells of a file. A first line is one of names where its label occurs in no other line."""
    if suffix(path) == ".jsonl":
        return _of_objects(path)
    rows: list[list[str]] = []
    numbers: list[int] = []
    for number, cells in _parsed(path, text_of(path)):
        if rows and len(cells) != len(rows[0]):
            problem = f"{path}, line {number}: {len(cells)} values for {len(rows[0])} columns"
            raise InputError(problem, "correct the line, or put texts with the separator in quotation marks")
        rows.append(cells)
        numbers.append(number)
    if not rows:
        raise InputError(f"{path} holds no texts", "give one text and its label a line")
    first = [cell.strip() for cell in rows[0]]
    if not _names_columns(rows, target):
        return Lines(path, tuple(f"column {at}" for at in range(1, len(first) + 1)), rows, numbers)
    double = [one for one, count in Counter(first).items() if count > 1]
    if double:
        raise InputError(f"{path}: more than one column is called {double[0]!r}", "rename them")
    return Lines(path, tuple(first), rows[1:], numbers[1:])


def _names_columns(rows: Sequence[Sequence[str]], target: str | None) -> bool:
    first = [cell.strip() for cell in rows[0]]
    if target is not None and target in first:
        return True
    if len(first) == 1:
        return len(first[0].split()) == 1 and len(rows) > 1
    _, label = _columns(list(zip(*rows[1:], strict=True)), None)
    return first[label] not in {row[label].strip() for row in rows[1:]}


def _parsed(path: Path, text: str) -> Iterator[tuple[int, list[str]]]:
    """Line numbers and cells, blank lines left out. Tabs part cells whatever quotation marks there are."""
    if suffix(path) == ".tsv":
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                yield number, [_unquoted(cell) for cell in line.split("\t")]
        return
    first = Counter(text[: text.find("\n")])
    delimiter = max((",", ";", "\t", "|"), key=lambda one: first[one])
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
    try:
        for cells in lines:
            if any(cell.strip() for cell in cells):
                yield lines.line_num, cells
    except csv.Error as error:
        raise InputError(f"{path}, line {lines.line_num}: {error}", "correct the line") from None


def _unquoted(cell: str) -> str:
    """A cell that was put in quotation marks as a whole, without them."""
    inner = cell[1:-1]
    quoted = len(cell) > 1 and cell[0] == cell[-1] == '"' and '"' not in inner.replace('""', "")
    return inner.replace('""', '"') if quoted else cell


def _of_objects(path: Path) -> Lines:
    """A .jsonl file: an object a line. Raises InputError that names the line."""
    rows: list[dict[str, str]] = []
    numbers: list[int] = []
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{path}, line {number}: no JSON ({error})", "give one object a line") from None
        if not isinstance(found, dict):
            raise InputError(f"{path}, line {number}: no object", 'such as {"text": "...", "label": "..."}')
        rows.append({str(key): _cell(value) for key, value in found.items()})
        numbers.append(number)
    names = tuple(dict.fromkeys(name for row in rows for name in row))
    if not names:
        raise InputError(f"{path} holds no texts", 'give objects such as {"text": "...", "label": "..."}')
    return Lines(path, names, [[row.get(name, "") for name in names] for row in rows], numbers)


def _cell(value: object) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _columns(cells: Sequence[Sequence[str]], label: int | None) -> tuple[int | None, int]:
    """The places of the column with texts, None where there is none, and of that with labels."""
    texts = [at for at, each in enumerate(cells) if at != label and is_text(each)]
    at = max(texts, key=lambda one: sum(map(len, cells[one])), default=None)
    if label is None:
        others = [one for one in range(len(cells)) if one != at]
        label = min(others, key=lambda one: len(set(cells[one])), default=0)
    return at, label


def is_text(cells: Sequence[str]) -> bool:
    """Whether a column holds texts: mostly different ones of several words."""
    if not cells or 2 * len(set(cells)) < len(cells):
        return False
    return median(len(cell.split()) for cell in cells) >= WORDY or median(map(len, cells)) >= LONG


def _chosen(lines: Lines, target: str | None) -> tuple[str, str]:
    """The names of the columns with texts and with labels. Raises InputError."""
    if target is not None and target not in lines.names:
        error = unknown("column", target, lines.names)
        raise InputError(f"{lines.path}: {error.problem}", error.way_out)
    if len(lines.names) < 2:
        raise InputError(f"{lines.path} has one column only", "give a text and its label a line, parted by a tab")
    cells = [lines.cells(name) for name in lines.names]
    at, label = _columns(cells, None if target is None else lines.names.index(target))
    if at is None:
        at = _longest(lines, cells, target)
        label = next(place for place in range(len(cells)) if place != at) if target is None else label
    if target is None and len(lines.names) > 2:
        raise InputError(f"{lines.path}: which column is the target?", f"give one of {listed(lines.names)}")
    return lines.names[at], lines.names[label]


def _longest(lines: Lines, cells: Sequence[Sequence[str]], target: str | None) -> int:
    """The place of the column with the longest cells that are no numbers. Raises InputError where there is none."""
    places = [at for at, each in enumerate(cells) if lines.names[at] != target and numbers(objects(each)) is None]
    if not places:
        problem = f"{lines.path} has no column of texts: {listed(lines.names)}"
        raise InputError(problem, "leave --kind out if it is a table of values")
    return max(places, key=lambda at: sum(map(len, cells[at])))


def _renamed(lines: Lines, train: Lines) -> Lines:
    """The lines with the training split's names, where only one of the two has names of its own."""
    if set(train.names) <= set(lines.names):
        return lines
    if len(lines.names) != len(train.names):
        problem = f"{lines.path} has the columns {listed(lines.names)}"
        raise InputError(problem, f"give those of {train.path}: {listed(train.names)}")
    return Lines(lines.path, train.names, lines.rows, lines.numbers)


def _part(lines: Lines, text: str, label: str, warnings: list[str]) -> Part:
    values, labels = lines.cells(text), lines.cells(label)
    kept = [at for at, value in enumerate(values) if value.strip()]
    empty = len(values) - len(kept)
    if empty:
        first = next(number for number, value in zip(lines.numbers, values, strict=True) if not value.strip())
        said = f"{lines.path}: {empty} of {len(values)} texts are empty (line {first})"
        if empty > MOST_EMPTY * len(values):
            raise InputError(said, "fill them in or remove the lines")
        warnings.append(f"{said}: they are left out")
    places = [f"{lines.path}, line {lines.numbers[at]}" for at in kept]
    items = Items.of("text", [values[at] for at in kept], places, unit="line", column=text)
    return Part(items, column([labels[at] for at in kept], f"{lines.path}, column {label!r}"), label)


def to_predict(path: Path, name: str | None, whole: bool) -> Iterator[tuple[str, str]]:
    """Texts and how messages name them: of a table the column of that name, or else the one with texts; of any other
    file its lines, or the whole of it."""
    if suffix(path) not in SUFFIXES:
        text = text_of(path)
        if whole:
            yield text, str(path)
            return
        yield from ((line, f"{path}, line {number}") for number, line in enumerate(text.splitlines(), start=1))
        return
    lines = lines_of(path, name if name is not None and not name.startswith("column ") else None)
    if name in lines.names and len(lines.names) == len(set(lines.names)) and not name.startswith("column "):
        chosen = name
    else:
        at, _ = _columns([lines.cells(one) for one in lines.names], -1)
        chosen = lines.names[0 if at is None else at]
    numbered = zip(lines.cells(chosen), lines.numbers, strict=True)
    yield from ((text, f"{path}, line {number}") for text, number in numbered)
