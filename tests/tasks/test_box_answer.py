"""What a detector's outputs mean: decoding, average precision, and what is told."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.tasks.answers import answer_of
from netwright.tasks.answers.boxes import BITS, CELL, MOST, NONE, decode, keep, merits, placed, score, told
from netwright.tasks.answers.precision import RECALLS, THRESHOLDS, overlaps, right_from

CLASSES = 3
GRID = (16, 20)


def drawn_boxes(count: int, seed: int = 0, most: int = 6) -> np.ndarray:
    """(N, M, 5) targets of boxes whose middles lie in different cells."""
    rng = np.random.default_rng(seed)
    y = np.full((count, most, 5), NONE, dtype=np.float32)
    for one in y:
        cells = rng.choice(GRID[0] * GRID[1] // 16, rng.integers(1, most + 1), replace=False)
        for row, cell in zip(one, cells, strict=False):
            x, z = 16 * (cell % 5) + rng.uniform(4, 12), 16 * (cell // 5) + rng.uniform(4, 12)
            wide, high = rng.uniform(6, 14, 2)
            row[:] = rng.integers(CLASSES), x - wide / 2, z - high / 2, x + wide / 2, z + high / 2
    y[..., 1:] = np.where(y[..., :1] == NONE, NONE, np.clip(y[..., 1:], 0, [80, 64, 80, 64]))
    return y


def answered(y: np.ndarray, score: float = 4.0) -> np.ndarray:
    """Outputs that say exactly what the targets are: (N, K + 4, h, w)."""
    outputs = np.zeros((len(y), CLASSES + 4, *GRID), dtype=np.float32)
    outputs[:, :CLASSES] = -8.0
    for maps, boxes in zip(outputs, y, strict=True):
        for label, left, top, right, bottom in boxes[boxes[:, 0] != NONE]:
            column, row = int((left + right) / 2 // CELL), int((top + bottom) / 2 // CELL)
            x, z = (column + 0.5) * CELL, (row + 0.5) * CELL
            maps[int(label), row, column] = score
            maps[CLASSES:, row, column] = np.log(np.array([x - left, z - top, right - x, bottom - z]) / CELL)
    return outputs


def test_what_says_the_truth_scores_one() -> None:
    y = drawn_boxes(12)
    kept = keep(answered(y), y)
    assert kept.shape == (12, 3 * MOST + CLASSES)
    found = score(kept, y)
    assert found == {"map50": pytest.approx(1.0), "map": pytest.approx(1.0)}
    assert answer_of("detection").metrics == tuple(found)


def test_decoding_finds_peaks_best_first_and_each_thing_once() -> None:
    outputs = np.full((1, CLASSES + 4, *GRID), -9.0, dtype=np.float32)
    outputs[:, CLASSES:] = np.log(2.0)
    outputs[0, 1, 5, 5], outputs[0, 1, 5, 6], outputs[0, 1, 5, 8] = 2.0, 1.0, 1.5
    outputs[0, 2, 5, 5], outputs[0, 0, 12, 12] = 1.0, 3.0
    found = decode(outputs)[0]
    sure = found[found[:, 0] > 0.5]
    assert sure[:, 1].tolist() == [0, 1, 1, 2]
    assert sure[:, 0] == pytest.approx(1 / (1 + np.exp([-3.0, -2.0, -1.5, -1.0])), rel=1e-5)
    assert sure[0, 2:] == pytest.approx([42, 42, 58, 58], abs=1e-4)
    outputs[0, CLASSES:, 5, 5:9] = np.log(9.0)
    assert decode(outputs)[0][:4, 1].tolist()[:3] == [0, 1, 2]


def test_boxes_end_at_the_edge() -> None:
    outputs = np.full((1, CLASSES + 4, *GRID), 9.0, dtype=np.float32)
    found = decode(outputs)[0]
    assert found[0, 2:].tolist() == [0, 0, 4 * GRID[1], 4 * GRID[0]]
    assert np.isfinite(found).all()


def test_outputs_that_are_no_numbers_are_told() -> None:
    y = drawn_boxes(3)
    outputs = answered(y)
    outputs[1, 0, 0, 0] = np.nan
    kept = keep(outputs, y)
    assert np.isnan(kept[1]).all()
    assert np.isfinite(kept[[0, 2]]).all()


def test_overlaps_by_hand() -> None:
    one = np.array([[0.0, 0, 4, 4], [0, 0, 0, 0]])
    other = np.array([[0.0, 0, 4, 4], [2, 0, 6, 4], [1, 1, 3, 3], [9, 9, 10, 10]])
    assert overlaps(one, other)[0] == pytest.approx([1, 8 / 24, 4 / 16, 0])
    assert overlaps(one, other)[1].tolist() == [0, 0, 0, 0]


def kept_of(found: np.ndarray, y: np.ndarray) -> np.ndarray:
    """As `keep` leaves it, of boxes (N, D, 6) in any order."""
    kept = np.zeros((len(found), 3 * MOST + CLASSES))
    for row, one, truth in zip(kept, found, y, strict=True):
        one = one[np.argsort(-one[:, 0], kind="stable")]
        row[: len(one)], row[MOST : MOST + len(one)] = one[:, 0], one[:, 1]
        row[2 * MOST : 2 * MOST + len(one)] = right_from(one, truth[truth[:, 0] != NONE]) @ BITS
        row[3 * MOST :] = [(truth[:, 0] == label).sum() for label in range(CLASSES)]
    return kept


def slow_precision(found: np.ndarray, y: np.ndarray, label: int, threshold: float) -> float:
    """Average precision of one class, written out."""
    rows = [
        (row[0], image, row[2:]) for image, one in enumerate(found) for row in one if row[0] > 0 and row[1] == label
    ]
    free = {(image, place) for image, one in enumerate(y) for place, row in enumerate(one) if row[0] == label}
    total, right = len(free), []
    for _, image, box in sorted(rows, key=lambda row: -row[0]):
        fits = [
            (overlaps(box[None], y[image, place, 1:][None])[0, 0], place) for other, place in free if other == image
        ]
        best = max(fits, default=(0.0, -1))
        right.append(best[0] >= threshold)
        if right[-1]:
            free.remove((image, best[1]))
    hits = np.cumsum(right)
    recall, precision = hits / total, hits / np.arange(1, len(hits) + 1)
    return float(np.mean([precision[recall >= level].max(initial=0.0) for level in RECALLS]))


def guessed(y: np.ndarray, seed: int) -> np.ndarray:
    """Boxes near the truth and some that are wrong, in any order of scores: (N, 2M, 6)."""
    rng = np.random.default_rng(seed)
    near = y[..., 1:] + rng.normal(0, 1.2, y[..., 1:].shape)
    wrong = y[::-1, :, 1:] + rng.normal(0, 2, y[..., 1:].shape)
    labels = np.where(rng.random(y.shape[:2]) < 0.85, y[..., 0], rng.integers(0, CLASSES, y.shape[:2]))
    boxes = np.concatenate([near, wrong], axis=1)
    kinds = np.concatenate([labels, rng.integers(0, CLASSES, y.shape[:2])], axis=1)
    there = (boxes[..., 2:] > boxes[..., :2]).all(axis=2) & (kinds != NONE) & (rng.random(kinds.shape) < 0.8)
    scores = rng.uniform(0.01, 1, kinds.shape) * there
    return np.concatenate([scores[..., None], kinds[..., None], boxes], axis=2)


@pytest.mark.parametrize("seed", range(4))
def test_average_precision_agrees_with_its_definition(seed: int) -> None:
    y = drawn_boxes(10, seed)
    found = guessed(y, seed)
    expected = np.array([[slow_precision(found, y, label, one) for one in THRESHOLDS] for label in range(CLASSES)])
    scored = score(kept_of(found, y), y)
    assert scored == {"map50": pytest.approx(expected[:, 0].mean()), "map": pytest.approx(expected.mean())}


def test_average_precision_agrees_with_the_reference() -> None:
    coco = pytest.importorskip("faster_coco_eval", reason="faster-coco-eval is not installed")
    y = drawn_boxes(40, 7)
    found = guessed(y, 7)
    truth = {
        "images": [{"id": image} for image in range(len(y))],
        "categories": [{"id": label} for label in range(CLASSES)],
        "annotations": [],
    }
    answers = []
    for image in range(len(y)):
        for label, *box in y[image].tolist():
            if label != NONE:
                whole = {"image_id": image, "category_id": int(label), "bbox": sides(box), "iscrowd": 0}
                area = whole["bbox"][2] * whole["bbox"][3]
                truth["annotations"].append({**whole, "id": len(truth["annotations"]) + 1, "area": area})
        for sure, label, *box in found[image].tolist():
            if sure > 0:
                answers.append({"image_id": image, "category_id": int(label), "bbox": sides(box), "score": sure})
    held = coco.COCO(truth)
    judge = coco.COCOeval_faster(held, held.loadRes(answers), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    found_scores = score(kept_of(found, y), y)
    assert found_scores["map"] == pytest.approx(judge.stats[0], abs=1e-6)
    assert found_scores["map50"] == pytest.approx(judge.stats[1], abs=1e-6)


def sides(box: list[float]) -> list[float]:
    return [box[0], box[1], box[2] - box[0], box[3] - box[1]]


def test_nothing_found_and_nothing_there() -> None:
    y = drawn_boxes(3)
    assert score(kept_of(np.zeros((3, 1, 6)), y), y) == {"map50": 0.0, "map": 0.0}
    empty = np.full((3, 1, 5), NONE)
    assert all(np.isnan(value) for value in score(keep(answered(y), empty), empty).values())


@pytest.mark.parametrize("metric", ["map50", "map"])
def test_merits_are_what_a_metric_loses_without_an_image(metric: str) -> None:
    y = drawn_boxes(9, 5)
    kept = kept_of(guessed(y, 5), y)
    given = merits(metric, kept, y)
    assert given is not None
    assert given.mean() == pytest.approx(score(kept, y)[metric])
    without = np.array([score(np.delete(kept, image, 0), y)[metric] for image in range(9)])
    assert given - given.mean() == pytest.approx(8 * (without.mean() - without))
    assert merits("accuracy", kept, y) is None
    assert merits(metric, kept_of(np.zeros((9, 1, 6)), np.full_like(y, NONE)), y) is None


def test_what_is_told_is_sure_and_in_the_images_own_pixels() -> None:
    y = drawn_boxes(4)
    names = ("a", "b", "c")
    said = told(answered(y), names)
    for one, boxes in zip(said, y, strict=True):
        assert sorted(box["label"] for box in one["boxes"]) == sorted(
            names[int(row[0])] for row in boxes if row[0] >= 0
        )
    assert told(answered(y, -1.0), names) == [{"boxes": []}] * 4
    moved = placed({"boxes": [{"label": "a", "score": 0.9, "box": [8, 8, 40, 64]}]}, (480, 640), (64, 80))
    assert moved["boxes"][0] == {"label": "a", "score": 0.9, "box": pytest.approx([64, 64, 320, 480])}
