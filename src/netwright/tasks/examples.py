"""What the readers give: examples as they were found, before anything is split, encoded or guessed."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from tokenize import TokenError
from typing import Any

import numpy as np

from netwright.errors import InputError

Array = np.ndarray[Any, np.dtype[Any]]

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none", "<na>", "nat"})
"""Cells that mean "no value", in lower case."""


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal length, each float64 (NaN: no value) or object (str, None: no value).

    origin: what it was read from, for messages; unit and numbers: what the rows are called there ("line", 2, 3, …).
    """

    columns: Mapping[str, Array]
    origin: str = "the table"
    unit: str = "row"
    numbers: Array | None = None

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, index: Array) -> Table:
        numbers = np.arange(len(self)) if self.numbers is None else self.numbers
        columns = {name: column[index] for name, column in self.columns.items()}
        return Table(columns, self.origin, self.unit, numbers[index])

    def where(self, index: int) -> str:
        """How messages name a row."""
        number = index if self.numbers is None else int(self.numbers[index])
        return f"{self.origin}, {self.unit} {number}"


@dataclass(frozen=True, eq=False)
class Items:
    """Examples of a length of their own, as they were found.

    domain: which of `netwright.tasks.domains` knows what to make of them; values: (N,) objects, such as str; places:
    (N,) how messages name each; about: what the reader found out of them all, kept with the task.
    """

    domain: str
    values: Array
    places: Array
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.values)

    def __getitem__(self, index: Array) -> Items:
        return Items(self.domain, self.values[index], self.places[index], self.about)

    def where(self, index: int) -> str:
        """How messages name an example."""
        return str(self.places[index])

    @classmethod
    def of(cls, domain: str, values: Sequence[Any], places: Sequence[str], **about: Any) -> Items:
        return cls(domain, objects(values), objects(places), about)


NO_ARRAY = (ValueError, TypeError, KeyError, EOFError, SyntaxError, TokenError, MemoryError, OverflowError)
"""What numpy raises where bytes are no array: it reads the head of one as Python literals."""


def objects(values: Sequence[Any]) -> Array:
    """(N,) of any objects, arrays among them as they are."""
    made = np.empty(len(values), dtype=object)
    for place, value in enumerate(values):
        made[place] = value
    return made


@dataclass(frozen=True, eq=False)
class Part:
    """Examples that stay together. x: images (any layout, any number type), a table, items; y: (N,) labels, values; or
    masks (N, H, W), of class indices where int16 (-1: unknown), else of values as they were found."""

    x: Array | Table | Items
    y: Array
    name: str = "y"

    def where(self, index: int) -> str:
        """How messages name an example."""
        return self.x.where(index) if isinstance(self.x, Table | Items) else f"{self.name}, index {index}"


@dataclass(frozen=True, eq=False)
class Examples:
    """A data set as a reader found it.

    valid, test: official splits, None where there are none; source: origin, licence, sha256, as plain data;
    classes: names of the labels 0, 1, …; span: raw pixel values that mean black and white, None: guess;
    resize: whether files of another size may be resized; flip: whether mirrored images keep their label, None: guess;
    colours: to draw the classes of masks in.
    """

    name: str
    train: Part
    valid: Part | None = None
    test: Part | None = None
    source: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    span: tuple[float, float] | None = None
    resize: bool = False
    flip: bool | None = None
    target: str | None = None
    colours: tuple[tuple[int, int, int], ...] = ()

    @classmethod
    def of(
        cls,
        name: str,
        parts: Mapping[str, Part],
        source: Mapping[str, Any],
        warnings: Sequence[str],
        target: str | None = None,
    ) -> Examples:
        """Examples by split: "train", and where they are there "valid" and "test"."""
        valid, test = parts.get("valid"), parts.get("test")
        return cls(name, parts["train"], valid, test, source=source, warnings=tuple(warnings), target=target)

    def parts(self) -> Iterator[tuple[str, Part]]:
        for name, part in (("train", self.train), ("valid", self.valid), ("test", self.test)):
            if part is not None:
                yield name, part


def is_frame(data: Any) -> bool:
    """Whether it is a data frame (pandas or alike), told by its columns."""
    return hasattr(data, "columns") and hasattr(data, "to_numpy")


def table(data: Any, origin: str = "the table", names: Sequence[str] = ()) -> Table:
    """A table of a data frame, a mapping of columns, a list of mappings, or rows of values.

    names: what the columns of plain rows are called. Raises InputError.
    """
    if isinstance(data, Table):
        return data
    if is_frame(data):
        data = _frame_columns(data, origin)
    elif isinstance(data, Sequence) and len(data) and isinstance(data[0], Mapping):
        keys = list(dict.fromkeys(key for row in data for key in row))
        data = {key: [row.get(key) for row in data] for key in keys}
    if isinstance(data, Mapping):
        one = all(values is None or isinstance(values, str | float | int) for values in data.values())
        given = {str(name): [values] if one else values for name, values in data.items()}
        columns = {name: column(values, f"{origin}, column {name!r}") for name, values in given.items()}
        return _checked(Table(columns, origin))
    return _checked(Table(_rows(data, origin, names), origin))


def _frame_columns(frame: Any, origin: str) -> dict[str, Any]:
    names = [str(name) for name in frame.columns]
    if len(set(names)) < len(names):
        raise InputError(f"{origin} has columns of the same name", f"rename them: {listed(names)}")
    return dict(zip(names, (frame[name] for name in frame.columns), strict=True))


def _rows(data: Any, origin: str, names: Sequence[str]) -> dict[str, Array]:
    try:
        rows = np.asarray(data, dtype=None if isinstance(data, np.ndarray) else object)
    except ValueError:
        raise InputError(f"{origin} has rows of different length", "give as many values in each row") from None
    if rows.ndim == 1 and names and len(rows) == len(names):
        rows = rows[None]
    if rows.ndim != 2:
        raise InputError(f"{origin} has the shape {rows.shape}", "give rows and columns: (examples, features)")
    if names and rows.shape[1] != len(names):
        raise InputError(f"{origin} has {rows.shape[1]} columns", f"give {len(names)}: {listed(names)}")
    named = names or [str(place) for place in range(rows.shape[1])]
    return {name: column(rows[:, place], f"{origin}, column {name}") for place, name in enumerate(named)}


def column(values: Any, origin: str) -> Array:
    """(N,) values as float64, or as objects (str, None). Raises InputError for what is neither number nor text."""
    array = values if isinstance(values, np.ndarray) else np.asarray(_plain(values))
    if array.ndim != 1:
        raise InputError(f"{origin} has the shape {array.shape}", "give one value for each example")
    if array.dtype.kind in "iuf":
        return array.astype(np.float64)
    if array.dtype.kind not in "bOUS":
        raise InputError(f"{origin} holds {array.dtype}", "give numbers or text")
    cells = [_cell(value, origin) for value in array.tolist()]
    if all(value is None or isinstance(value, float) for value in cells):
        return np.array([math.nan if value is None else value for value in cells], dtype=np.float64)
    texts = np.empty(len(cells), dtype=object)
    texts[:] = [number_text(value) if isinstance(value, float) else value for value in cells]
    return texts


def _plain(values: Any) -> Any:
    """A series or list as something numpy reads without guessing at text."""
    if hasattr(values, "to_numpy"):
        array = values.to_numpy()
        return array if array.dtype.kind in "iufbO" else array.astype(object)
    kinds = {type(value) for value in values}
    return list(values) if kinds <= {int, float} else np.array([*values, None], dtype=object)[:-1]


def _cell(value: Any, origin: str) -> float | str | None:
    if value is None or isinstance(value, bool | np.bool_):
        return None if value is None else str(bool(value))
    if isinstance(value, int | float | np.integer | np.floating):
        return float(value)
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, str):
        text = value.strip()
        return None if text.lower() in MISSING else text
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    raise InputError(f"{origin} holds a {type(value).__name__}", "give numbers or text")


def number_text(value: float) -> str | None:
    """A number as the text of a label: 3.0 is "3", NaN is no text."""
    if value != value:
        return None
    return str(int(value)) if float(value).is_integer() else repr(float(value))


def _checked(made: Table) -> Table:
    if len({len(values) for values in made.columns.values()}) > 1:
        lengths = ", ".join(f"{name}: {len(values)}" for name, values in made.columns.items())
        raise InputError(f"{made.origin} has columns of different length ({lengths})", "give as many values in each")
    if not len(made):
        raise InputError(f"{made.origin} is empty", "give at least one row and one column")
    return made


def listed(names: Sequence[Any], most: int = 12) -> str:
    """Names for a message, the first few of many."""
    shown = ", ".join(map(str, names[:most]))
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
