from __future__ import annotations

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.tasks import open_task

RNG = np.random.default_rng(0)
IMAGES = RNG.integers(0, 256, (60, 8, 8), dtype=np.uint8)
LABELS = np.arange(60) % 3


def saved(tmp_path, **arrays):
    path = tmp_path / "data.npz"
    np.savez(path, **arrays)
    return path


def test_test_split_is_kept(tmp_path):
    test = RNG.integers(0, 256, (12, 8, 8), dtype=np.uint8)
    path = saved(tmp_path, x_train=IMAGES, y_train=LABELS, x_test=test, y_test=np.arange(12) % 3)
    task = open_task(path)
    assert task.name == "data"
    assert np.array_equal(task.test.x[:, 0], test)
    assert [len(split) for split in task.splits.values()] == [51, 9, 12]


def test_medmnist_names_and_columns_of_labels(tmp_path):
    parts = {"train": slice(0, 40), "val": slice(40, 50), "test": slice(50, 60)}
    arrays = {f"{name}_images": IMAGES[part] for name, part in parts.items()}
    arrays |= {f"{name}_labels": LABELS[part, None] for name, part in parts.items()}
    task = open_task(saved(tmp_path, **arrays))
    assert task.source["split"] == "as given"
    assert np.array_equal(task.valid.x[:, 0], IMAGES[40:50])
    assert task.valid.y.tolist() == LABELS[40:50].tolist()


def test_table_and_class_names(tmp_path):
    table = RNG.normal(size=(60, 4))
    task = open_task(saved(tmp_path, X=table, y=LABELS, class_names=np.array(["low", "mid", "high"])))
    assert task.kind == "tabular-classification"
    assert task.classes == ("low", "mid", "high")


def test_objects_are_never_unpickled(tmp_path):
    path = saved(tmp_path, X=IMAGES, y=np.array([object()] * 60, dtype=object))
    with pytest.raises(InputError, match=r"'y' holds Python objects"):
        open_task(path)


def test_arrays_that_are_not_needed_may_hold_anything(tmp_path):
    path = saved(tmp_path, X=IMAGES, y=LABELS, notes=np.array([object()], dtype=object))
    assert open_task(path).signature.outputs == 3


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x_train": IMAGES}, "'x_train' has no counterpart"),
        ({"pictures": IMAGES}, "it has pictures"),
        ({"X": IMAGES, "y": LABELS[:50]}, "60 examples and"),
        ({"X": IMAGES, "y": np.zeros(60)}, "every example has the label '0'"),
        ({"X": np.zeros((60, 2, 2), np.uint8), "y": LABELS}, "2 x 2 pixels"),
        ({"X": np.zeros((60, 8, 8, 7), np.uint8), "y": LABELS}, "1 to 4 channels"),
        ({"X": np.zeros((60, 8, 8)), "y": LABELS}, "every pixel of every image is 0"),
        ({"X": np.zeros((0, 8, 8)), "y": np.zeros(0)}, "is empty"),
        ({"X": np.array(["a"] * 60), "y": LABELS}, "has the shape"),
        ({"X": np.full((60, 8, 8), "a"), "y": LABELS}, "give numbers"),
        ({"X": IMAGES, "y": np.eye(60, dtype=int)[:, :3]}, "3 targets for each example"),
        ({"X": IMAGES, "y": LABELS, "classes": np.array(["a", "b"])}, "label 2 has no name"),
        ({"X": IMAGES, "y": LABELS, "classes": np.array(["a", "b", "a"])}, "the same name"),
        ({"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES[:, :7], "y_test": LABELS}, "different shapes"),
        ({"x_train": IMAGES, "y_train": LABELS, "x_test": IMAGES, "y_test": LABELS + 1}, "has the label '3'"),
    ],
)
def test_what_cannot_be_used_is_named(tmp_path, arrays, message):
    with pytest.raises(InputError, match=message):
        open_task(saved(tmp_path, **arrays))


@pytest.mark.parametrize("keep", [0, 20, 300, -30])
def test_damaged_files(tmp_path, keep):
    path = saved(tmp_path, X=IMAGES, y=LABELS)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(InputError, match=r"data\.npz: not a readable"):
        open_task(path)


def test_a_file_that_does_not_begin_like_an_archive(tmp_path):
    path = saved(tmp_path, X=IMAGES, y=LABELS)
    path.write_bytes(b"\x80\x04" + path.read_bytes())
    with pytest.raises(InputError, match="does not begin like one"):
        open_task(path)


def test_flipped_bytes_in_compressed_file(tmp_path):
    path = tmp_path / "data.npz"
    np.savez_compressed(path, X=IMAGES, y=LABELS)
    data = bytearray(path.read_bytes())
    data[200:260] = b"\xff" * 60
    path.write_bytes(data)
    with pytest.raises(InputError, match=r"data\.npz"):
        open_task(path)


def test_larger_than_memory_is_refused_before_unpacking(tmp_path, monkeypatch):
    path = saved(tmp_path, X=IMAGES, y=LABELS)
    memory = type("Memory", (), {"available": 1000})
    monkeypatch.setattr("psutil.virtual_memory", lambda: memory)
    with pytest.raises(InputError, match="less memory"):
        open_task(path)


def test_repeated_images_are_reported(tmp_path):
    task = open_task(saved(tmp_path, x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:15], y_test=LABELS[:15]))
    assert any("test images occur in the training split" in warning for warning in task.source["warnings"])
