"""Masks: which class each place of an image has, from what files and arrays hold.

Values of masks are numbers, or colours packed into one number. `Codes` gives each different value a code as it is met,
so that masks stay small; a `Legend` says what the values mean.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from netwright.errors import InputError
from netwright.tasks.answers.places import UNKNOWN
from netwright.tasks.examples import Array, listed

Colour = tuple[int, int, int]
BORDER = 255
"""The value of places of unknown class in masks of numbers, as Pascal VOC has it."""
MOST_CLASSES = 256
UNKNOWN_NAMES = frozenset({"unknown", "void", "ignore", "ignored", "unlabelled", "unlabeled"})
"""What a class is called, in small letters, whose places count for nothing."""


def packed(colours: ArrayLike) -> Array:
    """Colours (..., 3), 0 to 255, as one number each.

    >>> packed(np.array([[1, 0, 2]])).tolist()
    [65538]
    """
    wide = np.asarray(colours).astype(np.int32)
    return wide[..., 0] << 16 | wide[..., 1] << 8 | wide[..., 2]


def colour_of(value: int) -> Colour:
    return value >> 16 & 255, value >> 8 & 255, value & 255


def palette(count: int) -> tuple[Colour, ...]:
    """Colours that are easily told apart, the first black: those of Pascal VOC.

    >>> palette(3)
    ((0, 0, 0), (128, 0, 0), (0, 128, 0))
    """
    made = []
    for index in range(count):
        colour, rest = [0, 0, 0], index
        for bit in range(7, -1, -1):
            colour = [part | (rest >> channel & 1) << bit for channel, part in enumerate(colour)]
            rest >>= 3
        made.append((colour[0], colour[1], colour[2]))
    return tuple(made)


@dataclass(frozen=True)
class Legend:
    """names, values: of the classes, in their order; unknown: values of places of unknown class; coloured: whether
    values are packed colours; colours: to draw the classes in, () for those of `palette`; origin: where it is from."""

    names: tuple[str, ...]
    values: tuple[int, ...]
    unknown: frozenset[int] = frozenset()
    coloured: bool = False
    colours: tuple[Colour, ...] = ()
    origin: str = "the masks"

    def refuse(self, values: Sequence[int], where: str) -> None:
        """Raises InputError for a value that means nothing."""
        strange = [value for value in values if value not in self.values and value not in self.unknown]
        if strange:
            kind = "colour" if self.coloured else "value"
            known = listed([written(value, self.coloured) for value in self.values])
            raise InputError(
                f"{where} holds the {kind} {written(strange[0], self.coloured)}, which {self.origin} does not have",
                f"known: {known}",
            )


def written(value: int, coloured: bool) -> str:
    return f"#{value:06x}" if coloured else str(value)


def guessed(values: Sequence[int], coloured: bool) -> Legend:
    """Classes from the values that masks hold: each is one, but for 255, which is unknown beside two others, and
    negative ones. Raises InputError for fewer than two classes."""
    there = sorted(value for value in values if value >= 0)
    unknown = {value for value in values if value < 0}
    grey = coloured and all(len(set(colour_of(value))) == 1 for value in there)
    border = int(packed(np.full(3, BORDER))) if coloured else BORDER
    if (grey or not coloured) and border in there and len(there) > 2:
        there.remove(border)
        unknown.add(border)
    names = tuple(str(value & 255) if grey else written(value, coloured) for value in there)
    if len(there) < 2:
        raise InputError(f"the masks hold one class only ({', '.join(names)})", "give masks of at least two")
    colours = tuple(map(colour_of, there)) if coloured and not grey else ()
    return Legend(names, tuple(there), frozenset(unknown), coloured, colours)


@dataclass
class Codes:
    """Values met in masks, each with its code: its place here."""

    values: dict[int, int] = field(default_factory=dict)

    def of(self, mask: Array, where: str, legend: Legend | None = None) -> Array:
        """A mask of values (H, W) as codes, int16. Raises InputError for values that are too many or mean nothing."""
        different, places = _different(mask)
        found = [int(value) for value in different]
        if legend is not None:
            legend.refuse(found, where)
        fresh = [value for value in found if value not in self.values]
        if len(self.values) + len(fresh) > MOST_CLASSES + 1:
            raise InputError(
                f"{where}: the masks hold more than {MOST_CLASSES} different values",
                "give a class one value or colour; save masks without loss, as PNG",
            )
        self.values |= {value: len(self.values) + place for place, value in enumerate(fresh)}
        codes = np.array([self.values[value] for value in found], dtype=np.int16)
        made: Array = codes[places.reshape(np.shape(mask))]
        return made

    def classes(self, codes: Array, legend: Legend) -> Array:
        """Masks of codes as those of class indices, `UNKNOWN` where the class is."""
        index = {value: place for place, value in enumerate(legend.values)}
        table = np.full(len(self.values) + 1, UNKNOWN, dtype=np.int16)
        for value, code in self.values.items():
            table[code] = index.get(value, UNKNOWN)
        made: Array = table[codes]
        return made


def _different(mask: Array) -> tuple[Array, Array]:
    """The different values of a mask in their order, and for each place which it is."""
    if mask.dtype != np.uint8:
        values, places = np.unique(mask, return_inverse=True)
        return values, places
    there = np.bincount(mask.ravel(), minlength=256) > 0
    return np.flatnonzero(there), (np.cumsum(there) - 1)[mask]


def nearest(mask: Array, size: tuple[int, int]) -> Array:
    """A mask (H, W) at another size: each place has the class of the nearest one."""
    if mask.shape == size:
        return mask
    rows, columns = (
        ((np.arange(new) + 0.5) * (old / new)).astype(int) for old, new in zip(mask.shape, size, strict=True)
    )
    made: Array = mask[rows][:, columns]
    return made


def of_arrays(y: Array, name: str) -> Array:
    """Masks (N, H, W) of whole numbers as int32. Raises InputError."""
    array = np.asarray(y)
    if array.ndim == 4 and 1 in (array.shape[1], array.shape[3]):
        array = array[:, 0] if array.shape[1] == 1 else array[..., 0]
    if array.ndim != 3 or array.dtype.kind not in "biu":
        whole = array.ndim == 3 and array.dtype.kind == "f" and bool(np.equal(np.mod(array, 1), 0).all())
        if not whole:
            problem = f"{name} of shape {array.shape} and type {array.dtype} are no masks"
            raise InputError(problem, "give whole numbers (N, H, W), one class for each pixel, -1 where it is unknown")
    return array.astype(np.int32)
