from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from netwright.errors import InputError
from netwright.tasks import open_task


def colour(path, size=(8, 8), value=90):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, (value, 30, 200)).save(path)


def test_pixels_and_labels_survive(digit_folder):
    task = open_task(digit_folder)
    assert task.name == "digit-images"
    assert task.classes == tuple(f"digit-{label}" for label in range(10))
    assert task.signature.inputs == (1, 8, 8)
    files = sorted(digit_folder.glob("*/*.png"))
    x = task.encode(files)
    known = {image.tobytes(): file.parent.name for image, file in zip(x, files, strict=True)}
    for split in task.splits.values():
        assert [known[image.tobytes()] for image in split.x] == [task.classes[label] for label in split.y]


def test_given_splits(digit_folder, tmp_path):
    for split, indices in {"train": range(0, 200), "test": range(200, 300)}.items():
        for path in sorted(digit_folder.glob("*/*.png")):
            if int(path.stem) in indices:
                target = tmp_path / "split" / split / path.parent.name / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(path.read_bytes())
    task = open_task(tmp_path / "split")
    assert len(task.test) == 100
    assert len(task.train) + len(task.valid) == 200


def test_damaged_files_up_to_a_twentieth_are_skipped(digit_folder):
    victims = sorted(digit_folder.glob("*/*.png"))[:10]
    victims[0].write_bytes(b"not an image")
    victims[1].write_bytes(victims[1].read_bytes()[:60])
    task = open_task(digit_folder)
    assert sum(map(len, task.splits.values())) == 298
    (warning,) = [warning for warning in task.source["warnings"] if "cannot be read" in warning]
    assert "2 of 300" in warning
    assert victims[0].name in warning
    for path in sorted(digit_folder.glob("*/*.png"))[:20]:
        path.write_bytes(b"")
    with pytest.raises(InputError, match=r"20 of 300 images cannot be read: .*\.png"):
        open_task(digit_folder)


def test_too_many_pixels_are_not_decoded(digit_folder):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    size = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    path = digit_folder / "digit-0" / "bomb.png"
    path.write_bytes(bomb)
    task = open_task(digit_folder)
    assert any("bomb.png" in warning and "pixels" in warning for warning in task.source["warnings"])
    with pytest.raises(InputError, match=r"bomb\.png: .*pixels"):
        task.encode(path)


def test_mixed_sizes_need_a_size(digit_folder):
    odd = digit_folder / "digit-3" / "odd.png"
    Image.new("L", (30, 20), 128).save(odd)
    with pytest.raises(InputError, match=r"2 sizes: .*odd\.png has 20 x 30 pixels, .*such as 8"):
        open_task(digit_folder)
    task = open_task(digit_folder, size=(12, 10))
    assert task.signature.inputs == (1, 12, 10)
    assert task.encode([odd]).shape == (1, 1, 12, 10)


def test_files_of_another_size_are_refused_at_prediction(digit_folder, tmp_path):
    other = tmp_path / "other.png"
    Image.new("L", (9, 8)).save(other)
    with pytest.raises(InputError, match=r"other\.png: 8 x 9 pixels: the training images are 8 x 8"):
        open_task(digit_folder).encode([other])


def test_grey_and_colour_become_rgb_with_a_warning(digit_folder):
    for index in range(20):
        colour(digit_folder / "zebra" / f"{index}.png", value=index)
    task = open_task(digit_folder)
    assert task.signature.inputs == (3, 8, 8)
    assert any("300 of 320 images are grey" in warning for warning in task.source["warnings"])


def test_modes_of_all_kinds_are_read(tmp_path):
    ramp = np.arange(64, dtype=np.uint16).reshape(8, 8)
    for index in range(10):
        root = tmp_path / "set"
        (root / "a").mkdir(parents=True, exist_ok=True)
        (root / "b").mkdir(parents=True, exist_ok=True)
        Image.fromarray(ramp * 1000 + index).save(root / "a" / f"{index}.png")
        Image.fromarray((ramp * 4 + index).astype(np.uint8)).convert("P").save(root / "b" / f"{index}.gif")
    x = open_task(tmp_path / "set").encode([tmp_path / "set" / "a" / "0.png"])
    assert x[0, 0, 0, :4].tolist() == [0, 4, 8, 12]


def test_photographs_stand_upright(tmp_path):
    image = Image.new("RGB", (8, 16))
    image.putpixel((0, 0), (255, 255, 255))
    exif = Image.Exif()
    exif[0x0112] = 6
    root = tmp_path / "photos"
    for label in ("a", "b"):
        for index in range(8):
            (root / label).mkdir(parents=True, exist_ok=True)
            image.save(root / label / f"{index}.png", exif=exif)
    task = open_task(root)
    assert task.signature.inputs == (3, 8, 16)
    assert task.train.x[0, 0, 0, 15] == 255


def test_other_files_are_ignored(digit_folder):
    (digit_folder / "digit-1" / "notes.txt").write_text("text")
    (digit_folder / "digit-1" / ".hidden").write_text("text")
    (digit_folder / "empty").mkdir()
    (digit_folder / "__MACOSX").mkdir()
    task = open_task(digit_folder)
    warnings = " ".join(task.source["warnings"])
    assert "1 files that are no images were ignored" in warnings
    assert "empty holds no images" in warnings
    assert len(task.classes) == 10


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ((), "holds no images"),
        (("a.png", "b.png"), "holds images but no class folders"),
        (("cat/1.png", "cat/2.png"), "every example has the label 'cat'"),
        (("cat/1.png", "cat/2.png", "dog/1.png", "dog/2.png", "dog/3.png"), "class 'cat' has only 2 examples"),
        (("train/cat/1.png", "test/cat/1.png"), "every example has the label 'cat'"),
        (("train/1.png", "test/2.png"), "train holds images but no class folders"),
    ],
)
def test_folders_that_cannot_be_used(tmp_path, files, message):
    root = tmp_path / "set"
    root.mkdir()
    for file in files:
        colour(root / file)
    with pytest.raises(InputError, match=message):
        open_task(root)


def test_train_may_be_a_class(tmp_path):
    for label in ("train", "bicycle"):
        for index in range(5):
            colour(tmp_path / label / f"{index}.png", value=index)
    assert open_task(tmp_path).classes == ("bicycle", "train")


def test_only_damaged_images(tmp_path):
    for label in ("a", "b"):
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(InputError, match=r"no image can be read: .*1\.jpg"):
        open_task(tmp_path)


@pytest.mark.parametrize("size", [0, 3, 8.5, True, (8,), (8, 8, 8), "8", (8, 9000)])
def test_sizes_that_make_no_sense(digit_folder, size):
    with pytest.raises(InputError, match="size is"):
        open_task(digit_folder, size=size)


def test_size_is_for_files_only():
    with pytest.raises(InputError, match="only image files can be resized"):
        open_task("digits", size=16)


def test_images_that_do_not_fit_in_memory(digit_folder, monkeypatch):
    monkeypatch.setattr("psutil.virtual_memory", lambda: type("Memory", (), {"available": 1000}))
    with pytest.raises(InputError, match="give a smaller size"):
        open_task(digit_folder)


def test_large_images_come_with_advice(tmp_path):
    for label in ("a", "b"):
        for index in range(4):
            colour(tmp_path / label / f"{index}.png", size=(200, 100), value=index)
    assert any("train slowly" in warning for warning in open_task(tmp_path).source["warnings"])
