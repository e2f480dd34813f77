"""What the readers of boxes have in common: image files by split, the boxes in each, and what is to be said of them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from netwright.errors import InputError
from netwright.tasks.examples import Array, listed
from netwright.tasks.readers.class_folders import SPLITS
from netwright.tasks.vision.files import SUFFIXES

LOOKED_AT = 5
"""Files that tell the form of a folder."""
BEGINNING = 2**16


@dataclass(frozen=True, eq=False)
class Picture:
    """An image file. labels: names of the classes of its boxes; boxes: (n, 4) left, top, right, bottom in its own
    pixels; where: what they were read from, for messages."""

    path: Path
    labels: tuple[str, ...]
    boxes: Array
    where: str

    @classmethod
    def of(cls, path: Path, found: list[tuple[str, tuple[float, ...]]], where: str | Path) -> Picture:
        boxes = np.array([box for _, box in found], dtype=np.float64).reshape(-1, 4)
        return cls(path, tuple(label for label, _ in found), boxes, str(where))


@dataclass
class Pictures:
    """pictures: by split; names: of classes, in their order, () where they have none; damaged: why some files cannot be
    used."""

    pictures: dict[str, list[Picture]] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    damaged: dict[Path, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)

    def add(self, split: str, picture: Picture) -> None:
        self.pictures.setdefault(split, []).append(picture)


def image_files(*folders: Path) -> dict[str, Path]:
    """Image files by the stems of their names, those of the first folders first."""
    found: dict[str, Path] = {}
    for folder in folders:
        for path in _inside(folder):
            if path.suffix.lower() in SUFFIXES and path.is_file():
                found.setdefault(path.stem, path)
    return found


def _inside(folder: Path) -> Iterator[Path]:
    if folder.is_dir():
        yield from (path for path in sorted(folder.iterdir()) if not path.name.startswith("."))


def folder_of(directory: Path, *names: str) -> Path | None:
    """The first folder inside that has one of the names, in whatever letters."""
    inside = {path.name.lower(): path for path in _inside(directory) if path.is_dir()}
    return next((inside[name] for name in names if name in inside), None)


def split_folders(directory: Path) -> dict[str, Path]:
    """The folders called like splits, by split."""
    found = {split: folder_of(directory, *words) for split, words in SPLITS.items()}
    return {split: folder for split, folder in found.items() if folder is not None}


def split_of(*words: str) -> str | None:
    """The split that some names have a word for.

    >>> split_of("instances_val2017"), split_of("latest")
    ('valid', None)
    """
    parts = set(re.findall("[a-z]+", " ".join(words).lower()))
    return next((split for split, names in SPLITS.items() if parts & set(names)), None)


def number(text: object, where: str) -> float:
    """A finite number. Raises InputError."""
    try:
        value = float(text)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        value = math.nan
    if isinstance(text, bool) or not math.isfinite(value):
        raise InputError(f"{where}: {text!r} is no number", "give the sides of a box as numbers")
    return value


def said_of(names: Sequence[str], what: str) -> list[str]:
    """A warning about some files, the first of them by name."""
    return [f"{len(names)} {what}: {listed(names, 3)}"] if names else []


def begins_with(path: Path, *words: bytes) -> bool:
    """Whether one of the words is in the beginning of a file."""
    with path.open("rb") as file:
        begin = file.read(BEGINNING)
    return any(word in begin for word in words)


def bytes_of(path: Path, most: int) -> bytes:
    """A file of at most so many bytes. Raises InputError."""
    try:
        if path.stat().st_size > most:
            raise InputError(f"{path} is larger than {most >> 20} MiB", "that is no annotation")
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}", "check the file") from None


def text_of(path: Path, most: int) -> str:
    """A text file in UTF-8 of at most so many bytes. Raises InputError."""
    try:
        return bytes_of(path, most).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise InputError(f"{path} is no text in UTF-8", "remove or replace it") from None
