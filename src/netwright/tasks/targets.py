"""Labels and target values: which kind they are, which classes there are, which are missing."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from netwright.errors import InputError, unknown
from netwright.tasks.examples import Array, Part, column, listed, number_text

Kind = Literal[
    "image-classification",
    "medical-image-classification",
    "tabular-classification",
    "tabular-regression",
    "text-classification",
    "language-model",
    "translation",
    "time-series-classification",
    "speech-recognition",
    "speech-transcription",
    "speech-synthesis",
    "node-classification",
    "forecasting",
    "semantic-segmentation",
    "object-detection",
]
KINDS: Mapping[str, tuple[Kind, ...]] = {
    "image": ("image-classification", "medical-image-classification"),
    "tabular": ("tabular-classification", "tabular-regression"),
    "text": ("text-classification",),
    "language": ("language-model",),
    "translation": ("translation",),
    "series": ("time-series-classification",),
    "sound": ("speech-recognition",),
    "speech": ("speech-transcription",),
    "voice": ("speech-synthesis",),
    "graph": ("node-classification",),
    "forecast": ("forecasting",),
    "masks": ("semantic-segmentation",),
    "boxes": ("object-detection",),
}
"""By domain: what can be learnt from its data."""
GIVEN = {
    "image": "images",
    "tabular": "a table",
    "text": "texts",
    "language": "running text",
    "translation": "sentences with their translations",
    "series": "time series",
    "sound": "recordings",
    "speech": "recordings with transcripts",
    "voice": "texts to be spoken",
    "graph": "a graph",
    "forecast": "series to be continued",
    "masks": "images with masks",
    "boxes": "images with boxes",
}
"""By domain: what its data is called."""

MOST_GUESSED = 20
"""More different whole numbers than these are taken for values, not for classes."""


def labels(y: Any, name: str = "y") -> Array:
    """Targets of any form as (N,): columns of one are flattened, one-hot rows become the index of their one.

    Gives float64 (NaN: none) or objects (str, None: none). Raises InputError.
    """
    array = y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim == 2 and array.shape[1] > 1 and array.dtype.kind in "biuf":
        if not (np.isin(array, (0, 1)).all() and (array.sum(axis=1) == 1).all()):
            raise InputError(f"{name} has {array.shape[1]} targets for each example", "give one label or value each")
        array = array.argmax(axis=1)
    return column(array, name)


def guess(y: Array, domain: str, kind: str | None = None) -> Kind:
    """The kind of task: as asked, else by the targets. Raises InputError.

    Text and few different whole numbers are classes, other numbers are values.

    >>> import numpy as np
    >>> guess(np.array([0.0, 1.0] * 10), "tabular")
    'tabular-classification'
    >>> guess(np.linspace(0, 1, 20), "tabular")
    'tabular-regression'
    """
    if kind is not None:
        return _asked(kind, y, domain)
    if domain != "tabular":
        return KINDS[domain][0]
    return "tabular-classification" if _few_classes(y) else "tabular-regression"


def _asked(kind: str, y: Array, domain: str) -> Kind:
    own = KINDS[domain]
    if kind == "classification":
        return own[0]
    if kind == "regression":
        values = [one for one in own if one.endswith("regression")]
        if not values:
            done = "transcribed" if domain == "speech" else "classified"
            raise InputError(f"{GIVEN[domain]} can only be {done}", "leave the kind out")
        kind = values[0]
    every = [known for kinds in KINDS.values() for known in kinds]
    found = next((known for known in every if known == kind), None)
    if found is None:
        raise unknown("kind of task", kind, (*every, "classification", "regression"))
    if found not in own:
        raise InputError(f"{kind} does not suit {GIVEN[domain]}", f"give {own[0]} or leave the kind out")
    if found.endswith("regression") and numbers(y) is None:
        raise InputError("the target holds text", "regression needs numbers: leave the kind out")
    return found


def _few_classes(y: Array) -> bool:
    values = numbers(y)
    if values is None:
        return True
    different = np.unique(values[~np.isnan(values)])
    if not np.equal(np.mod(different, 1), 0).all():
        return False
    return len(different) == 2 or (len(different) <= MOST_GUESSED and 5 * len(different) <= len(values))


def numbers(values: Array) -> Array | None:
    """(N,) float64 with NaN for no value; None when some are text that is no number."""
    if values.dtype != object:
        return values
    try:
        return np.array([math.nan if value is None else float(value) for value in values])
    except ValueError:
        return None


def texts(y: Array) -> Array:
    """(N,) labels as text, None for no label."""
    if y.dtype == object:
        return y
    made = np.empty(len(y), dtype=object)
    made[:] = [number_text(value) for value in y]
    return made


def check_present(part: Part, name: str) -> None:
    """Raises InputError when a target is missing or infinite, naming the first."""
    absent = [value is None for value in part.y] if part.y.dtype == object else np.isnan(part.y)
    rows = np.flatnonzero(absent)
    if len(rows):
        others = f" (and {len(rows) - 1} more)" if len(rows) > 1 else ""
        raise InputError(
            f"{part.where(int(rows[0]))}{others}: no value in the target {name!r}", "fill it in or remove the row"
        )
    if part.y.dtype != object and np.isinf(part.y).any():
        row = int(np.flatnonzero(np.isinf(part.y))[0])
        raise InputError(f"{part.where(row)} has an infinite target", "remove it or correct it")


def values(part: Part, name: str) -> Array:
    """The targets of a regression: (N,) float32. Raises InputError when they are text or missing."""
    found = numbers(part.y)
    if found is None:
        raise InputError(f"the target {name!r} holds text", "regression needs numbers")
    check_present(Part(part.x, found, part.name), name)
    if np.abs(found).max(initial=0.0) > 1e30:
        raise InputError(f"the target {name!r} holds values beyond 1e30", "give it in another unit")
    return found.astype(np.float32)


def class_names(y: Array, named: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The different labels in order (numbers by value, else text by alphabet), and what each is called.

    named: names of the labels 0, 1, …. Raises InputError for one class only or a label without a name.
    """
    found = sorted(set(texts(y).tolist()), key=_order)
    if len(found) < 2:
        raise InputError(f"every example has the label {found[0]!r}", "give examples of at least two classes")
    if len(set(named)) < len(named):
        raise InputError(f"two classes have the same name: {listed(named)}", "give each class its own name")
    if not named:
        return tuple(found), tuple(found)
    if set(found) <= set(named):
        return tuple(name for name in named if name in found), tuple(name for name in named if name in found)
    outside = [label for label in found if not (label.isdigit() and int(label) < len(named))]
    if outside:
        raise InputError(f"label {outside[0]} has no name", f"there are {len(named)} class names, for labels from 0")
    return tuple(found), tuple(named[int(label)] for label in found)


def _order(label: str) -> tuple[int, float, str]:
    try:
        return 0, float(label), label
    except ValueError:
        return 1, 0.0, label


def codes(part: Part, found: Sequence[str], split: str) -> Array:
    """Indices (N,) int64 of the labels among those `found` in training. Raises InputError for another label."""
    place = {label: index for index, label in enumerate(found)}
    own = texts(part.y)
    strange = next((index for index, label in enumerate(own) if label not in place), None)
    if strange is not None:
        raise InputError(
            f"{part.where(strange)} of the {split} split has the label {own[strange]!r}, which no training example has",
            f"known: {listed(found)}",
        )
    return np.array([place[label] for label in own], dtype=np.int64)
