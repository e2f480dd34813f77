"""COCO: one JSON file for each split (Lin et al. 2014, https://arxiv.org/abs/1405.0312).

annotations/instances_train2017.json beside train2017/; or _annotations.coco.json in train/, valid/ and test/; or one
annotations.json beside images/. Images are looked for beside the file, in images/, in a folder called like the file,
then everywhere in the folder, and never outside it.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from netwright.errors import InputError
from netwright.tasks.readers.boxes.pictures import (
    Picture,
    Pictures,
    begins_with,
    folder_of,
    number,
    split_folders,
    split_of,
    text_of,
)
from netwright.tasks.vision.files import SUFFIXES

KEYS = (b'"images"', b'"annotations"', b'"categories"')
LARGEST = 2**30
"""Bytes of a file."""
WORDS = ("coco", "instances", "annotations", "labels")
"""What the names of files have in them, one of these."""
MOST_STRAY = 0.05
"""Share of the boxes that may be of images that the file does not have."""


def holds(directory: Path) -> bool:
    """Whether there are files of annotations, by their names and beginnings."""
    return any(begins_with(path, *KEYS) for path in _files(directory))


def _files(directory: Path) -> list[Path]:
    own = folder_of(directory, "annotations")
    folders = [directory, *([own] if own else []), *split_folders(directory).values()]
    inside = [path for folder in folders for path in sorted(folder.glob("*.json"))]
    return [path for path in inside if any(word in path.name.lower() for word in WORDS) or path.parent == own]


def find(directory: Path) -> Pictures:
    """Raises InputError for a file that is damaged, or where it is not told which split it is."""
    found, everywhere = Pictures(), _Everywhere(directory)
    for split, path in _splits(directory).items():
        _read(path, split, found, everywhere)
    return found


def _splits(directory: Path) -> dict[str, Path]:
    """The file of each split, by its name or its folder's."""
    files = [
        path for path in _files(directory) if not path.name.startswith(("captions", "person_keypoints", "image_info"))
    ]
    splits: dict[str, Path] = {}
    for path in files:
        split = split_of(path.stem, path.parent.name if path.parent != directory else "") or "train"
        if split in splits:
            raise InputError(f"{splits[split]} and {path} are both for the {split} split", "leave one in the folder")
        splits[split] = path
    if "train" not in splits:
        raise InputError(f"{directory} holds no annotations to train on", "give a file with train in its name")
    return splits


def _read(path: Path, split: str, found: Pictures, everywhere: _Everywhere) -> None:
    data = _loaded(path)
    names = {one["id"]: str(one["name"]).strip() for one in _entries(path, data, "categories", "id", "name")}
    images = {one["id"]: str(one["file_name"]) for one in _entries(path, data, "images", "id", "file_name")}
    boxes: dict[Any, list[tuple[str, tuple[float, ...]]]] = {key: [] for key in images}
    left_out: Counter[str] = Counter()
    annotations = _entries(path, data, "annotations", "image_id", "category_id")
    for place, one in enumerate(annotations):
        if one["image_id"] not in images:
            left_out["are of images that it does not have"] += 1
        elif one.get("iscrowd") == 1:
            left_out["are of crowds"] += 1
        else:
            boxes[one["image_id"]].append(_thing(one, names, f"{path}, annotation {place}"))
    stray = left_out["are of images that it does not have"]
    if stray > MOST_STRAY * len(annotations):
        raise InputError(f"{path}: {stray} of {len(annotations)} boxes are of images that it does not have", "mend it")
    found.warnings += [f"{path.name}: {count} boxes {why} and are left out" for why, count in left_out.items()]
    found.names = tuple(dict.fromkeys((*found.names, *(names[key] for key in sorted(names, key=_order)))))
    for key, file in images.items():
        image = everywhere.located(file, path)
        if image is None:
            found.damaged[path.parent / file] = f"{path}: there is no image {file}"
        else:
            found.add(split, Picture.of(image, boxes[key], f"{path}, image {file}"))


def _order(key: Any) -> tuple[bool, Any]:
    return isinstance(key, str), key


def _loaded(path: Path) -> Mapping[str, Any]:
    try:
        data = json.loads(text_of(path, LARGEST))
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON ({error})", "replace it") from None
    if not isinstance(data, Mapping):
        raise InputError(f"{path} holds no annotations", "give images, annotations and categories")
    return data


def _entries(path: Path, data: Mapping[str, Any], name: str, *fields: str) -> Sequence[Mapping[str, Any]]:
    """The entries of a list, each with these fields. Raises InputError naming the first that lacks one."""
    entries = data.get(name)
    if not isinstance(entries, list):
        raise InputError(f"{path} has no list of {name}", "give images, annotations and categories")
    for place, one in enumerate(entries):
        keys = [] if not isinstance(one, Mapping) else [one.get(field) for field in fields]
        if not keys or not all(isinstance(key, str | int) for key in keys):
            raise InputError(f"{path}: {name}[{place}] lacks {' or '.join(fields)}", "add it")
    return entries


def _thing(one: Mapping[str, Any], names: Mapping[Any, str], where: str) -> tuple[str, tuple[float, ...]]:
    if one["category_id"] not in names:
        raise InputError(
            f"{where} is of category {one['category_id']!r}", f"there are {len(names)}: name it among them"
        )
    given = one.get("bbox")
    if not isinstance(given, list) or len(given) != 4:
        raise InputError(f"{where} has the box {given!r}", "give left, top, width and height")
    left, top, width, height = (number(value, where) for value in given)
    return names[one["category_id"]], (left, top, left + width, top + height)


class _Everywhere:
    """The image files of a folder, by their names."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self._named: dict[str, list[Path]] | None = None

    def located(self, file: str, annotations: Path) -> Path | None:
        """The image that a file of annotations calls so, None where there is none, or are several."""
        plain = file.replace("\\", "/")
        own = annotations.stem.removeprefix("instances_")
        for folder in (annotations.parent, self.directory, self.directory / "images", self.directory / own):
            path = folder / plain
            if self._inside(path) and path.is_file():
                return path
        named = self._index().get(Path(plain).name, [])
        return named[0] if len(named) == 1 else None

    def _inside(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self.directory)
        except (OSError, ValueError):
            return False

    def _index(self) -> dict[str, list[Path]]:
        if self._named is None:
            self._named = {}
            for parent, _, names in os.walk(self.directory):
                for name in names:
                    if Path(name).suffix.lower() in SUFFIXES:
                        self._named.setdefault(name, []).append(Path(parent, name))
        return self._named
