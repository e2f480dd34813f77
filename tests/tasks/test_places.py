"""A class for each place: its metrics against a count by hand, and that they add up over batches."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.insight.quality import Outputs, example_scores
from netwright.tasks.answers import answer_of
from netwright.tasks.answers.places import METRICS, PLACES, UNKNOWN


def cases(count: int, classes: int, places: tuple[int, ...], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Logits that are right more often than not, and targets of which some are unknown and one class is absent."""
    rng = np.random.default_rng(seed)
    y = rng.integers(UNKNOWN, max(1, classes - 1), (count, *places)).astype(np.int16)
    outputs = rng.normal(size=(count, classes, *places)).astype(np.float32)
    np.put_along_axis(outputs, np.maximum(y, 0)[:, None].astype(np.int64), 1.0, axis=1)
    return outputs, y


def by_hand(outputs: np.ndarray, y: np.ndarray) -> dict[str, float]:
    """The definitions, place by place."""
    classes = outputs.shape[1]
    found = np.moveaxis(outputs, 1, -1).reshape(-1, classes).astype(np.float64)
    pairs = [(row, label) for row, label in zip(found, y.ravel().tolist(), strict=True) if label != UNKNOWN]
    ratios = []
    for label in range(classes):
        both = sum(row.argmax() == label == had for row, had in pairs)
        either = sum(row.argmax() == label or had == label for row, had in pairs)
        ratios += [both / either] if either else []
    p = [np.exp(row - row.max()) / np.exp(row - row.max()).sum() for row, _ in pairs]
    return {
        "mean_iou": float(np.mean(ratios)),
        "pixel_accuracy": float(np.mean([row.argmax() == had for row, had in pairs])),
        "log_loss": float(np.mean([-np.log(share[had]) for share, (_, had) in zip(p, pairs, strict=True)])),
    }


@pytest.mark.parametrize("places", [(4, 5), (7,)])
def test_metrics_are_what_their_definitions_say(places: tuple[int, ...]) -> None:
    outputs, y = cases(6, 4, places, 0)
    found = PLACES.score(PLACES.keep(outputs, y), y)
    assert tuple(found) == METRICS == answer_of("segmentation").metrics
    assert found == pytest.approx(by_hand(outputs, y), rel=1e-5)


@settings(max_examples=60, deadline=None)
@given(st.integers(2, 9), st.integers(1, 8), st.integers(1, 5), st.integers(0, 2**16))
def test_what_is_kept_adds_up(count: int, cut: int, classes: int, seed: int) -> None:
    """Batches kept one by one score as all at once, in any order of examples; so do merits, on average."""
    outputs, y = cases(count, classes, (3, 4), seed)
    whole = PLACES.keep(outputs, y)
    parts = np.concatenate([PLACES.keep(outputs[:cut], y[:cut]), PLACES.keep(outputs[cut:], y[cut:])])
    np.testing.assert_allclose(parts, whole)
    expected = PLACES.score(whole, y)
    assert PLACES.score(parts[::-1], y) == pytest.approx(expected, nan_ok=True)
    for metric in METRICS:
        merits = PLACES.merits(metric, whole, y)
        if merits is not None:
            sign = -1.0 if metric == "log_loss" else 1.0
            assert merits.shape == (count,)
            assert merits.mean() == pytest.approx(sign * expected[metric], abs=1e-9)


def test_merits_tell_how_the_metric_moves_with_an_image() -> None:
    """Half of an image's influence counted twice moves the metric by what its merit says, to the first order."""
    outputs, y = cases(40, 3, (6, 6), 1)
    kept = PLACES.keep(outputs, y)
    merits, before = PLACES.merits("mean_iou", kept, y), PLACES.score(kept, y)["mean_iou"]
    assert merits is not None
    for image in range(5):
        heavier = kept.copy()
        heavier[image] *= 1.001
        moved = PLACES.score(heavier, y)["mean_iou"] - before
        assert moved == pytest.approx(0.001 * (merits[image] - before) / len(kept), rel=0.05, abs=1e-9)


def test_nothing_known_is_no_number() -> None:
    outputs, y = np.zeros((2, 3, 2, 2), np.float32), np.full((2, 2, 2), UNKNOWN, np.int16)
    assert np.isnan(PLACES.score(PLACES.keep(outputs, y), y)["mean_iou"])
    assert PLACES.merits("pixel_accuracy", PLACES.keep(outputs, y), y) is None


def test_what_is_told_of_an_image() -> None:
    outputs = np.zeros((1, 3, 2, 2), np.float32)
    outputs[0, 2, 0] = 1.0
    outputs[0, 0, 1, 0] = outputs[0, 2, 1, 1] = 1.0
    (said,) = PLACES.told(outputs, ("sky", "road", "car"))
    assert said["mask"].tolist() == [[2, 2], [0, 2]]
    assert said["shares"] == {"car": 0.75, "sky": 0.25}


def test_the_report_compares_them_by_their_merits() -> None:
    outputs, y = cases(5, 3, (4, 4), 2)
    kept = PLACES.keep(outputs, y)
    scores = example_scores("mean_iou", Outputs(kept, np.zeros(5), "segmentation"))
    assert scores is not None
    assert scores.mean() == pytest.approx(PLACES.score(kept, y)["mean_iou"])
