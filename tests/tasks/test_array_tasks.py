from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from netwright.errors import InputError
from netwright.tasks import open_task

RNG = np.random.default_rng(1)
Y = np.arange(60) % 2
TABLE = RNG.normal(size=(60, 3))
IMAGES = RNG.integers(0, 256, (60, 8, 10, 3), dtype=np.uint8)


def test_channels_last_and_first_give_the_same_task():
    last, first = open_task((IMAGES, Y)), open_task((IMAGES.transpose(0, 3, 1, 2), Y))
    assert last.signature.inputs == (3, 8, 10)
    assert last.fingerprint == first.fingerprint


@pytest.mark.parametrize("scale", [1 / 255, 1.0])
def test_float_images_become_bytes(scale):
    task = open_task((IMAGES * scale, Y))
    assert task.fingerprint.isalnum()
    assert np.array_equal(task.train.x, open_task((IMAGES, Y)).train.x)


def test_signed_images_are_stretched():
    task = open_task((IMAGES / 127.5 - 1, Y))
    assert task.prepare["span"] == [-1.0, 1.0]
    assert np.array_equal(task.train.x, open_task((IMAGES, Y)).train.x)


def test_encode_takes_one_image_or_many_in_either_layout():
    task = open_task((IMAGES, Y))
    expected = IMAGES[:5].transpose(0, 3, 1, 2)
    assert np.array_equal(task.encode(IMAGES[:5]), expected)
    assert np.array_equal(task.encode(expected), expected)
    assert np.array_equal(task.encode(IMAGES[0]), expected[:1])
    assert np.array_equal(task.encode(list(IMAGES[:5])), expected)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (IMAGES[:, :7], "the training images are 8 x 10 with 3 channels"),
        (IMAGES[:2] / 255, "multiply by 255"),
        (IMAGES[:2] * 300.0, "the training images have 0 to 255"),
        (np.full((1, 8, 10, 3), np.nan), "NaN or infinite"),
        ([IMAGES[0], IMAGES[0, :4]], "different shapes"),
        ([], "no images to predict"),
        (np.full((1, 8, 10, 3), "a"), "give numbers"),
    ],
)
def test_images_that_cannot_be_encoded(raw, message):
    with pytest.raises(InputError, match=message):
        open_task((IMAGES, Y)).encode(raw)


def test_rows_lists_and_frames_encode_alike():
    task = open_task((TABLE, Y))
    expected = task.encode(TABLE[:4])
    assert np.array_equal(task.encode(TABLE[:4].tolist()), expected)
    assert np.array_equal(task.encode(pd.DataFrame(TABLE[:4])), expected)
    assert np.array_equal(task.encode(TABLE[0]), expected[:1])
    assert np.array_equal(task.encode({str(place): value for place, value in enumerate(TABLE[0])}), expected[:1])
    with pytest.raises(InputError, match="has 2 columns"):
        task.encode(TABLE[:4, :2])


def test_training_rows_encode_to_the_stored_ones():
    task = open_task((TABLE, Y))
    encoded = {row.tobytes() for row in task.encode(TABLE)}
    assert all(row.tobytes() in encoded for split in task.splits.values() for row in split.x)
    assert task.train.x.mean(axis=0) == pytest.approx([0, 0, 0], abs=1e-6)
    assert task.train.x.std(axis=0) == pytest.approx([1, 1, 1], abs=1e-6)


def test_data_frame_with_every_type_of_column():
    frame = pd.DataFrame(
        {
            "number": TABLE[:, 0],
            "whole": pd.array([None if i % 9 == 0 else i for i in range(60)], dtype="Int64"),
            "text": pd.Series(["a", "b", None] * 20, dtype="string"),
            "category": pd.Categorical(["x", "y"] * 30),
            "flag": [True, False, True] * 20,
            "y": Y,
        }
    )
    task = open_task(frame, target="y")
    types = {column["name"]: column["type"] for column in task.prepare["columns"]}
    assert types == {"number": "number", "whole": "number", "text": "text", "category": "text", "flag": "text"}
    encoded = {row.tobytes() for row in task.encode(frame)}
    assert all(row.tobytes() in encoded for row in task.test.x)


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (TABLE, Y[:50], "X holds 60 examples and y 50"),
        (TABLE, np.where(np.arange(60) == 7, np.nan, Y), "index 7|row 7"),
        (np.where(np.arange(180).reshape(60, 3) == 4, np.inf, TABLE), Y, "has inf in column '1'"),
        (TABLE[:, :0], Y, "is empty"),
        (np.zeros(60), Y, "has the shape"),
        ([[1, 2], [3]], [0, 1], "different"),
        (np.full((60, 8, 8), np.nan), Y, "image 0 holds NaN"),
        (pd.DataFrame({"when": pd.date_range("2020", periods=60)}), Y, "holds a datetime"),
        (TABLE.astype(complex), Y, "complex"),
        (TABLE, np.full(60, "yes"), "every example has the label 'yes'"),
        (TABLE, np.where(np.arange(60) == 9, np.inf, TABLE[:, 0]), "infinite target"),
    ],
)
def test_arrays_that_cannot_be_used(x, y, message):
    with pytest.raises(InputError, match=message):
        open_task((x, y))


def test_columns_of_the_same_name():
    frame = pd.DataFrame(np.zeros((5, 2)), columns=["a", "a"])
    with pytest.raises(InputError, match="columns of the same name"):
        open_task(frame, target="a")


@pytest.mark.parametrize("source", [3, None, (TABLE,), {"x": TABLE}, "", " "])
def test_sources_that_are_nothing(source):
    with pytest.raises(InputError, match=r"cannot open an? "):
        open_task(source)


@pytest.mark.parametrize(
    ("path", "message"),
    [("no/such.npz", "no such file"), ("thing.xyz", "no such file"), ("n" * 5000 + ".csv", "no such file")],
)
def test_paths_that_are_nothing(path, message):
    with pytest.raises(InputError, match=message):
        open_task(path)


def test_unknown_kind_of_file(tmp_path):
    (tmp_path / "data.arff").write_bytes(b"@relation")
    with pytest.raises(InputError, match="an unknown kind of file"):
        open_task(tmp_path / "data.arff")


def test_own_name():
    assert open_task((TABLE, Y), name="mine").name == "mine"
