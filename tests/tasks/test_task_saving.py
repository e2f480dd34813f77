from __future__ import annotations

import json

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.tasks import Task, open_task


@pytest.fixture
def saved(tmp_path):
    open_task("digits").save(tmp_path / "data")
    return tmp_path / "data"


@pytest.mark.parametrize("name", ["digits", "diabetes", "wine"])
def test_saved_and_loaded_are_the_same(tmp_path, name):
    task = open_task(name)
    task.save(tmp_path)
    loaded = Task.load(tmp_path)
    assert loaded.fingerprint == task.fingerprint
    for field in ("name", "kind", "signature", "classes", "prepare", "metric", "augment", "source", "metrics"):
        assert getattr(loaded, field) == getattr(task, field), field
    assert isinstance(loaded.train.x, np.memmap)
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json"] + [".npy"] * 6


def test_saving_again_leaves_mapped_arrays_alone(saved):
    loaded = Task.load(saved)
    before = np.array(loaded.train.x)
    open_task("digits", seed=5).save(saved)
    assert np.array_equal(loaded.train.x, before)
    assert not np.array_equal(Task.load(saved).train.x, before)


def test_missing_and_damaged_files_are_named(saved, tmp_path):
    with pytest.raises(InputError, match=r"nothing/task\.json: No such file"):
        Task.load(tmp_path / "nothing")
    (saved / "valid_y.npy").write_bytes(b"\x93NUMPY")
    with pytest.raises(InputError, match=r"valid_y\.npy is damaged"):
        Task.load(saved)
    (saved / "valid_y.npy").unlink()
    with pytest.raises(InputError, match=r"valid_y\.npy is missing"):
        Task.load(saved)


def test_pickled_arrays_are_refused(saved):
    np.save(saved / "test_y.npy", np.array([object()], dtype=object), allow_pickle=True)
    with pytest.raises(InputError, match=r"test_y\.npy is damaged"):
        Task.load(saved)


def test_arrays_that_do_not_fit_are_refused(saved):
    np.save(saved / "train_y.npy", np.zeros(3, dtype=np.int64))
    with pytest.raises(InputError, match="do not fit"):
        Task.load(saved)
    np.save(saved / "train_y.npy", np.zeros(3))
    with pytest.raises(InputError, match="float64 instead of int64"):
        Task.load(saved)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"schema": 99}', '{"schema": 1}'])
def test_task_files_of_another_make(saved, text):
    (saved / "task.json").write_text(text)
    with pytest.raises(InputError, match=r"task\.json"):
        Task.load(saved)


def test_task_file_is_plain_json(saved):
    plain = json.loads((saved / "task.json").read_text())
    assert plain["schema"] == 1
    assert plain["fingerprint"] == open_task("digits").fingerprint
    assert plain["source"]["counts"] == {"train": 1259, "valid": 269, "test": 269}
