"""A folder of class folders of image files, all together or under train/, valid/ and test/."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.examples import Array, Examples, Part, listed
from netwright.tasks.files import SUFFIXES, Header, header, pixels

SPLITS = {"train": ("train", "training"), "valid": ("valid", "val", "validation"), "test": ("test", "testing")}
LARGE = 160
"""Pixels of a side from which on a size is advised."""
MOST_DAMAGED = 0.05
"""Share of the files that may be damaged and are skipped."""


@dataclass
class _Found:
    """The image files of a folder, by split, and what happened to them."""

    files: dict[str, list[tuple[Path, str]]]
    headers: dict[Path, Header] = field(default_factory=dict)
    damaged: dict[Path, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def read(directory: Path, name: str, size: tuple[int, int] | None = None) -> Examples:
    """Reads and decodes every image. size: (H, W) to resize all to; without it they must have one size.

    Damaged files are skipped with a warning, up to a twentieth of all. Raises InputError.
    """
    try:
        found = _find(directory)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}", "check the folder's permissions") from None
    _look(found)
    channels = _channels(found)
    shape = size or _one_size(found.headers)
    if max(shape) > LARGE:
        found.warnings.append(
            f"images of {_times(shape)} pixels train slowly: give a size to resize them to, such as 64"
        )
    _check_memory(directory, len(found.headers), channels, shape)
    parts = {split: _decode(files, channels, shape, found) for split, files in found.files.items()}
    _check_damaged(directory, found)
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


def _find(directory: Path) -> _Found:
    folders = {entry.name.lower(): entry for entry in sorted(directory.iterdir()) if _is_class(entry)}
    roots = {split: next((folders[word] for word in words if word in folders), None) for split, words in SPLITS.items()}
    if not _is_split(roots["train"], folders):
        roots = {"train": directory}
    found = _Found({})
    for split, root in roots.items():
        files = _class_files(root, found.warnings) if root is not None else []
        if files:
            found.files[split] = files
    if "train" not in found.files:
        raise _nothing(roots["train"] or directory)
    return found


def _is_split(train: Path | None, folders: Iterable[str]) -> bool:
    """Whether a folder `train` holds a split, not the images of a class of that name."""
    if train is None:
        return False
    words = {word for names in SPLITS.values() for word in names}
    return any(map(_is_class, train.iterdir())) or set(folders) <= words


def _is_class(entry: Path) -> bool:
    return entry.is_dir() and not entry.name.startswith((".", "__"))


def _nothing(directory: Path) -> InputError:
    way_out = "put each class's images in a folder of its own, such as cats/1.png and dogs/2.png"
    loose = any(entry.suffix.lower() in SUFFIXES for entry in directory.iterdir())
    held = "images but no class folders" if loose else "no images"
    return InputError(f"{directory} holds {held}", way_out)


def _class_files(root: Path, warnings: list[str]) -> list[tuple[Path, str]]:
    made: list[tuple[Path, str]] = []
    others: list[str] = []
    for folder in sorted(filter(_is_class, root.iterdir())):
        inside = [path for path in _walk(folder) if not path.name.startswith(".")]
        images = [path for path in inside if path.suffix.lower() in SUFFIXES]
        others += [str(path) for path in inside if path.suffix.lower() not in SUFFIXES]
        if not images:
            warnings.append(f"class folder {folder} holds no images: it is left out")
        made += [(path, folder.name) for path in images]
    if others:
        warnings.append(f"{len(others)} files that are no images were ignored: {listed(others, 3)}")
    return made


def _walk(folder: Path) -> Iterable[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names))


def _look(found: _Found) -> None:
    for files in found.files.values():
        for path, _ in files:
            try:
                found.headers[path] = header(path)
            except InputError as error:
                found.damaged[path] = str(error)
    if not found.headers:
        raise InputError(f"no image can be read: {next(iter(found.damaged.values()))}", "")


def _channels(found: _Found) -> int:
    grey = sum(entry.grey for entry in found.headers.values())
    if grey == len(found.headers):
        return 1
    if grey:
        found.warnings.append(
            f"{grey} of {len(found.headers)} images are grey, the others in colour: all are read as RGB"
        )
    return 3


def _one_size(headers: Mapping[Path, Header]) -> tuple[int, int]:
    counts = Counter(entry.size for entry in headers.values())
    usual = counts.most_common(1)[0][0]
    if len(counts) > 1:
        other = next(path for path, entry in headers.items() if entry.size != usual)
        same = next(path for path, entry in headers.items() if entry.size == usual)
        sizes = f"{other} has {_times(headers[other].size)} pixels, {same} {_times(usual)}"
        way_out = f"give a size to resize them all to, such as {usual[0]}"
        raise InputError(f"the images have {len(counts)} sizes: {sizes}", way_out)
    return usual


def _times(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def _check_memory(directory: Path, count: int, channels: int, size: tuple[int, int]) -> None:
    needed = count * channels * size[0] * size[1]
    if 2 * needed > psutil.virtual_memory().available:
        problem = f"{directory}: {count:,} images of {_times(size)} pixels take {needed / 2**30:.1f} GiB"
        raise InputError(problem, "give a smaller size to resize them to")


def _decode(files: Sequence[tuple[Path, str]], channels: int, size: tuple[int, int], found: _Found) -> Part:
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


def _check_damaged(directory: Path, found: _Found) -> None:
    total = sum(map(len, found.files.values()))
    if not found.damaged:
        return
    first = "; ".join(list(found.damaged.values())[:3])
    summary = f"{len(found.damaged)} of {total} images cannot be read"
    if len(found.damaged) > MOST_DAMAGED * total:
        raise InputError(f"{directory}: {summary}: {first}", "remove or replace them")
    found.warnings.append(f"{summary} and were skipped: {first}")
