"""Images with boxes: VOC, COCO and YOLO give the same task; what is damaged, strange or missing is named."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.shapes import Shapes, coco_data, save_images, shapes, voc_text, write_coco, write_voc, write_yolo

from netwright.errors import InputError
from netwright.tasks import Task, open_task
from netwright.tasks.answers.boxes import NONE
from netwright.tasks.readers.boxes import form_of
from netwright.tasks.vision.boxes import SMALL, chosen_size

PARTS = {"train": slice(0, 20), "val": slice(20, 26), "test": slice(26, 32)}
FORMS: dict[str, Callable[[Path, list[Shapes]], Path]] = {
    "VOC": lambda root, made: write_voc(root, made, {name: range(32)[part] for name, part in PARTS.items()}),
    "COCO": lambda root, made: write_coco(root, {name: made[part] for name, part in PARTS.items()}),
    "YOLO": lambda root, made: write_yolo(root, {name: made[part] for name, part in PARTS.items()}),
}


@pytest.fixture(scope="module")
def made() -> list[Shapes]:
    return shapes(32)


@pytest.fixture
def voc(tmp_path: Path, made: list[Shapes]) -> Path:
    return write_voc(tmp_path / "shapes", made)


def warned(task: Task, words: str) -> bool:
    return any(words in line for line in task.source["warnings"])


@pytest.mark.parametrize("form", FORMS)
def test_every_form_gives_the_same_task(form: str, tmp_path: Path, made: list[Shapes]) -> None:
    root = FORMS[form](tmp_path / "shapes", made)
    assert form_of(root) == form
    task = open_task(root)
    assert (task.kind, task.metric, task.default_space) == ("object-detection", "map50", "detector")
    assert (task.classes, task.signature.inputs, task.signature.answer) == (
        ("disc", "square"),
        (3, 96, 128),
        (6, 24, 32),
    )
    assert [len(split) for split in task.splits.values()] == [20, 6, 6]
    assert task.source["split"] == "as given"
    for split, part in zip(task.splits.values(), PARTS.values(), strict=True):
        for image, boxes, one in zip(split.x, split.y, made[part], strict=True):
            assert (image == np.asarray(one.image).transpose(2, 0, 1)).all()
            found = [(task.classes[int(row[0])], tuple(row[1:])) for row in boxes if row[0] != NONE]
            assert [label for label, _ in found] == [label for label, _ in one.boxes]
            assert np.allclose([box for _, box in found], [box for _, box in one.boxes], atol=1e-3)
    task.save(tmp_path / "saved")
    assert Task.load(tmp_path / "saved").fingerprint == task.fingerprint
    assert len(task.baselines()) == 2


def test_further_layouts(tmp_path: Path, made: list[Shapes]) -> None:
    beside, exported, plain, single = (tmp_path / name for name in ("beside", "exported", "plain", "single"))
    for split, part in (("train", made[:24]), ("valid", made[24:])):
        save_images(beside / split, part)
        for one in part:
            (beside / split / f"{one.stem}.xml").write_text(voc_text(one))
        save_images(exported / split, part)
        (exported / split / "_annotations.coco.json").write_text(json.dumps(coco_data(part)))
    write_yolo(plain, {"": made})
    save_images(single / "images", made)
    (single / "annotations.json").write_text(json.dumps(coco_data(made)))
    for root, form in ((beside, "VOC"), (exported, "COCO"), (plain, "YOLO"), (single, "COCO")):
        assert form_of(root) == form
        task = open_task(root)
        assert sum(len(split) for split in task.splits.values()) == 32
        assert task.classes == ("disc", "square")


def test_splits_are_drawn_by_the_seed(voc: Path) -> None:
    first, again, other = (open_task(voc, seed=seed) for seed in (0, 0, 1))
    assert first.fingerprint == again.fingerprint != other.fingerprint
    assert [len(split) for split in first.splits.values()] == [22, 5, 5]


@pytest.mark.parametrize("seed", range(6))
def test_a_class_of_one_image_is_trained_on(seed: int, voc: Path, made: list[Shapes]) -> None:
    alone = Shapes("005", made[5].image, (("cone", (1, 1, 20, 20)),))
    (voc / "Annotations" / "005.xml").write_text(voc_text(alone))
    task = open_task(voc, seed=seed)
    assert task.classes == ("cone", "disc", "square")
    assert (task.train.y[..., 0] == 0).sum() == 1
    assert warned(task, "the test split has no 'cone'")


def test_images_are_fitted_and_boxes_with_them(tmp_path: Path) -> None:
    root = write_voc(tmp_path / "shapes", [*shapes(20, (60, 80)), Shapes("tall", *tall())])
    task = open_task(root, size=64)
    assert task.signature.inputs == (3, 64, 64)
    assert warned(task, "images of 2 sizes are scaled to fit into 64 x 64, with grey beside them")
    pairs = [pair for split in task.splits.values() for pair in zip(split.x, split.y, strict=True)]
    x, y = next(pair for pair in pairs if (pair[0][:, :, 40:] == 128).all())
    assert np.allclose(y[0], [1, 16, 0, 24, 8], atol=0.6)
    assert (x[2, 1:7, 17:23] > 150).all()
    assert (task.encode([root / "JPEGImages" / "tall.png"])[0] == x).all()


def tall() -> tuple[Image.Image, tuple[tuple[str, tuple[int, int, int, int]], ...]]:
    image = Image.new("RGB", (50, 100), (90, 90, 90))
    image.paste((0, 0, 255), (25, 0, 38, 13))
    return image, (("square", (25, 0, 38, 13)),)


def test_the_size_suits_the_smallest_things() -> None:
    sizes = np.array([[480.0, 640.0]] * 4)
    boxes = [(("cell", "dot"), np.array([[0, 0, 0.2, 0.2], [0.5, 0.5, 0.5 + SMALL / 192, 0.6]]))] * 4
    assert chosen_size(sizes, boxes) == (160, 192)
    assert chosen_size(sizes, boxes, 64) == (64, 64)
    assert chosen_size(sizes[:, ::-1], boxes) == (192, 160)
    assert chosen_size(np.array([[50.0, 50.0]]), boxes[:1]) == (64, 64)


def test_boxes_over_the_edge_are_cut_and_flat_ones_left_out(voc: Path) -> None:
    path = voc / "Annotations" / "000.xml"
    path.write_text(
        voc_text(Shapes("000", Image.new("RGB", (128, 96)), (("disc", (100, 50, 150, 80)), ("disc", (9, 9, 9, 30)))))
    )
    task = open_task(voc)
    assert warned(task, "1 boxes reach over the edge of their image and are cut off there")
    assert warned(task, f"1 boxes without height or width are left out: {path} (disc)")
    boxes = np.concatenate([split.y.reshape(-1, 5) for split in task.splits.values()])
    assert boxes[:, 3].max() == 128


def test_images_without_boxes_stay(voc: Path) -> None:
    for number in range(3):
        (voc / "Annotations" / f"00{number}.xml").write_text("<annotation></annotation>")
    task = open_task(voc)
    assert sum(len(split) for split in task.splits.values()) == 32
    assert sum(int((split.y[..., 0] == NONE).all(axis=1).sum()) for split in task.splits.values()) == 3


DAMAGED = {
    "no XML": ("<annotation><object>", "is no XML"),
    "a document type": ('<!DOCTYPE a [<!ENTITY b "c">]><annotation>&b;</annotation>', "has a document type"),
    "another root": ("<html></html>", "begins with <html>"),
    "no box": ("<annotation><object><name>disc</name></object></annotation>", "object 1 has no box"),
    "no name": ("<annotation><object><bndbox/></object></annotation>", "object 1 has no name"),
    "no number": (
        "<annotation><object><name>disc</name><bndbox><xmin>nan</xmin></bndbox></object></annotation>",
        "object 1, xmin: 'nan' is no number",
    ),
    "another size": (
        "<annotation><size><width>64</width><height>48</height></size></annotation>",
        "is for an image of 64 x 48 pixels, but 000.png has 128 x 96",
    ),
}


@pytest.mark.parametrize("damage", DAMAGED)
def test_a_damaged_annotation_is_named_and_skipped(damage: str, voc: Path) -> None:
    text, message = DAMAGED[damage]
    (voc / "Annotations" / "000.xml").write_text(text)
    task = open_task(voc)
    assert warned(task, "1 of 32 annotated images cannot be read and were skipped")
    assert warned(task, message)
    assert warned(task, "000.xml")
    assert sum(len(split) for split in task.splits.values()) == 31
    for number in range(1, 4):
        (voc / "Annotations" / f"00{number}.xml").write_text(text)
    with pytest.raises(InputError, match=r"4 of 32 annotated images cannot be read: .*00[0-3].xml.*remove or replace"):
        open_task(voc)


def test_what_does_not_belong_together_is_named(voc: Path) -> None:
    (voc / "JPEGImages" / "000.png").unlink()
    (voc / "Annotations" / "001.xml").unlink()
    (voc / "JPEGImages" / "002.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"2 of 31 .*000.xml: there is no image of this name.*002.png: not a readable"):
        open_task(voc)
    save_images(voc / "JPEGImages", shapes(3)[2:])
    task = open_task(voc)
    assert warned(task, "1 images have no annotation and are left out: 001")


def test_lists_of_image_sets(tmp_path: Path, made: list[Shapes]) -> None:
    root = write_voc(tmp_path / "shapes", made, {"trainval": range(24), "test": range(24, 30)})
    task = open_task(root)
    assert [len(split) for split in task.splits.values()] == [20, 4, 6]
    assert warned(task, "2 annotations are in no list of ImageSets and are left out: 030, 031")
    (root / "ImageSets" / "Main" / "test.txt").write_text("003\n")
    with pytest.raises(InputError, match=r"test.txt: 003 is in the train split as well"):
        open_task(root)


def test_a_class_that_training_lacks_is_named(tmp_path: Path, made: list[Shapes]) -> None:
    root = FORMS["VOC"](tmp_path / "shapes", made)
    strange = voc_text(Shapes("026", made[26].image, (("cone", (1, 1, 20, 20)),)))
    (root / "Annotations" / "026.xml").write_text(strange)
    with pytest.raises(InputError, match=r"026.xml of the test split has a 'cone', which no training image has: known"):
        open_task(root)


def change(data: dict[str, object], where: str, value: object) -> dict[str, object]:
    *path, last = where.split("/")
    inside: object = data
    for key in path:
        inside = inside[int(key)] if isinstance(inside, list) else inside[key]  # type: ignore[index]
    inside[int(last) if isinstance(inside, list) else last] = value  # type: ignore[index]
    return data


@pytest.mark.parametrize(
    ("where", "value", "message"),
    [
        ("annotations", None, "has no list of annotations: give images, annotations and categories"),
        ("annotations/0/category_id", 99, "annotation 0 is of category 99: there are 2"),
        ("annotations/1/bbox", [1, 2, 3], r"annotation 1 has the box \[1, 2, 3\]: give left, top, width and height"),
        ("annotations/2/bbox", [1, 2, 3, "x"], "annotation 2: 'x' is no number"),
        ("images/3", {"id": 3}, r"images\[3\] lacks id or file_name"),
        ("categories/0", 5, r"categories\[0\] lacks id or name"),
    ],
)
def test_a_wrong_entry_of_coco_is_named(
    where: str, value: object, message: str, tmp_path: Path, made: list[Shapes]
) -> None:
    save_images(tmp_path / "images", made)
    path = tmp_path / "annotations.json"
    path.write_text(json.dumps(change(coco_data(made), where, value)))
    with pytest.raises(InputError, match=f"annotations.json.*{message}"):
        open_task(tmp_path)


def test_images_of_coco_stay_inside_the_folder(tmp_path: Path, made: list[Shapes]) -> None:
    root = tmp_path / "set"
    save_images(root / "images", made)
    made[0].image.save(tmp_path / "outside.png")
    data = coco_data(made)
    for number, name in ((0, "../outside.png"), (1, str(tmp_path / "outside.png")), (2, "images/002.png")):
        change(data, f"images/{number}/file_name", name)
    (root / "annotations.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match=r"2 of 32 .*there is no image \.\./outside.png"):
        open_task(root)


def test_boxes_of_crowds_and_of_no_image_are_left_out(tmp_path: Path, made: list[Shapes]) -> None:
    save_images(tmp_path / "images", made)
    data = coco_data(made)
    change(data, "annotations/0/iscrowd", 1)
    change(data, "annotations/1/image_id", 999)
    (tmp_path / "annotations.json").write_text(json.dumps(data))
    task = open_task(tmp_path)
    assert warned(task, "1 boxes are of crowds and are left out")
    assert warned(task, "1 boxes are of images that it does not have and are left out")
    for place in range(2, 20):
        change(data, f"annotations/{place}/image_id", 999)
    (tmp_path / "annotations.json").write_text(json.dumps(data))
    with pytest.raises(InputError, match=r"19 of \d+ boxes are of images that it does not have"):
        open_task(tmp_path)
    (tmp_path / "annotations.json").write_text('{"images": [')
    with pytest.raises(InputError, match=r"annotations.json is no JSON"):
        open_task(tmp_path)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("2 0.5 0.5 0.1 0.1", "line 2 is of class 2: there are 2 names, for classes from 0"),
        ("-1 0.5 0.5 0.1 0.1", "line 2 is of class -1"),
        ("0 0.5 0.5 0.1", "line 2 has 3 numbers after the class"),
        ("0 0.5 0.5 0.1 zero", "line 2: 'zero' is no number"),
        ("0 64 48 20 20", "line 2 has a box far outside the image: give shares"),
    ],
)
def test_a_wrong_line_of_yolo_is_named(line: str, message: str, tmp_path: Path, made: list[Shapes]) -> None:
    root = write_yolo(tmp_path / "shapes", {"": made})
    path = root / "labels" / "000.txt"
    path.write_text(f"1 0.5 0.5 0.2 0.2\n{line}\n")
    assert warned(open_task(root), f"000.txt, {message}")


def test_outlines_missing_labels_and_names_of_yolo(tmp_path: Path, made: list[Shapes]) -> None:
    root = write_yolo(tmp_path / "shapes", {"": made})
    (root / "labels" / "000.txt").write_text("0 0.1 0.5 0.3 0.5 0.2 0.75\n")
    (root / "labels" / "001.txt").unlink()
    (root / "data.yaml").unlink()
    task = open_task(root)
    assert task.classes == ("0", "1")
    assert warned(task, "1 images of the train split have no file of labels: they count as empty: 001.png")
    boxes = np.concatenate([split.y.reshape(-1, 5) for split in task.splits.values()])
    assert (np.abs(boxes - [0, 12.8, 48, 38.4, 72]).max(axis=1) < 1e-3).any()
    (root / "classes.txt").write_text("round\nround\n")
    with pytest.raises(InputError, match=r"classes.txt: two classes have the same name"):
        open_task(root)


def test_other_folders_are_none(tmp_path: Path, made: list[Shapes]) -> None:
    save_images(tmp_path / "disc", made[:12])
    save_images(tmp_path / "square", made[12:])
    (tmp_path / "labels.json").write_text('{"disc": 0}')
    (tmp_path / "pom.xml").write_text("<project></project>")
    assert form_of(tmp_path) is None
    assert open_task(tmp_path).kind == "image-classification"
    with pytest.raises(InputError, match="holds no images with boxes: give a folder of Pascal VOC, COCO or YOLO"):
        open_task(tmp_path, kind="object-detection")
    with pytest.raises(InputError, match="object-detection does not suit images"):
        open_task((np.zeros((20, 8, 8), dtype=np.uint8), np.arange(20) % 2), kind="object-detection")


def test_too_few_and_none_at_all(tmp_path: Path, made: list[Shapes]) -> None:
    root = write_voc(tmp_path / "few", made[:8])
    with pytest.raises(InputError, match="8 annotated images are too few to split: give at least 20"):
        open_task(root)
    bare = [Shapes(one.stem, one.image, ()) for one in made]
    with pytest.raises(InputError, match="no training image has a box"):
        open_task(write_voc(tmp_path / "bare", bare))
