"""Time series with labels: aeon's format (.ts), tables with a series a line (.csv, .tsv, .txt), and .npz.

The .ts format: https://www.aeon-toolkit.org/en/stable/api_reference/file_specifications/ts.html.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.examples import MISSING, Array, Examples, Items, Part, column, objects
from netwright.tasks.readers.csv import text_of
from netwright.tasks.time_series.series import items_of, of_arrays

SUFFIXES = (".ts", ".csv", ".tsv", ".txt")
LABELS = ("label", "class", "target", "y")
"""What a column of labels is called, in small letters."""


@dataclass
class _Read:
    """Series (C, T) with their labels ("" where there are none) and places."""

    path: Path
    series: list[Array] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    label: str = "label"

    def add(self, number: int, series: Array, label: str) -> None:
        self.series.append(series)
        self.labels.append(label)
        self.places.append(f"{self.path}, line {number}")

    def items(self, **about: Any) -> Items:
        if not self.series:
            raise InputError(f"{self.path} holds no series", "give one a line")
        return items_of(self.series, self.places, **about)


def read_parts(files: Mapping[str, Path], target: str | None, name: str) -> Examples:
    """Files with a split each: "train", and where they are there "valid" and "test". Raises InputError."""
    found = {split: _read(path, target) for split, path in files.items()}
    about = {"label": found["train"].label}
    parts = {}
    for split, one in found.items():
        labels = column(objects(one.labels), f"{one.path}, the labels")
        parts[split] = Part(one.items(**about), labels, one.label)
    origin = files["train"].parent if len(files) > 1 else files["train"]
    source = {"origin": str(origin), "target": about["label"], "sha256": digest.of_parts(parts.values())}
    return Examples.of(name, parts, source, (), about["label"])


def read_arrays(x: Any, y: Any, name: str = "arrays") -> Examples:
    """Series (N, C, T), (N, T) or a list of (C, T), with their labels. Raises InputError."""
    from netwright.tasks.targets import labels

    part = Part(of_arrays(x, "series"), labels(y))
    if len(part.x) != len(part.y):
        raise InputError(f"X holds {len(part.x)} series and y {len(part.y)} labels", "give one each")
    return Examples(name, part, source={"origin": "arrays", "sha256": digest.of_parts([part])})


def to_predict(path: Path, prepare: Mapping[str, Any]) -> Items:
    """The series of a file, whether they have labels or not."""
    if path.suffix.lower() == ".npz":
        from netwright.tasks.readers.npz import inputs_of

        return of_arrays(inputs_of(path), f"{path}, series")
    return _read(path, prepare.get("label"), prepare["length"] * prepare["every"]).items()


def _read(path: Path, target: str | None, steps: int | None = None) -> _Read:
    """steps: of a series where a file to predict on may lack labels."""
    plain = path.name.lower().removesuffix(".gz")
    return _read_ts(path) if plain.endswith(".ts") else _read_table(path, target, steps)


def _read_ts(path: Path) -> _Read:
    found = _Read(path)
    labelled, inside = False, False
    for number, raw in enumerate(text_of(path).splitlines(), start=1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("@"):
            word, *rest = line.lower().split()
            if word == "@timestamps" and rest[:1] == ["true"]:
                raise InputError(f"{path}, line {number}: series with time stamps", "save them at equal distances")
            if word == "@targetlabel" and rest[:1] == ["true"]:
                raise InputError(f"{path}, line {number}: values to predict, not classes", "give @classLabel")
            labelled = labelled or (word == "@classlabel" and rest[:1] == ["true"])
            inside = inside or word == "@data"
            continue
        if not inside:
            raise InputError(f"{path}, line {number}: a series before @data", "put @data before the first one")
        *channels, label = line.split(":") if labelled else [*line.split(":"), ""]
        if not channels:
            raise InputError(f"{path}, line {number}: no label", "end the line in a colon and the label")
        rows = [_numbers(each.split(","), path, number) for each in channels]
        length = max(map(len, rows))
        padded = [row + [math.nan] * (length - len(row)) for row in rows]
        found.add(number, np.array(padded, dtype=np.float32), label.strip())
    return found


def _read_table(path: Path, target: str | None, steps: int | None) -> _Read:
    """A series a line: values beside each other, and its label in a column that is called so, or else in the first."""
    lines = [(number, line) for number, line in enumerate(text_of(path).splitlines(), start=1) if line.strip()]
    if not lines:
        raise InputError(f"{path} holds no series", "give one a line")
    first = lines[0][1]
    delimiter = next((one for one in ("\t", ",", ";") if one in first), None)
    rows = [(number, [cell.strip() for cell in line.strip().split(delimiter)]) for number, line in lines]
    names = rows[0][1] if _names_columns(rows[0][1]) else []
    at = _label_place(path, names, target)
    if names:
        rows = rows[1:]
    if steps is not None and target not in names and rows and len(rows[0][1]) == steps:
        at = None
    found = _Read(path, label=names[at] if names and at is not None else "label")
    for number, cells in rows:
        label = "" if at is None else cells[at]
        values = [cell for place, cell in enumerate(cells) if place != at]
        found.add(number, np.array([_trimmed(_numbers(values, path, number))], dtype=np.float32), label)
    return found


def _names_columns(cells: Sequence[str]) -> bool:
    """Whether a first line holds names: half its cells are neither numbers nor absent."""
    texts = [cell for cell in cells if cell.lower() not in MISSING and not _is_number(cell)]
    return 2 * len(texts) > len(cells)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _label_place(path: Path, names: Sequence[str], target: str | None) -> int | None:
    if target is not None and target in names:
        return list(names).index(target)
    if target is not None and target != "label":
        held = f"the columns {', '.join(names[:6])} …" if names else "no names of columns"
        raise InputError(f"{path} has no column {target!r}, but {held}", "give the name of the column of labels")
    return next((at for at, name in enumerate(names) if name.lower() in LABELS), 0)


def _numbers(cells: Sequence[str], path: Path, number: int) -> list[float]:
    made = []
    for cell in cells:
        text = cell.strip()
        try:
            made.append(math.nan if text.lower() in MISSING else float(text))
        except ValueError:
            raise InputError(f"{path}, line {number}: {text!r} is no number", "correct the line") from None
    return made


def _trimmed(values: list[float]) -> list[float]:
    """Without the gaps at the end, which shorter series have in a table."""
    end = len(values)
    while end > 1 and math.isnan(values[end - 1]):
        end -= 1
    return values[:end]
