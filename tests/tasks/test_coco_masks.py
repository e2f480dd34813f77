"""COCO's JSON as masks: polygons and run lengths, and what is wrong with them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.tasks.test_masks import COUNT, SIZE, image_of, mask_of, right

from netwright.errors import InputError
from netwright.tasks import open_task
from netwright.tasks.readers.coco_masks import _unpacked


def coco(root: Path, numbers: range, split: str) -> dict:
    """Bars as run lengths, blocks as polygons; pixels of a polygon's outline belong to it."""
    (root / split).mkdir(parents=True, exist_ok=True)
    data: dict = {
        "images": [],
        "annotations": [],
        "categories": [{"id": 7, "name": "block"}, {"id": 3, "name": "bar"}],
    }
    for number in numbers:
        Image.fromarray(image_of(number)).save(root / split / f"{number:03}.png")
        data["images"].append({"id": number, "file_name": f"{number:03}.png", "height": SIZE[0], "width": SIZE[1]})
        flat = (mask_of(number) == 1).T.ravel()
        ends = np.flatnonzero(np.diff(np.concatenate([[False], flat, [False]]).astype(int)))
        runs = np.diff(np.concatenate([[0], ends, [flat.size]])).tolist()
        bar = {"size": list(SIZE), "counts": runs}
        block = [[10, 4, 14, 4, 14, 8, 10, 8]]
        for category, shape in ((7, block), (3, bar)):
            data["annotations"].append({"image_id": number, "category_id": category, "segmentation": shape})
    (root / "annotations").mkdir(exist_ok=True)
    (root / "annotations" / f"instances_{split}2017.json").write_text(json.dumps(data))
    return data


def test_coco(tmp_path: Path) -> None:
    for split, numbers in (("train", range(24)), ("val", range(24, 32)), ("test", range(32, COUNT))):
        coco(tmp_path, numbers, split)
    task = open_task(tmp_path, kind="semantic-segmentation")
    right(task)
    assert task.classes == ("background", "bar", "block")


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda data: data.pop("categories"), "has no list of categories"),
        (lambda data: data["categories"].append({"id": 3, "name": "x"}), "categories have the same id or name"),
        (lambda data: data["annotations"][5].update(category_id=99), "annotation 5 has the category 99: known: 3, 7"),
        (lambda data: data["images"][2].pop("height"), "image 2 has no file_name, id, height and width"),
        (lambda data: data["images"][2].update(file_name="../x.png"), "the image '../x.png' is outside of the folder"),
        (lambda data: [one.update(segmentation=[[1, 2]]) for one in data["annotations"]], "annotation 0 has a polygon"),
        (
            lambda data: [one.update(segmentation={"size": [12, 16], "counts": [3]}) for one in data["annotations"]],
            "annotation 0 has run lengths that do not fit 12 x 16 pixels",
        ),
        (lambda data: [one.pop("segmentation") for one in data["annotations"]], "annotation 0 has no segmentation"),
    ],
)
def test_bad_coco_is_named(spoil: Callable[[dict], object], message: str, tmp_path: Path) -> None:
    data = coco(tmp_path, range(COUNT), "train")
    spoil(data)
    (tmp_path / "annotations" / "instances_train2017.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match=message):
        open_task(tmp_path, kind="semantic-segmentation")


def test_cocos_text_for_run_lengths() -> None:
    """The text for 6, 1, 40, 4, 5, 4, 5, 4, 21, as COCO's own code writes it, is read back."""
    runs = [6, 1, 40, 4, 5, 4, 5, 4, 21]
    text = ""
    for place, run in enumerate(runs):
        left = run - (runs[place - 2] if place > 2 else 0)
        while True:
            bits, left = left & 31, left >> 5
            more = left != (-1 if bits & 16 else 0)
            text += chr((bits | 32 * more) + 48)
            if not more:
                break
    assert text == "61X13mN000`0"
    assert _unpacked(text) == runs
