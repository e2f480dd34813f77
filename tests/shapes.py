"""Pictures of shapes with the boxes around them, as files in each of the forms that are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

LABELS = ("disc", "square")


@dataclass(frozen=True)
class Shapes:
    """One picture. boxes: (label, (left, top, right, bottom))."""

    stem: str
    image: Image.Image
    boxes: tuple[tuple[str, tuple[int, int, int, int]], ...]


def shapes(count: int, size: tuple[int, int] = (96, 128), seed: int = 0, most: int = 3) -> list[Shapes]:
    """Red discs and blue squares on grey, apart from each other. size: height and width."""
    rng = np.random.default_rng(seed)
    made = []
    for number in range(count):
        image = Image.fromarray(rng.integers(90, 130, (*size, 3), dtype=np.uint8))
        pen, taken, boxes = ImageDraw.Draw(image), np.zeros(size, dtype=bool), []
        for _ in range(int(rng.integers(1, most + 1))):
            side = int(rng.integers(size[0] // 5, size[0] // 3))
            left, top = int(rng.integers(0, size[1] - side)), int(rng.integers(0, size[0] - side))
            if taken[top : top + side, left : left + side].any():
                continue
            taken[top : top + side, left : left + side] = True
            label = LABELS[int(rng.integers(2))]
            draw, colour = (pen.ellipse, (220, 40, 40)) if label == "disc" else (pen.rectangle, (40, 60, 220))
            draw((left, top, left + side, top + side), fill=colour)
            boxes.append((label, (left, top, left + side, top + side)))
        made.append(Shapes(f"{number:03}", image, tuple(boxes)))
    return made


def save_images(folder: Path, pictures: Iterable[Shapes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for one in pictures:
        one.image.save(folder / f"{one.stem}.png")


def voc_text(one: Shapes) -> str:
    things = "".join(
        f"<object><name>{label}</name><bndbox><xmin>{box[0]}</xmin><ymin>{box[1]}</ymin><xmax>{box[2]}</xmax>"
        f"<ymax>{box[3]}</ymax></bndbox></object>"
        for label, box in one.boxes
    )
    size = f"<size><width>{one.image.width}</width><height>{one.image.height}</height><depth>3</depth></size>"
    return f"<annotation><filename>{one.stem}.png</filename>{size}{things}</annotation>"


def write_voc(root: Path, pictures: Sequence[Shapes], sets: Mapping[str, Sequence[int]] | None = None) -> Path:
    """sets: name of a list in ImageSets -> numbers of pictures."""
    save_images(root / "JPEGImages", pictures)
    (root / "Annotations").mkdir(exist_ok=True)
    for one in pictures:
        (root / "Annotations" / f"{one.stem}.xml").write_text(voc_text(one))
    for name, numbers in (sets or {}).items():
        lists = root / "ImageSets" / "Main"
        lists.mkdir(parents=True, exist_ok=True)
        (lists / f"{name}.txt").write_text("\n".join(pictures[number].stem for number in numbers) + "\n")
    return root


def coco_data(pictures: Sequence[Shapes]) -> dict[str, Any]:
    annotations = [
        {
            "id": 100 * number + place,
            "image_id": number,
            "category_id": 7 + LABELS.index(label),
            "bbox": [left, top, right - left, bottom - top],
            "iscrowd": 0,
        }
        for number, one in enumerate(pictures)
        for place, (label, (left, top, right, bottom)) in enumerate(one.boxes)
    ]
    return {
        "images": [{"id": number, "file_name": f"{one.stem}.png"} for number, one in enumerate(pictures)],
        "annotations": annotations,
        "categories": [{"id": 7 + place, "name": label} for place, label in enumerate(LABELS)],
    }


def write_coco(root: Path, splits: Mapping[str, Sequence[Shapes]]) -> Path:
    (root / "annotations").mkdir(parents=True)
    for split, pictures in splits.items():
        save_images(root / f"{split}2017", pictures)
        (root / "annotations" / f"instances_{split}2017.json").write_text(json.dumps(coco_data(pictures)))
    return root


def yolo_text(one: Shapes) -> str:
    wide, high = one.image.size
    lines = [
        f"{LABELS.index(label)} {(left + right) / 2 / wide} {(top + bottom) / 2 / high} {(right - left) / wide} "
        f"{(bottom - top) / high}"
        for label, (left, top, right, bottom) in one.boxes
    ]
    return "\n".join(lines) + "\n"


def write_yolo(root: Path, splits: Mapping[str, Sequence[Shapes]]) -> Path:
    """images/ and labels/ with a folder for each split, or for a split "" without."""
    for split, pictures in splits.items():
        save_images(root / "images" / split, pictures)
        (root / "labels" / split).mkdir(parents=True, exist_ok=True)
        for one in pictures:
            (root / "labels" / split / f"{one.stem}.txt").write_text(yolo_text(one))
    (root / "data.yaml").write_text(f"train: images/train\nnames: [{', '.join(LABELS)}]\n")
    return root
