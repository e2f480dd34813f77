"""Which form a folder of images with boxes has, and its images as a network takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.examples import Array, listed, objects
from netwright.tasks.readers.boxes import coco, voc, yolo
from netwright.tasks.readers.boxes.pictures import Picture, Pictures
from netwright.tasks.readers.class_folders import skipped
from netwright.tasks.readers.folders import check_memory
from netwright.tasks.vision.boxes import BoxExamples, Pictured, chosen_size, rounded_size
from netwright.tasks.vision.files import Header, fitted, header
from netwright.tasks.vision.images import fitted_size

FORMS: dict[str, tuple[Callable[[Path], bool], Callable[[Path], Pictures]]] = {
    "VOC": (voc.holds, voc.find),
    "COCO": (coco.holds, coco.find),
    "YOLO": (yolo.holds, yolo.find),
}
SLACK, LEAST = 1.0, 1.0
"""Pixels that a box may reach over the edge without a word; of the narrowest box."""


def form_of(directory: Path) -> str | None:
    """VOC, COCO or YOLO, None for any other folder."""
    return next((name for name, (holds, _) in FORMS.items() if holds(directory)), None)


def read(directory: Path, name: str, size: tuple[int, int] | None = None) -> BoxExamples:
    """A folder of images and their boxes.

    size: (H, W) of what a network takes, both alike: of the longer side; chosen by the data when left out. Boxes are
    cut off at the image's edge; those without height or width are left out and counted. Damaged files are skipped
    with a warning, up to a twentieth of all. Raises InputError.
    """
    try:
        form = form_of(directory)
        if form is None:
            wanted = "give a folder of Pascal VOC, COCO or YOLO: see the chapter on detection in docs/domains.md"
            raise InputError(f"{directory} holds no images with boxes", wanted)
        found = FORMS[form][1](directory)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}", "check the folder's permissions") from None
    looked = _Looked(found)
    place = _place(looked, size)
    check_memory(directory, sum(map(len, looked.pictures.values())), looked.channels, place)
    parts = {split: _decoded(pictures, looked, place) for split, pictures in looked.pictures.items()}
    total = sum(len(part.x) for part in parts.values()) + len(found.damaged)
    warnings = [*found.warnings, *skipped(directory, found.damaged, total, "annotated images"), *looked.said(place)]
    source = {"origin": str(directory), "form": form, "sha256": _digest(parts)}
    return BoxExamples(name, parts, found.names, source, tuple(warnings))


@dataclass
class _Looked:
    """Pictures whose files were looked at, with their boxes made sound."""

    found: Pictures
    pictures: dict[str, list[Picture]] = field(default_factory=dict)
    headers: dict[Path, Header] = field(default_factory=dict)
    cut: int = 0
    flat: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        for split, pictures in self.found.pictures.items():
            self.pictures[split] = [sound for one in pictures if (sound := self._sound(one)) is not None]
        if not self.pictures.get("train"):
            why = next(iter(self.found.damaged.values()), "there are none in the training split")
            raise InputError(f"no annotated image can be used: {why}", "")

    def _sound(self, picture: Picture) -> Picture | None:
        try:
            looked = self.headers[picture.path] = header(picture.path)
        except InputError as error:
            self.found.damaged[picture.path] = str(error)
            return None
        height, width = looked.size
        most = np.array([width, height, width, height])
        boxes = np.clip(picture.boxes, 0, most)
        self.cut += int((np.abs(boxes - picture.boxes) > SLACK).any(axis=1).sum())
        wide = ((boxes[:, 2:] - boxes[:, :2]) >= LEAST).all(axis=1)
        self.flat += [f"{picture.where} ({picture.labels[place]})" for place in np.flatnonzero(~wide)]
        labels = tuple(label for label, kept in zip(picture.labels, wide, strict=True) if kept)
        return replace(picture, labels=labels, boxes=boxes[wide])

    @property
    def channels(self) -> int:
        return 1 if all(one.grey for one in self.headers.values()) else 3

    def said(self, place: tuple[int, int]) -> list[str]:
        """Warnings about boxes and sizes."""
        shapes = {one.size for one in self.headers.values()}
        said = [f"{self.cut} boxes reach over the edge of their image and are cut off there"] if self.cut else []
        if self.flat:
            said.append(f"{len(self.flat)} boxes without height or width are left out: {listed(self.flat, 3)}")
        if shapes != {place}:
            own = next(iter(shapes))
            given = f"images of {own[1]} x {own[0]} pixels" if len(shapes) == 1 else f"images of {len(shapes)} sizes"
            said.append(f"{given} are scaled to fit into {place[1]} x {place[0]}, with grey beside them")
        return said


def _place(looked: _Looked, size: tuple[int, int] | None) -> tuple[int, int]:
    """Height and width of what a network takes."""
    train = looked.pictures["train"]
    sizes = np.array([looked.headers[one.path].size for one in train], dtype=np.float64)
    if size is None or size[0] == size[1]:
        boxes = [(one.labels, one.boxes / side) for one, side in zip(train, sizes.max(axis=1), strict=True)]
        return chosen_size(sizes, boxes, None if size is None else size[0])
    return rounded_size(*size)


def _decoded(pictures: Sequence[Picture], looked: _Looked, place: tuple[int, int]) -> Pictured:
    x = np.empty((len(pictures), looked.channels, *place), dtype=np.uint8)
    kept: list[Picture] = []
    for picture in pictures:
        try:
            x[len(kept)] = fitted(picture.path, looked.channels, place)
        except InputError as error:
            looked.found.damaged[picture.path] = str(error)
        else:
            kept.append(picture)
    boxes = [_scaled(one, looked.headers[one.path].size, place) for one in kept]
    labels, places = objects([one.labels for one in kept]), objects([one.where for one in kept])
    return Pictured(x[: len(kept)], labels, objects(boxes), places)


def _scaled(picture: Picture, size: tuple[int, int], place: tuple[int, int]) -> Array:
    """Its boxes in pixels of what a network takes."""
    height, width = fitted_size(size, place)
    scaled: Array = picture.boxes * np.array([width / size[1], height / size[0]] * 2)
    return scaled


def _digest(parts: dict[str, Pictured]) -> str:
    import hashlib

    sha = hashlib.sha256()
    for part in parts.values():
        digest.update(sha, part.x)
        for labels, boxes in zip(part.labels, part.boxes, strict=True):
            digest.update(sha, objects(labels))
            digest.update(sha, boxes)
    return sha.hexdigest()
