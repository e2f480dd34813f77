from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import InputError
from netwright.tasks import open_task
from netwright.tasks.splits import split
from netwright.tasks.targets import class_names, guess, labels
from netwright.tasks.vision.augmentation import policy

TABLE = np.random.default_rng(2).normal(size=(100, 2))


@pytest.mark.parametrize(
    ("y", "kind"),
    [
        (["a", "b"] * 50, "classification"),
        ([True, False] * 50, "classification"),
        ([0, 1, 2, 3] * 25, "classification"),
        ([1.0, 2.0] * 50, "classification"),
        (list(range(100)), "regression"),
        ([0.5, 1.5] * 50, "regression"),
        ([*range(40)] * 2 + [0] * 20, "regression"),
    ],
)
def test_guessed_kind(y, kind):
    task = open_task((TABLE, y))
    assert task.kind == f"tabular-{kind}"
    assert task.signature.kind == kind


def test_kind_overrides():
    y = np.arange(100) % 4
    assert open_task((TABLE, y), kind="regression").kind == "tabular-regression"
    assert open_task((TABLE, y), kind="tabular-regression").metric == "rmse"
    assert open_task((TABLE, np.arange(100) // 10 + 0.5), kind="classification").classes[:2] == ("0.5", "1.5")


@pytest.mark.parametrize(
    ("y", "kind", "message"),
    [
        (["a", "b"] * 50, "regression", "regression needs numbers"),
        ([0, 1] * 50, "image-classification", "does not suit a table"),
        ([0, 1] * 50, "clasification", "did you mean 'classification'"),
    ],
)
def test_kinds_that_do_not_fit(y, kind, message):
    with pytest.raises(InputError, match=message):
        open_task((TABLE, y), kind=kind)


def test_images_are_only_classified():
    with pytest.raises(InputError, match="images can only be classified"):
        guess(np.arange(5.0), domain="image", kind="regression")


def test_classes_are_in_order_of_their_numbers():
    assert class_names(np.array([10.0, 9.0, 2.0]), ())[1] == ("2", "9", "10")
    assert class_names(np.array(["b", "a"], dtype=object), ())[1] == ("a", "b")


def test_one_hot_targets():
    y = np.arange(12) % 3
    assert labels(np.eye(3)[y]).tolist() == y.tolist()


def test_lopsided_classes_change_the_default_objective():
    y = np.where(np.arange(100) < 6, "ill", "well")
    task = open_task((TABLE, y))
    assert task.metric == "balanced_accuracy"
    assert "class 'well' holds 94%" in task.source["warnings"][0]


@given(st.lists(st.integers(3, 60), min_size=2, max_size=6), st.integers(0, 5))
def test_splits_are_stratified_partitions(counts, seed):
    y = np.repeat(np.arange(len(counts)), counts)
    classes = [str(label) for label in range(len(counts))]
    parts = split(y, (0.15, 0.15), classes, seed)
    assert np.array_equal(np.sort(np.concatenate(parts)), np.arange(len(y)))
    for label, count in enumerate(counts):
        sizes = [int((y[part] == label).sum()) for part in parts]
        assert min(sizes) >= 1
        assert all(abs(size - 0.15 * count) <= 1 for size in sizes[1:])
    again = split(y, (0.15, 0.15), classes, seed)
    assert all(np.array_equal(one, other) for one, other in zip(parts, again, strict=True))


def test_regression_splits_cover_the_range():
    y = np.random.default_rng(0).exponential(size=400)
    train, valid, _ = (y[part] for part in split(y, (0.15, 0.15), (), seed=0))
    assert np.median(valid) == pytest.approx(np.median(train), rel=0.25)
    assert valid.max() > np.quantile(y, 0.9)
    assert valid.min() < np.quantile(y, 0.1)


@pytest.mark.parametrize(("valid", "test"), [(0, 0.1), (0.1, 1), (-1, 0.1), (0.5, 0.5)])
def test_shares_that_leave_nothing(valid, test):
    with pytest.raises(InputError, match=r"fraction|leave at least a tenth"):
        open_task("wine", valid=valid, test=test)


@pytest.mark.parametrize("count", [2, 3])
def test_too_few_examples_for_regression(count):
    x, y = TABLE[:count], np.linspace(0, 1, count)
    if count == 2:
        with pytest.raises(InputError, match="too few to split"):
            open_task((x, y), kind="regression")
    else:
        with pytest.raises(InputError, match="no column to learn from"):
            open_task((x, y), kind="regression")


@pytest.mark.parametrize(
    ("inputs", "classes", "flip", "expected"),
    [
        ((1, 8, 8), ("0", "1"), None, {"shift": 1}),
        ((1, 28, 28), ("shirt", "bag"), True, {"shift": 2, "flip": True}),
        ((1, 28, 28), ("shirt", "bag"), None, {"shift": 2}),
        ((3, 32, 32), ("cat", "dog"), None, {"shift": 4, "flip": True}),
        ((3, 32, 32), ("3", "8"), None, {"shift": 4}),
        ((3, 32, 32), ("turn_left", "turn_right"), None, {"shift": 4}),
        ((3, 128, 128), ("cat", "dog"), False, {"shift": 8}),
        ((12,), ("a", "b"), None, {}),
    ],
)
def test_augmentation_policy(inputs, classes, flip, expected):
    assert policy(inputs, classes, flip) == expected
