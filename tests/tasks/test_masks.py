"""Images with masks: every form that users have them in, and what they get wrong."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from netwright.errors import InputError
from netwright.tasks import Task, open_task
from netwright.tasks.vision.masks import palette

SIZE = (12, 16)
COUNT = 40
NAMES = ("ground", "bar", "block")
Save = Callable[[Path, np.ndarray], None]


def mask_of(number: int) -> np.ndarray:
    """(H, W): a bar of class 1, a block of class 2 on a ground of class 0."""
    mask = np.zeros(SIZE, dtype=np.uint8)
    mask[:, number % 5 : 4 + number % 5] = 1
    mask[4:9, 10:15] = 2
    return mask


def image_of(number: int) -> np.ndarray:
    noise = np.random.default_rng(number).integers(0, 40, (*SIZE, 3))
    return (np.array([[20, 30, 40], [180, 60, 50], [60, 70, 200]])[mask_of(number)] + noise).astype(np.uint8)


def plain(path: Path, mask: np.ndarray) -> None:
    Image.fromarray(mask).save(path)


def with_palette(path: Path, mask: np.ndarray) -> None:
    drawn = Image.fromarray(mask).convert("P")
    drawn.putpalette([9, 9, 9, 250, 0, 0, 0, 0, 250])
    drawn.save(path)


COLOURS = np.array([[10, 20, 30], [64, 128, 64], [128, 0, 192]], dtype=np.uint8)


def in_colours(path: Path, mask: np.ndarray) -> None:
    Image.fromarray(COLOURS[mask]).save(path)


def pairs(images: Path, masks: Path, numbers: range, save: Save = plain, mark: str = "") -> None:
    images.mkdir(parents=True, exist_ok=True)
    masks.mkdir(parents=True, exist_ok=True)
    for number in numbers:
        Image.fromarray(image_of(number)).save(images / f"{number:03}.png")
        save(masks / f"{number:03}{mark}.png", mask_of(number))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    pairs(tmp_path / "streets" / "images", tmp_path / "streets" / "masks", range(COUNT))
    return tmp_path / "streets"


def right(task: Task, first: int = 0) -> None:
    """The task is of these images and masks, whatever its splits."""
    assert (task.kind, task.metric, task.default_space) == ("semantic-segmentation", "mean_iou", "unet")
    assert (task.signature.kind, task.signature.answer) == ("segmentation", (3, *SIZE))
    known = {image_of(number).transpose(2, 0, 1).tobytes(): mask_of(number) for number in range(first, COUNT)}
    for split in task.splits.values():
        assert split.y.dtype == np.int16
        for x, y in zip(split.x, split.y, strict=True):
            assert np.array_equal(known[np.ascontiguousarray(x).tobytes()], y)


def test_folders_of_images_and_masks(folder: Path, tmp_path: Path) -> None:
    task = open_task(folder)
    right(task)
    assert [len(split) for split in task.splits.values()] == [24, 8, 8]
    assert task.classes == ("0", "1", "2")
    assert task.prepare["colours"] == [list(colour) for colour in palette(3)]
    assert task.augment["brightness"] > 0
    task.save(tmp_path / "saved")
    again = Task.load(tmp_path / "saved")
    assert again.fingerprint == task.fingerprint
    assert again.train.y.dtype == np.int16


@pytest.mark.parametrize(
    "layout",
    [
        "{split}/images {split}/masks",
        "images/{split} masks/{split}",
        "{split} {split}annot",
        "{split} {split}_labels",
        "imgs/{split} labels/{split}",
    ],
)
def test_splits_are_kept(layout: str, tmp_path: Path) -> None:
    for split, numbers in (("train", range(24)), ("val", range(24, 32)), ("test", range(32, COUNT))):
        images, masks = (tmp_path / part for part in layout.format(split=split).split())
        pairs(images, masks, numbers)
    task = open_task(tmp_path)
    right(task)
    assert [len(split) for split in task.splits.values()] == [24, 8, 8]
    assert task.source["split"] == "as given"


@pytest.mark.parametrize(
    ("save", "written", "classes"),
    [
        (plain, "classes.txt: ground\nbar\nblock\n", ("ground", "bar", "block")),
        (plain, "classes.txt: # of our streets\n0 ground\n2 block\n1 bar", ("ground", "block", "bar")),
        (plain, 'classes.json: ["ground", "bar", "block"]', ("ground", "bar", "block")),
        (plain, 'classes.json: {"ground": 0, "bar": 1, "block": 2}', ("ground", "bar", "block")),
        (plain, 'classes.json: {"0": "ground", "1": "bar", "2": "block"}', ("ground", "bar", "block")),
        (with_palette, "", ("0", "1", "2")),
        (in_colours, "", ("#0a141e", "#408040", "#8000c0")),
        (in_colours, "label_colors.txt: 10 20 30\tground\n64 128 64\tbar\n128 0 192\tblock", NAMES),
        (in_colours, "labelmap.txt: # label:color_rgb:parts\nground:10,20,30::\nbar:64,128,64::\nblock:128,0,192::",
         NAMES),
        (in_colours, 'classes.json: [{"name": "ground", "color": [10, 20, 30]}, '
         '{"name": "bar", "color": [64, 128, 64]}, {"name": "block", "color": [128, 0, 192]}]', NAMES),
    ],
)  # fmt: skip
def test_classes_are_numbers_palettes_or_colours(
    save: Save, written: str, classes: tuple[str, ...], tmp_path: Path
) -> None:
    pairs(tmp_path / "images", tmp_path / "masks", range(COUNT), save, "_mask")
    if written:
        name, _, text = written.partition(": ")
        (tmp_path / name).write_text(text)
    task = open_task(tmp_path)
    assert task.classes == classes
    if "block" in classes and classes[1] == "block":
        swapped = np.array([0, 2, 1])[mask_of(0)]
        assert any(np.array_equal(swapped, y) for split in task.splits.values() for y in split.y)
    else:
        right(task)
    if save is in_colours:
        assert task.prepare["colours"] == COLOURS.tolist()
    if save is with_palette:
        assert task.prepare["colours"] == [[9, 9, 9], [250, 0, 0], [0, 0, 250]]


def test_255_and_classes_called_so_are_unknown(tmp_path: Path) -> None:
    def bordered(path: Path, mask: np.ndarray) -> None:
        mask[0] = 255
        plain(path, mask)

    pairs(tmp_path / "images", tmp_path / "masks", range(COUNT), bordered)
    for text, known in (("", 3), ("ground\nbar\nblock", 3), ("ground\nvoid\nblock", 2)):
        (tmp_path / "classes.txt").write_text(text) if text else None
        task = open_task(tmp_path)
        assert task.signature.outputs == known
        assert all((split.y[:, 0] == -1).all() for split in task.splits.values())
        assert (task.train.y[:, 1:] == -1).any() == (known == 2)


def test_two_values_are_two_classes_even_where_one_is_255(tmp_path: Path) -> None:
    def binary(path: Path, mask: np.ndarray) -> None:
        plain(path, np.where(mask == 1, 255, 0).astype(np.uint8))

    pairs(tmp_path / "images", tmp_path / "masks", range(COUNT), binary)
    task = open_task(tmp_path)
    assert task.classes == ("0", "255")
    assert set(np.unique(task.train.y)) == {0, 1}


def test_sizes_are_brought_to_one(folder: Path) -> None:
    Image.fromarray(image_of(1)).resize((32, 24)).save(folder / "images" / "001.png")
    Image.fromarray(mask_of(1)).resize((32, 24), Image.Resampling.NEAREST).save(folder / "masks" / "001.png")
    with pytest.raises(InputError, match=r"the images have 2 sizes: .* give a size to resize them all to"):
        open_task(folder)
    task = open_task(folder, size=(6, 8))
    assert task.signature.answer == (3, 6, 8)
    expected = mask_of(0)[1::2, 1::2]
    assert any(np.array_equal(expected, y) for split in task.splits.values() for y in split.y)


BAD = {
    "an image without a mask": (lambda root: (root / "masks" / "003.png").unlink(), "003.png has no mask"),
    "a mask of another size": (
        lambda root: plain(root / "masks" / "003.png", mask_of(3)[1:]),
        r"masks/003.png has 11 x 16 pixels, .*images/003.png 12 x 16",
    ),
    "an unknown value": (
        lambda root: plain(root / "masks" / "003.png", mask_of(3) + 7),
        "masks/003.png holds the value 7, which classes.txt does not have",
    ),
    "colours among numbers": (
        lambda root: in_colours(root / "masks" / "003.png", mask_of(3)),
        "masks/003.png holds colours, which classes.txt does not have",
    ),
    "a corrupt image": (lambda root: (root / "images" / "003.png").write_bytes(b"no"), "003.png: not a readable image"),
    "a corrupt mask": (lambda root: cut(root / "masks" / "003.png"), "masks/003.png: damaged image"),
}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-30])


@pytest.mark.parametrize("case", BAD)
def test_a_little_damage_is_skipped_and_told_much_is_refused(case: str, folder: Path) -> None:
    spoil, said = BAD[case]
    (folder / "classes.txt").write_text("ground\nbar\nblock")
    spoil(folder)
    task = open_task(folder)
    assert sum(map(len, task.splits.values())) == COUNT - 1
    assert any("1 of 40 images with masks cannot be read and were skipped" in one for one in task.source["warnings"])
    for number in (1, 2):
        (folder / "masks" / f"{number:03}.png").unlink()
    with pytest.raises(InputError, match=f"3 of 40 images with masks cannot be read: (.|\n)*{said}"):
        open_task(folder)


def test_masks_without_images_are_told(folder: Path) -> None:
    plain(folder / "masks" / "999.png", mask_of(1))
    assert any("1 masks without an image were ignored" in warning for warning in open_task(folder).source["warnings"])


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("classes.txt", "ground", "classes.txt names 1 class: name at least two"),
        ("classes.txt", "ground\nbar\nbar", "classes.txt: two classes have the same name"),
        ("classes.txt", "ground 0 0 0\nbar", "classes.txt: class 'bar' has no colour, others have"),
        ("classes.txt", "ground 0 0 0\nbar 0 0 300", r"classes.txt, line 2: \[0, 0, 300\] is no colour"),
        ("classes.json", "[1, 2]", "classes.json, entry 1 is no class"),
        ("classes.json", "{", "classes.json is no JSON"),
        ("classes.json", "3", "classes.json holds no classes"),
    ],
)
def test_a_bad_list_of_classes_is_named(name: str, text: str, message: str, folder: Path) -> None:
    (folder / name).write_text(text)
    with pytest.raises(InputError, match=message):
        open_task(folder)


def test_masks_that_cannot_be_ones(folder: Path) -> None:
    for path in (folder / "masks").iterdir():
        plain(path, np.zeros(SIZE, dtype=np.uint8))
    with pytest.raises(InputError, match=r"the masks hold one class only \(0\)"):
        open_task(folder)
    for path in (folder / "masks").iterdir():
        path.rename(path.with_suffix(".jpg"))
    with pytest.raises(InputError, match="holds masks as JPEG, which blurs them: save them as PNG"):
        open_task(folder, kind="semantic-segmentation")
    noise = np.random.default_rng(0).integers(0, 255, (*SIZE, 3)).astype(np.uint8)
    for path in (folder / "masks").iterdir():
        path.unlink()
    for number in range(COUNT):
        Image.fromarray(np.roll(noise, number)).save(folder / "masks" / f"{number:03}.png")
    with pytest.raises(InputError, match="more than 256 different values"):
        open_task(folder)


def test_medical_images_are_judged_by_their_ranking() -> None:
    x = np.random.default_rng(0).integers(0, 255, (60, 8, 8)).astype(np.uint8)
    y = np.arange(60) % 4 // 3
    task = open_task((x, y), kind="medical-image-classification")
    assert (task.metric, task.default_space) == ("auc", "mobile")
    with pytest.raises(InputError, match="images can only be classified"):
        open_task((x, y), kind="regression")


def test_class_folders_stay_class_folders(tmp_path: Path) -> None:
    for number in range(40):
        for name in ("cats", "masks"):
            (tmp_path / name).mkdir(exist_ok=True)
            Image.fromarray(image_of(number + 50 * (name == "cats"))).save(tmp_path / name / f"{number}.png")
    assert open_task(tmp_path).kind == "image-classification"
    with pytest.raises(InputError, match="holds no images with masks: give images/ and masks/"):
        open_task(tmp_path, kind="semantic-segmentation")


def voc(root: Path, numbers: range = range(COUNT)) -> Path:
    pairs(root / "JPEGImages", root / "SegmentationClass", numbers, with_palette)
    return root


def test_pascal_voc(tmp_path: Path) -> None:
    root = voc(tmp_path)
    task = open_task(root)
    assert task.classes[:3] == ("background", "aeroplane", "bicycle")
    assert any("train split has bird, boat" in warning for warning in task.source["warnings"])
    lists = root / "ImageSets" / "Segmentation"
    lists.mkdir(parents=True)
    for name, numbers in (("train", range(24)), ("val", range(24, 32)), ("test", range(32, COUNT))):
        (lists / f"{name}.txt").write_text("\n".join(f"{number:03}" for number in numbers))
    (root / "labels.txt").write_text("ground\nbar\nblock")
    task = open_task(root)
    right(task)
    assert [len(split) for split in task.splits.values()] == [24, 8, 8]
    (lists / "val.txt").write_text("024\n777\n")
    with pytest.raises(InputError, match=r"val.txt, line 2: .*777 has no image"):
        open_task(root)


def test_arrays_and_npz(tmp_path: Path) -> None:
    x = np.stack([image_of(number) for number in range(COUNT)])
    y = np.stack([mask_of(number) for number in range(COUNT)])
    right(open_task((x, y)))
    named = open_task((x, y.astype(np.int64) * 10 - 5 * (y == 1)))
    assert named.classes == ("0", "5", "20")
    np.savez(tmp_path / "a.npz", x_train=x[:30], y_train=y[:30], x_test=x[30:], y_test=y[30:], classes=["a", "b", "c"])
    task = open_task(tmp_path / "a.npz")
    right(task)
    assert (task.classes, len(task.test)) == (("a", "b", "c"), 10)
    with pytest.raises(InputError, match=r"y are masks of \(11, 16\) places, X \(12, 16\): give both one size"):
        open_task((x, y[:, 1:]))
    with pytest.raises(InputError, match="are no masks: give whole numbers"):
        open_task((x, y + 0.5))


def test_a_mask_is_drawn_as_it_is_read(tmp_path: Path) -> None:
    """A disc drawn by Pillow, resized with its image: places keep their class."""
    drawn = Image.new("L", (64, 48))
    ImageDraw.Draw(drawn).ellipse((10, 8, 40, 38), fill=1)
    for number in range(COUNT):
        for name in ("images", "masks"):
            (tmp_path / name).mkdir(exist_ok=True)
            drawn.point(lambda level, name=name: level * (1 if name == "masks" else 200)).save(
                tmp_path / name / f"{number}.png"
            )
    task = open_task(tmp_path, size=(24, 32))
    share = np.asarray(drawn).mean()
    assert task.train.y.mean() == pytest.approx(share, abs=0.02)
    assert np.corrcoef(task.train.x[0, 0].ravel(), task.train.y[0].ravel())[0, 1] > 0.9
