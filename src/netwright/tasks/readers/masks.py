"""Images with masks: folders of both, Pascal VOC's folders, COCO's JSON. Each finds the pairs; what follows is here."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.examples import Array, Examples, Part
from netwright.tasks.readers.class_folders import Sort, check_damaged
from netwright.tasks.readers.folders import Found, channels_of, check_memory, look, one_size, times
from netwright.tasks.vision import files
from netwright.tasks.vision.files import Mask, pixels
from netwright.tasks.vision.masks import Codes, Colour, Legend, guessed, nearest

PAIRS = Sort("images with masks", files.SUFFIXES, "images/1.png and masks/1.png")
LARGE = 320
"""Pixels of a side from which on a size is advised."""


@dataclass
class Pairs(Found):
    """Images with what their masks are made of: the second of each pair is the mask's name."""

    masks: dict[Path, Callable[[], Mask]] = field(default_factory=dict)

    def add(self, split: str, image: Path, mask: Path | None, make: Callable[[], Mask] | None = None) -> None:
        """mask: its file, or the one that it is made from; None: there is none."""
        self.files.setdefault(split, []).append((image, str(mask)))
        if mask is None:
            self.damaged[image] = f"{image} has no mask"
        else:
            self.masks[image] = make or functools.partial(files.mask, mask)


def examples(directory: Path, name: str, size: tuple[int, int] | None, found: Pairs, legend: Legend | None) -> Examples:
    """Reads every image and its mask. size: (H, W) to resize all to, masks by the nearest place; legend: what values
    mean, None: each is a class.

    Pairs that cannot be used are skipped with a warning, up to a twentieth of all. Raises InputError.
    """
    if "train" not in found.files:
        raise InputError(f"{directory} holds no images with masks", f"put them in folders, such as {PAIRS.example}")
    look(found)
    channels = channels_of(found)
    shape = size or one_size(found.headers)
    if max(shape) > LARGE:
        found.warnings.append(
            f"images of {times(shape)} pixels train slowly: give a size to resize them to, such as 192"
        )
    check_memory(directory, len(found.headers), channels + 2, shape)
    reading = _Reading(shape, channels, legend, found)
    read = {split: reading.part(pairs) for split, pairs in found.files.items()}
    check_damaged(directory, found, PAIRS)
    legend = legend or guessed(list(reading.codes.values), bool(reading.coloured))
    parts = {
        split: Part(x, reading.codes.classes(codes, legend), f"{directory}, the {split} images with masks")
        for split, (x, codes) in read.items()
        if len(x)
    }
    return Examples(
        name,
        parts["train"],
        valid=parts.get("valid"),
        test=parts.get("test"),
        source={"origin": str(directory), "sha256": digest.of_parts(parts.values())},
        warnings=tuple(found.warnings),
        classes=legend.names,
        span=(0, 255),
        resize=size is not None,
        colours=legend.colours or _of_palette(reading.colours, legend),
    )


def _of_palette(colours: tuple[Colour, ...], legend: Legend) -> tuple[Colour, ...]:
    """The classes' colours in a palette of the masks, () where it does not tell them apart."""
    if legend.coloured or max(legend.values) >= len(colours):
        return ()
    chosen = tuple(colours[value] for value in legend.values)
    return chosen if len(set(chosen)) == len(chosen) else ()


class _Reading:
    """Pairs of one size becoming arrays. codes: of the values met; coloured: whether these are colours, None: nothing
    was met; colours: the first palette met."""

    def __init__(self, shape: tuple[int, int], channels: int, legend: Legend | None, found: Pairs) -> None:
        self.shape, self.channels, self.legend, self.found = shape, channels, legend, found
        self.codes = Codes()
        self.coloured = None if legend is None else legend.coloured
        self.colours: tuple[Colour, ...] = ()

    def part(self, pairs: Iterable[tuple[Path, str]]) -> tuple[Array, Array]:
        """Images (N, C, H, W) uint8 and masks (N, H, W) as codes, of what can be read."""
        usable = [pair for pair in pairs if pair[0] not in self.found.damaged]
        x = np.empty((len(usable), self.channels, *self.shape), dtype=np.uint8)
        y = np.empty((len(usable), *self.shape), dtype=np.int16)
        kept = 0
        for image, mask in usable:
            try:
                y[kept] = self._mask(image, mask)
                x[kept] = pixels(image, self.channels, self.shape)
            except InputError as error:
                self.found.damaged[image] = str(error)
            else:
                kept += 1
        return x[:kept], y[:kept]

    def _mask(self, image: Path, name: str) -> Array:
        read = self.found.masks[image]()
        size = self.found.headers[image].size
        if read.values.shape != size:
            problem = f"{name} has {times(read.values.shape)} pixels, {image} {times(size)}"
            raise InputError(problem, "give an image's mask its size")
        self.colours = self.colours or read.colours
        return self.codes.of(nearest(self._values(read, name), self.shape), name, self.legend)

    def _values(self, read: Mask, name: str) -> Array:
        """The values as the legend has them, or as the first mask has."""
        if self.coloured is None:
            self.coloured = read.coloured
        if self.coloured == read.coloured:
            return read.values
        if self.coloured and read.values.max(initial=0) < 256:
            return read.in_colours()
        red = read.values >> 16
        if read.coloured and np.array_equal(red * 0x010101, read.values):
            return red
        raise InputError(
            f"{name} holds {'colours' if read.coloured else 'numbers'}, which {self._origin} does not have",
            "give all masks of one kind, and a colour for each class where they are colours",
        )

    @property
    def _origin(self) -> str:
        return self.legend.origin if self.legend else "the first mask"
