"""COCO's JSON (Lin et al. 2014, https://arxiv.org/abs/1405.0312) as masks: polygons and run lengths drawn, small
objects over large ones, on a background.

One file for each split, in the folder or in annotations/: instances_train2017.json, train.json, _annotations.coco.json
beside the images.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks.examples import Array, Examples, listed
from netwright.tasks.readers.class_folders import SPLITS
from netwright.tasks.readers.masks import Pairs, examples
from netwright.tasks.vision.files import Mask
from netwright.tasks.vision.masks import Legend

BACKGROUND = "background"
_WORDS = re.compile(r"[a-z]+")


def is_one(directory: Path) -> bool:
    """Whether a folder has such files."""
    return any(_looks_like_one(path) for path in _candidates(directory))


def read(directory: Path, name: str, size: tuple[int, int] | None = None) -> Examples:
    """Raises InputError for what cannot be used, naming file and annotation."""
    found = Pairs()
    known: dict[str, Categories] = {}
    for split, path in _files(directory).items():
        data = _loaded(path)
        known[split] = _categories(data, path)
        if known[split] != known["train"]:
            raise InputError(f"{path} has other categories than the training split", "give them the same")
        _add(split, data, path, known[split], found)
    if not known:
        raise InputError(f"{directory} holds no COCO annotations", "such as annotations/instances_train.json")
    names = tuple(known["train"].names)
    legend = Legend(names, tuple(range(len(names))), origin="the categories")
    return examples(directory, name, size, found, legend)


def _candidates(directory: Path) -> list[Path]:
    places = (directory, directory / "annotations", *(directory / word for words in SPLITS.values() for word in words))
    return sorted(path for place in places if place.is_dir() for path in place.glob("*.json"))


def _looks_like_one(path: Path) -> bool:
    with path.open("rb") as file:
        begin = file.read(2**16)
    return b'"images"' in begin or (b'"annotations"' in begin and b'"categories"' in begin)


def _files(directory: Path) -> dict[str, Path]:
    """By split, told from their names or their folders'; a single one is for training."""
    paths = [path for path in _candidates(directory) if _looks_like_one(path)]
    found: dict[str, Path] = {}
    for path in paths:
        words = set(_WORDS.findall(path.stem.lower()))
        words |= {path.parent.name.lower()} if path.parent != directory else set()
        split = next((split for split, known in SPLITS.items() if words & set(known)), None)
        if split is None and len(paths) == 1:
            split = "train"
        if split is not None and split in found:
            raise InputError(f"{found[split]} and {path} are both for the {split} split", "keep one")
        if split is not None:
            found[split] = path
    if paths and "train" not in found:
        raise InputError(f"{directory}: none of {listed(paths, 3)} is for training", "call one train.json")
    return dict(sorted(found.items(), key=lambda item: item[0] != "train"))


def _loaded(path: Path) -> dict[str, Any]:
    try:
        data: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(f"{path} is no readable JSON ({error})", "correct it") from None
    for part in ("images", "annotations", "categories"):
        if not isinstance(data, dict) or not isinstance(data.get(part), list):
            raise InputError(f"{path} has no list of {part}", "give COCO's form: images, annotations, categories")
    return data


@dataclass(frozen=True)
class Categories:
    """names: with the background first; index: id of a category -> its class."""

    names: tuple[str, ...]
    index: Mapping[int, int]


def _categories(data: Mapping[str, Any], path: Path) -> Categories:
    found: dict[int, str] = {}
    for place, one in enumerate(data["categories"]):
        if not isinstance(one, Mapping) or type(one.get("id")) is not int or not isinstance(one.get("name"), str):
            raise InputError(f"{path}: category {place} has no id and name", "give both")
        found[one["id"]] = one["name"]
    ids = sorted(found)
    names = (BACKGROUND, *(found[id_] for id_ in ids))
    if len(ids) != len(data["categories"]) or len(set(names)) != len(names):
        raise InputError(f"{path}: categories have the same id or name", f"each needs its own, and none {BACKGROUND!r}")
    return Categories(names, {id_: place for place, id_ in enumerate(ids, 1)})


def _add(split: str, data: Mapping[str, Any], path: Path, known: Categories, found: Pairs) -> None:
    shapes: dict[Any, list[Mapping[str, Any]]] = {}
    for place, one in enumerate(data["annotations"]):
        where = f"{path}: annotation {place}"
        given = one.get("category_id") if isinstance(one, Mapping) else one
        if type(given) is not int or given not in known.index:
            raise InputError(f"{where} has the category {given!r:.60}", f"known: {listed(sorted(known.index))}")
        if not isinstance(one.get("image_id"), int | str):
            raise InputError(f"{where} has no image_id", "give the id of an image")
        shapes.setdefault(one["image_id"], []).append({**one, "where": where})
    for place, one in enumerate(data["images"]):
        name, id_, height, width = _described(one, f"{path}: image {place}")
        make = functools.partial(_drawn, (height, width), shapes.get(id_, []), known)
        found.add(split, _placed(path, name, split), path, make)


def _described(one: Any, where: str) -> tuple[str, int | str, int, int]:
    """An image's file_name, id, height and width."""
    given = [one.get(name) if isinstance(one, Mapping) else None for name in ("file_name", "id", "height", "width")]
    name, id_, height, width = given
    sizes = all(type(size) is int and 0 < size < 2**15 for size in (height, width))
    if not isinstance(name, str) or not isinstance(id_, int | str) or not sizes:
        raise InputError(f"{where} has no file_name, id, height and width", "give all four")
    return name, id_, int(height or 0), int(width or 0)


def _placed(path: Path, name: str, split: str) -> Path:
    """Where an image may lie: beside its annotations, in images/, in the folder of its split. Not elsewhere."""
    inside = Path(name)
    if inside.is_absolute() or ".." in inside.parts:
        raise InputError(f"{path}: the image {name!r} is outside of the folder", "give paths within it")
    root = path.parent.parent if path.parent.name == "annotations" else path.parent
    words = SPLITS[split]
    folders = [root / "images", *(root / "images" / word for word in words), *(root / word for word in words), root]
    folders += [entry for entry in sorted(root.iterdir()) if entry.is_dir() and entry.name.startswith(words)]
    return next((folder / inside for folder in (path.parent, *folders) if (folder / inside).is_file()), root / inside)


def _drawn(size: tuple[int, int], shapes: Sequence[Mapping[str, Any]], known: Categories) -> Mask:
    """Raises InputError for a shape that cannot be drawn."""
    mask = np.zeros(size, dtype=np.uint8 if len(known.names) < 256 else np.int32)
    drawn = ((one, _inside(one, size)) for one in shapes)
    order = sorted(drawn, key=lambda pair: -int(pair[1].sum()))
    for one, inside in order:
        mask[inside] = known.index[one["category_id"]]
    return Mask(mask)


def _inside(one: Mapping[str, Any], size: tuple[int, int]) -> Array:
    """(H, W) bool: where an annotation's object is."""
    shape = one.get("segmentation")
    if isinstance(shape, Mapping):
        return _of_runs(shape, size, one["where"])
    if not isinstance(shape, list):
        raise InputError(f"{one['where']} has no segmentation", "give polygons or run lengths")
    from PIL import Image, ImageDraw

    canvas = Image.new("1", (size[1], size[0]))
    for polygon in _polygons(shape, one["where"]):
        ImageDraw.Draw(canvas).polygon(polygon, fill=1, outline=1)
    return np.asarray(canvas)


def _polygons(shape: Sequence[Any], where: str) -> Iterator[list[tuple[float, float]]]:
    for polygon in shape:
        numbers = isinstance(polygon, list) and all(type(one) in (int, float) for one in polygon)
        if not numbers or len(polygon) % 2 or len(polygon) < 6:
            raise InputError(f"{where} has a polygon that is none", "give x, y, x, y, … of at least three corners")
        yield list(zip(polygon[::2], polygon[1::2], strict=True))


def _of_runs(shape: Mapping[str, Any], size: tuple[int, int], where: str) -> Array:
    """Run lengths column by column, of what is outside first, as numbers or in COCO's compressed text."""
    counts = shape.get("counts")
    runs = _unpacked(counts) if isinstance(counts, str) else counts
    whole = isinstance(runs, list) and all(type(run) is int and run >= 0 for run in runs)
    if shape.get("size") != list(size) or not whole or sum(runs or []) != size[0] * size[1]:
        raise InputError(f"{where} has run lengths that do not fit {size[0]} x {size[1]} pixels", "correct them")
    assert runs is not None
    flat = np.repeat(np.arange(len(runs)) % 2 == 1, runs)
    return flat.reshape(size[1], size[0]).T


def _unpacked(text: str) -> list[int]:
    """COCO's text: five bits a character from '0' on, a sixth for more to come, each count from the fourth on less
    the one two before it."""
    runs: list[int] = []
    value = shift = 0
    for letter in text:
        bits = ord(letter) - 48
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    return runs
