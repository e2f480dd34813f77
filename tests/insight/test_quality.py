"""Per-example scores whose mean is the metric."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netwright.insight.quality import Outputs, example_scores, stored_outputs, transform_of
from netwright.tasks.answers.classes import score
from netwright.trial import Trial


def stored(outputs: Any, y: Any, kind: str = "classification") -> Outputs:
    return Outputs(np.asarray(outputs, dtype=np.float64), np.asarray(y, dtype=np.float64), kind)


LOGITS = stored([[2.0, 0.0, 0.0], [0.0, 3.0, 0.0], [1.0, 0.0, 0.5], [0.0, 0.0, 4.0]], [0, 1, 2, 2])


def test_accuracy_is_the_share_of_right_answers() -> None:
    scores = example_scores("accuracy", LOGITS)
    assert scores is not None
    assert scores.tolist() == [1.0, 1.0, 0.0, 1.0]


def test_balanced_accuracy_is_the_mean_recall() -> None:
    scores = example_scores("balanced_accuracy", LOGITS)
    assert scores is not None
    assert scores.mean() == pytest.approx((1 + 1 + 0.5) / 3)


def test_log_loss_is_minus_the_log_probability() -> None:
    scores = example_scores("log_loss", LOGITS)
    expected = [2 - math.log(math.exp(2) + 2), 3 - math.log(math.exp(3) + 2)]
    assert scores is not None
    assert scores[:2].tolist() == pytest.approx(expected)


@pytest.mark.parametrize("metric", ["mae", "rmse", "r2"])
def test_regression_scores_give_the_metric(metric: str) -> None:
    y, answers = np.array([1.0, 2.0, 4.0, 7.0]), np.array([1.5, 2.0, 3.0, 9.0])
    errors = answers - y
    expected = {
        "mae": -np.abs(errors).mean(),
        "rmse": -np.sqrt((errors**2).mean()),
        "r2": 1 - (errors**2).sum() / ((y - y.mean()) ** 2).sum(),
    }[metric]
    scores, transform = example_scores(metric, stored(answers[:, None], y, "regression")), transform_of(metric)
    assert scores is not None
    mean = scores.mean(keepdims=True)
    assert float((transform(mean) if transform else mean)[0]) == pytest.approx(expected)


def test_metrics_that_are_no_mean_have_no_scores() -> None:
    assert example_scores("f1", LOGITS) is None
    assert example_scores("auc", stored([[1.0, 0.0], [0.0, 1.0]], [1, 1])) is None


@pytest.mark.parametrize("classes", [2, 4])
def test_the_area_under_the_curve_has_delongs_placements(classes: int) -> None:
    """Their mean is the metric, ties and all, and their spread that of resampled test splits."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, classes, 300)
    logits = np.round(rng.normal(size=(300, classes)) + 1.2 * np.eye(classes)[y], 1)
    scores = example_scores("auc", stored(logits, y))
    assert scores is not None
    assert scores.mean() == pytest.approx(score(logits, y)["auc"])
    drawn = [rng.integers(0, 300, 300) for _ in range(200)]
    spread = np.std([score(logits[chosen], y[chosen])["auc"] for chosen in drawn])
    assert scores.std() / 300**0.5 == pytest.approx(spread, rel=0.2)


def test_labels_outside_the_outputs_have_no_scores() -> None:
    assert example_scores("accuracy", stored([[1.0, 0.0]], [5])) is None


def test_damaged_and_absent_files_count_as_absent(tmp_path: Path) -> None:
    nothing: Any = None
    trial = Trial(7, nothing)
    assert stored_outputs(tmp_path, trial) is None
    folder = tmp_path / "trials" / "000007"
    folder.mkdir(parents=True)
    (folder / "test.npz").write_bytes(b"not a zip file")
    assert stored_outputs(tmp_path, trial) is None
    np.savez(folder / "test.npz", outputs=np.array([object()], dtype=object), y=np.zeros(1))
    assert stored_outputs(tmp_path, trial) is None
    np.savez(folder / "test.npz", outputs=np.zeros((3, 2), np.float32), y=np.zeros(2))
    assert stored_outputs(tmp_path, trial) is None
    np.savez(folder / "test.npz", outputs=np.zeros((2, 2), np.float32), y=np.zeros(2))
    assert stored_outputs(tmp_path, trial) is not None
