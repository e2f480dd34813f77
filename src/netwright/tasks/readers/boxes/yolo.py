"""YOLO: for each image a text file with a line a box: class, then middle, width and height as shares of the image.

images/ and labels/, perhaps with train/, val/ and test/ inside; or train/, valid/ and test/ with images/ and labels/ in
each. Names of the classes: in data.yaml, classes.txt or obj.names. Lines of corners, as for outlines, count as the box
around them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from netwright.errors import InputError
from netwright.tasks.examples import listed
from netwright.tasks.readers.boxes.pictures import (
    LOOKED_AT,
    Picture,
    Pictures,
    folder_of,
    image_files,
    number,
    said_of,
    split_folders,
    text_of,
)
from netwright.tasks.vision.files import header

LARGEST = 16 * 2**20
"""Bytes of a file of labels, and of names."""
NAMES = ("classes.txt", "obj.names", "names.txt")
OUTSIDE = 1.0
"""How far outside the image a box may reach, by the image's size; more is taken for pixels."""
ASIDE = frozenset({"images", "image"}), frozenset({"labels", "label"})


def holds(directory: Path) -> bool:
    """Whether there are lines of boxes for images."""
    files = [path for _, labels in _pairs(directory).values() for path in _label_files(labels).values()]
    return any(map(_looks_right, files[:LOOKED_AT]))


def _looks_right(path: Path) -> bool:
    try:
        lines = [line.split() for line in text_of(path, LARGEST).splitlines() if line.strip()]
        return not lines or (len(lines[0]) >= 5 and all(number(part, "") is not None for part in lines[0]))
    except InputError:
        return False


def _pairs(directory: Path) -> dict[str, tuple[Path, Path]]:
    """The folders of images and of labels of each split."""
    pairs = {split: _pair(root) for split, root in split_folders(directory).items()}
    found = {split: pair for split, pair in pairs.items() if pair is not None}
    if "train" in found:
        return found
    whole = _pair(directory)
    if whole is None:
        return {}
    images, labels = whole
    inside, beside = split_folders(images), split_folders(labels)
    shared = {split: (inside[split], beside[split]) for split in inside if split in beside}
    return shared if "train" in shared else {"train": whole}


def _pair(root: Path) -> tuple[Path, Path] | None:
    images, labels = (folder_of(root, *sorted(names, reverse=True)) for names in ASIDE)
    return None if images is None or labels is None else (images, labels)


def _label_files(labels: Path) -> dict[str, Path]:
    return {path.stem: path for path in sorted(labels.glob("*.txt")) if path.name.lower() not in NAMES}


def find(directory: Path) -> Pictures:
    """Raises InputError for damaged names of classes."""
    found = Pictures(names=_names(directory))
    for split, (images, labels) in _pairs(directory).items():
        pictures, files = image_files(images), _label_files(labels)
        for stem, path in pictures.items():
            try:
                found.add(split, picture(path, files.get(stem), found.names))
            except InputError as error:
                found.damaged[files.get(stem, path)] = str(error)
        for stem in sorted(set(files) - set(pictures)):
            found.damaged[files[stem]] = f"{files[stem]}: there is no image of this name"
        bare = sorted(path.name for stem, path in pictures.items() if stem not in files)
        found.warnings += said_of(bare, f"images of the {split} split have no file of labels: they count as empty")
    return found


def picture(image: Path, labels: Path | None, names: tuple[str, ...]) -> Picture:
    """An image with the boxes of its file of labels. Raises InputError for an image or a line that cannot be used."""
    if labels is None:
        return Picture.of(image, [], image)
    height, width = header(image).size
    found: list[tuple[str, tuple[float, ...]]] = []
    for place, line in enumerate(text_of(labels, LARGEST).splitlines(), 1):
        if line.strip():
            name, (left, top, right, bottom) = _thing(line.split(), names, f"{labels}, line {place}")
            found.append((name, (left * width, top * height, right * width, bottom * height)))
    return Picture.of(image, found, labels)


def _thing(parts: list[str], names: tuple[str, ...], where: str) -> tuple[str, tuple[float, ...]]:
    """Name, and left, top, right, bottom as shares."""
    label, *values = (number(part, where) for part in parts)
    if label < 0 or label % 1 or (names and label >= len(names)):
        known = f"there are {len(names)} names, for classes from 0" if names else "give whole numbers from 0"
        raise InputError(f"{where} is of class {parts[0]}", known)
    if len(values) == 4:
        x, y, width, height = values
        box = (x - width / 2, y - height / 2, x + width / 2, y + height / 2)
    elif len(values) >= 6 and len(values) % 2 == 0:
        box = (min(values[::2]), min(values[1::2]), max(values[::2]), max(values[1::2]))
    else:
        raise InputError(f"{where} has {len(values)} numbers after the class", "give middle, width and height")
    if min(box) < -OUTSIDE or max(box) > 1 + OUTSIDE:
        raise InputError(f"{where} has a box far outside the image", "give shares of its width and height")
    return names[int(label)] if names else str(int(label)), box


def _names(directory: Path) -> tuple[str, ...]:
    """Of the classes 0, 1, …; () where none are given."""
    for path in sorted([*directory.glob("*.yaml"), *directory.glob("*.yml")]):
        names = _of_yaml(path)
        if names:
            return names
    for folder in (directory, directory / "labels"):
        for name in NAMES:
            if (folder / name).is_file():
                return _checked([line.strip() for line in text_of(folder / name, LARGEST).splitlines()], folder / name)
    return ()


def _of_yaml(path: Path) -> tuple[str, ...]:
    import yaml

    try:
        data = yaml.safe_load(text_of(path, LARGEST))
    except (yaml.YAMLError, RecursionError, ValueError):
        raise InputError(f"{path} is no YAML", "correct or remove it") from None
    names: Any = data.get("names") if isinstance(data, dict) else None
    if isinstance(names, dict):
        if sorted(names, key=str) != sorted(range(len(names)), key=str):
            raise InputError(f"{path} names the classes {listed(list(names))}", "number them from 0")
        names = [names[place] for place in range(len(names))]
    return _checked(list(map(str, names)), path) if isinstance(names, list) else ()


def _checked(names: list[str], path: Path) -> tuple[str, ...]:
    while names and not names[-1]:
        names.pop()
    if len(set(names)) < len(names) or not all(names):
        raise InputError(f"{path}: two classes have the same name, or one has none", "give each its own name")
    return tuple(names)
