from __future__ import annotations

import gzip
import tarfile

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression

from netwright.tasks import open_task

ADULT = (
    "age,workclass,fnlwgt,education,education-num,marital-status,occupation,relationship,race,sex,capital-gain,"
    "capital-loss,hours-per-week,native-country,income\n"
)


def test_mnist_keeps_its_test_split(real):
    path = real("mnist.npz")
    task = open_task(path)
    assert [len(split) for split in task.splits.values()] == [54_999, 5_001, 10_000]
    with np.load(path) as arrays:
        assert np.array_equal(task.test.x[:, 0], arrays["x_test"])
        assert np.array_equal(task.test.y, arrays["y_test"])
    assert task.augment == {"shift": 2}
    assert task.prepare["mean"][0] == pytest.approx(0.1307, abs=2e-3)


def test_cifar_has_its_classes_and_may_be_mirrored(real):
    task = open_task(real("cifar10_subset8k.npz"))
    assert task.signature.inputs == (3, 32, 32)
    assert task.classes[3] == "cat"
    assert task.augment == {"shift": 4, "flip": True}
    assert task.prepare["mean"] == pytest.approx([0.4914, 0.4822, 0.4465], abs=5e-3)
    assert np.bincount(task.valid.y).tolist() == [90] * 10


def test_pneumonia_keeps_all_its_splits(real):
    task = open_task(real("pneumoniamnist_rebuilt.npz"))
    assert [len(split) for split in task.splits.values()] == [4708, 524, 624]
    assert task.signature.outputs == 2
    assert task.metric == "accuracy"


def test_adult_can_be_learnt_from_its_encoding(real, tmp_path):
    with gzip.open(real("tabular/adult.data.gz"), "rt") as file:
        rows = [next(file) for _ in range(6000)]
    path = tmp_path / "adult.csv.gz"
    path.write_bytes(gzip.compress((ADULT + "".join(rows)).encode()))
    task = open_task(path, target="income")
    assert task.classes == ("<=50K", ">50K")
    types = [column["type"] for column in task.prepare["columns"]]
    assert types.count("number") == 6
    assert types.count("text") == 8
    assert next(column for column in task.prepare["columns"] if column["name"] == "workclass")["indicator"]
    model = LogisticRegression(max_iter=300).fit(task.train.x, task.train.y)
    trees = HistGradientBoostingClassifier(max_iter=40, random_state=0).fit(task.train.x, task.train.y)
    for fitted in (model, trees):
        outputs = np.log(np.maximum(fitted.predict_proba(task.test.x), 1e-9))
        scores = task.score(outputs, task.test.y)
        assert scores["accuracy"] > 0.82
        assert scores["auc"] > 0.86


def test_a_linear_model_learns_the_digits():
    task = open_task("digits")
    mean, std = (np.array(task.prepare[name])[:, None, None] for name in ("mean", "std"))
    x = {name: ((split.x / 255 - mean) / std).reshape(len(split), -1) for name, split in task.splits.items()}
    model = LogisticRegression(max_iter=200, C=0.1).fit(x["train"], task.train.y)
    assert task.score(model.predict_log_proba(x["test"]), task.test.y)["accuracy"] > 0.93


def test_blood_cells_with_boxes(real, tmp_path):
    with tarfile.open(real("bccd.tar.gz")) as archive:
        archive.extractall(tmp_path, filter="data")
    task = open_task(tmp_path / "BCCD")
    assert task.classes == ("Platelets", "RBC", "WBC")
    assert [len(split) for split in task.splits.values()] == [205, 87, 72]
    assert sum(task.source["boxes"].values()) == 4155 + 372 + 361 - 2
    assert any("2 boxes without height or width are left out" in line for line in task.source["warnings"])
    for split in task.splits.values():
        boxes = split.y[split.y[..., 0] >= 0]
        assert (boxes[:, 1:3] < boxes[:, 3:]).all()
        assert boxes[:, 1:].max() <= 160
