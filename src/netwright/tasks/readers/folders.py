"""A folder of class folders of image files, all together or under train/, valid/ and test/."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.examples import Array, Examples, Part
from netwright.tasks.readers.class_folders import Files, Sort, check_damaged, find
from netwright.tasks.vision.files import SUFFIXES, Header, header, pixels

IMAGES = Sort("images", SUFFIXES, "cats/1.png and dogs/2.png")
LARGE = 160
"""Pixels of a side from which on a size is advised."""


@dataclass
class Found(Files):
    """The image files of a folder."""

    headers: dict[Path, Header] = field(default_factory=dict)


def read(directory: Path, name: str, size: tuple[int, int] | None = None) -> Examples:
    """Reads and decodes every image. size: (H, W) to resize all to; without it they must have one size.

    Damaged files are skipped with a warning, up to a twentieth of all. Raises InputError.
    """
    found = Found()
    try:
        find(directory, IMAGES, found)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}", "check the folder's permissions") from None
    look(found)
    channels = channels_of(found)
    shape = size or one_size(found.headers)
    if max(shape) > LARGE:
        found.warnings.append(
            f"images of {times(shape)} pixels train slowly: give a size to resize them to, such as 64"
        )
    check_memory(directory, len(found.headers), channels, shape)
    parts = {split: _decode(files, channels, shape, found) for split, files in found.files.items()}
    check_damaged(directory, found, IMAGES)
    train = parts["train"]
    source = {"origin": str(directory), "sha256": digest.of_parts(parts.values())}
    return Examples(
        name,
        train,
        valid=parts.get("valid"),
        test=parts.get("test"),
        source=source,
        warnings=tuple(found.warnings),
        span=(0, 255),
        resize=size is not None,
    )


def look(found: Found) -> None:
    for files in found.files.values():
        for path, _ in files:
            try:
                found.headers[path] = header(path)
            except InputError as error:
                found.damaged[path] = str(error)
    if not found.headers:
        raise InputError(f"no image can be read: {next(iter(found.damaged.values()))}", "")


def channels_of(found: Found) -> int:
    grey = sum(entry.grey for entry in found.headers.values())
    if grey == len(found.headers):
        return 1
    if grey:
        found.warnings.append(
            f"{grey} of {len(found.headers)} images are grey, the others in colour: all are read as RGB"
        )
    return 3


def one_size(headers: Mapping[Path, Header]) -> tuple[int, int]:
    counts = Counter(entry.size for entry in headers.values())
    usual = counts.most_common(1)[0][0]
    if len(counts) > 1:
        other = next(path for path, entry in headers.items() if entry.size != usual)
        same = next(path for path, entry in headers.items() if entry.size == usual)
        sizes = f"{other} has {times(headers[other].size)} pixels, {same} {times(usual)}"
        way_out = f"give a size to resize them all to, such as {usual[0]}"
        raise InputError(f"the images have {len(counts)} sizes: {sizes}", way_out)
    return usual


def times(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def check_memory(directory: Path, count: int, channels: int, size: tuple[int, int]) -> None:
    needed = count * channels * size[0] * size[1]
    if 2 * needed > psutil.virtual_memory().available:
        problem = f"{directory}: {count:,} images of {times(size)} pixels take {needed / 2**30:.1f} GiB"
        raise InputError(problem, "give a smaller size to resize them to")


def _decode(files: Sequence[tuple[Path, str]], channels: int, size: tuple[int, int], found: Found) -> Part:
    x = np.empty((len(files), channels, *size), dtype=np.uint8)
    kept: list[str] = []
    for path, label in files:
        if path in found.damaged:
            continue
        try:
            x[len(kept)] = pixels(path, channels, size)
        except InputError as error:
            found.damaged[path] = str(error)
        else:
            kept.append(label)
    return Part(x[: len(kept)], _texts(kept))


def _texts(labels: list[str]) -> Array:
    made = np.empty(len(labels), dtype=object)
    made[:] = labels
    return made
