from __future__ import annotations

import math

import numpy as np
import pytest
from sklearn import metrics as reference

from netwright.tasks import open_task
from netwright.tasks.answers import classes, values


def test_classification_agrees_with_the_reference():
    rng = np.random.default_rng(0)
    logits, y = rng.normal(size=(200, 4)) * 3, rng.integers(0, 4, 200)
    found = classes.score(logits, y)
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    assert found["accuracy"] == pytest.approx(reference.accuracy_score(y, p.argmax(1)))
    assert found["balanced_accuracy"] == pytest.approx(reference.balanced_accuracy_score(y, p.argmax(1)))
    assert found["f1"] == pytest.approx(reference.f1_score(y, p.argmax(1), average="macro"))
    assert found["auc"] == pytest.approx(reference.roc_auc_score(y, p, multi_class="ovr"))
    assert found["log_loss"] == pytest.approx(reference.log_loss(y, p))
    assert tuple(found) == classes.METRICS


def test_two_classes_and_a_class_that_is_absent():
    logits = np.array([[2.0, -1.0, 0.0], [0.0, 1.0, 0.0], [1.5, 0.0, 0.0], [0.0, 3.0, 0.0]])
    found = classes.score(logits, np.array([0, 1, 1, 1]))
    assert found["balanced_accuracy"] == pytest.approx((1 + 2 / 3) / 2)
    assert classes.score(logits[:, :2], np.array([0, 1, 1, 1]))["auc"] == 1.0
    assert math.isnan(classes.score(logits, np.array([1, 1, 1, 1]))["auc"])


def test_huge_logits_do_not_overflow():
    found = classes.score(np.array([[1e4, -1e4], [1e4, -1e4]]), np.array([0, 1]))
    assert found["log_loss"] == pytest.approx(1e4)


def test_regression_agrees_with_the_reference():
    rng = np.random.default_rng(0)
    given, y = rng.normal(size=50), rng.normal(size=50)
    found = values.score(given[:, None], y)
    assert found["rmse"] == pytest.approx(reference.root_mean_squared_error(y, given))
    assert found["mae"] == pytest.approx(reference.mean_absolute_error(y, given))
    assert found["r2"] == pytest.approx(reference.r2_score(y, given))
    assert math.isnan(values.score(np.zeros(3), np.ones(3))["r2"])


@pytest.mark.parametrize("shape", [(3,), (5, 2), (4, 2, 1)])
def test_outputs_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match="do not fit"):
        classes.score(np.zeros(shape), np.zeros(4, dtype=int))


def test_task_scores_and_decodes():
    wine, diabetes = open_task("wine"), open_task("diabetes")
    perfect = np.eye(3)[wine.test.y] * 9
    assert wine.score(perfect, wine.test.y)["accuracy"] == 1
    assert wine.decode(perfect) == [wine.classes[label] for label in wine.test.y]
    assert diabetes.score(diabetes.test.y, diabetes.test.y)["rmse"] == 0
    assert diabetes.decode(diabetes.test.y[:2]) == [float(value) for value in diabetes.test.y[:2]]
    with pytest.raises(ValueError, match="do not fit 3 classes"):
        wine.decode(np.zeros((4, 2)))
