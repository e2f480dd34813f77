"""Boxes in training: they move with their images, the loss is least at the truth, low resolution answers for all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest
import torch
from tests.tasks.test_box_answer import CLASSES, GRID, answered, drawn_boxes

from netwright.backends.torch.boxes import Boxes, moved, on_the_whole
from netwright.backends.torch.recipe import Recipe
from netwright.operations import Signature
from netwright.tasks import Task
from netwright.tasks.answers.boxes import NONE, decode

SIGNATURE = Signature((3, 64, 80), CLASSES, "detection")
POLICY = {"flip": True, "shift": 6, "brightness": 0.2}


def random(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def painted(y: torch.Tensor) -> torch.Tensor:
    """Black images with white boxes of whole pixels."""
    x = torch.zeros((len(y), 1, 64, 80), dtype=torch.uint8)
    for image, boxes in zip(x, y, strict=True):
        for label, left, top, right, bottom in boxes.int().tolist():
            if label != NONE:
                image[:, top:bottom, left:right] = 255
    return x


def whole_boxes(count: int) -> torch.Tensor:
    y = torch.full((count, 2, 5), NONE)
    corners = torch.randint(0, 40, (count, 2), generator=random(1))
    y[:, 0, 0] = 1
    y[:, 0, 1:3], y[:, 0, 3:] = corners, corners + torch.tensor([14, 9])
    return y


def test_boxes_move_with_their_images() -> None:
    y = whole_boxes(64)
    x, now = moved(painted(y), y, {"flip": True, "shift": 6}, random())
    assert not torch.equal(now, y)
    assert torch.equal(now[:, 1], y[:, 1])
    for image, box in zip(x, now[:, 0], strict=True):
        rows, columns = (image[0] == 255).nonzero(as_tuple=True)
        assert [1, columns.min(), rows.min(), columns.max() + 1, rows.max() + 1] == box.int().tolist()


def test_boxes_that_leave_the_image_are_none() -> None:
    y = torch.tensor([[[0.0, 0, 0, 8, 8], [0, 40, 40, 60, 60]]]).repeat(200, 1, 1)
    _, now = moved(torch.zeros((200, 1, 64, 80), dtype=torch.uint8), y, {"shift": 12}, random())
    gone = now[:, 0, 0] == NONE
    assert 0 < int(gone.sum()) < 200
    assert (now[gone][:, 0] == NONE).all()
    assert (now[:, 1, 0] == 0).all()
    inside = now[~gone][:, 0, 1:]
    assert (inside >= 0).all()
    assert ((inside[:, 2] - inside[:, 0]) * (inside[:, 3] - inside[:, 1]) >= 0.3 * 64).all()


def test_brightness_changes_images_alone() -> None:
    y = whole_boxes(16)
    x = torch.full((16, 3, 64, 80), 100, dtype=torch.uint8)
    brighter, same = moved(x, y, {"brightness": 0.2}, random())
    assert torch.equal(same, y)
    assert brighter.dtype == torch.uint8
    levels = brighter.float().mean((1, 2, 3))
    assert float(levels.min()) < 92
    assert float(levels.max()) > 108


def loss(balance: float = 0.0) -> Boxes:
    train = SimpleNamespace(y=drawn_boxes(20))
    return Boxes(cast(Task, SimpleNamespace(signature=SIGNATURE, train=train)), Recipe(balance=balance))


def test_the_loss_is_least_at_the_truth() -> None:
    y = drawn_boxes(8)
    targets, judge = torch.from_numpy(y), loss()
    truth = torch.from_numpy(answered(y, 8.0)).requires_grad_()
    first = value = judge(truth, targets)
    for _ in range(300):
        value = judge(truth, targets)
        (slope,) = torch.autograd.grad(value, truth)
        with torch.no_grad():
            truth -= 0.5 * slope
    best = truth.detach()
    assert value.item() < first.item()
    for change in (torch.zeros_like(best), best.roll(2, 3), best.roll(1, 1)):
        assert judge(change, targets).item() > value.item() + 1.0


def test_learning_the_targets_finds_the_boxes() -> None:
    """Outputs that are trained freely end up as what is decoded to the targets."""
    y = drawn_boxes(4, seed=3)
    targets, judge = torch.from_numpy(y), loss()
    free = torch.zeros((4, CLASSES + 4, *GRID), requires_grad=True)
    optimizer = torch.optim.Adam([free], 0.1)
    for _ in range(200):
        optimizer.zero_grad()
        judge(free, targets).backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    for found, boxes in zip(decode(free.detach().numpy()), y, strict=True):
        there = boxes[boxes[:, 0] != NONE]
        sure = found[found[:, 0] > 0.5]
        assert len(sure) == len(there)
        for row in there:
            gaps = np.abs(sure[:, 1:] - row).max(axis=1)
            assert gaps.min() < 1.0


def test_images_without_boxes_teach_that_there_are_none() -> None:
    y = torch.full((2, 1, 5), NONE)
    answers = torch.zeros((2, CLASSES + 4, *GRID), requires_grad=True)
    value = loss()(answers, y)
    value.backward()  # type: ignore[no-untyped-call]
    slopes: Any = answers.grad
    assert torch.isfinite(value)
    assert (slopes[:, :CLASSES] > 0).all()
    assert (slopes[:, CLASSES:] == 0).all()


def test_the_smallest_box_has_the_cell() -> None:
    y = torch.tensor([[[0.0, 4, 4, 76, 60], [1, 34, 26, 46, 38]]])
    _, owner, weight = loss()._targets(y, *GRID)
    assert owner[0, 8, 10] == 1
    assert owner[0, 8, 6] == 0
    assert float(weight[0][owner[0] == 1].sum()) == pytest.approx(1.0)
    assert float(weight[0][(owner[0] == 0) & (weight[0] > 0)].sum()) == pytest.approx(1.0)


def test_a_student_that_answers_like_its_teacher_has_least_to_learn() -> None:
    y = drawn_boxes(4)
    teacher, judge = torch.from_numpy(answered(y)), loss()
    same = float(judge.distilled(teacher, teacher))
    assert same == pytest.approx(0.0, abs=1e-6)
    assert float(judge.distilled(torch.zeros_like(teacher), teacher)) > 0.1


@pytest.mark.parametrize("share", [(8, 10), (12, 15), (16, 20)])
def test_low_resolution_answers_for_the_whole_image(share: tuple[int, int]) -> None:
    height, width = share
    answers = torch.full((1, CLASSES + 4, height, width), -6.0)
    row, column = height // 2, width // 2
    answers[0, 1, row, column] = 5.0
    answers[0, CLASSES:] = float(np.log(16 / (64 / height)))
    whole = on_the_whole(answers, SIGNATURE)
    assert whole.shape[1:] == SIGNATURE.answer
    best = decode(whole.numpy())[0, 0]
    middle = np.array([(column + 0.5) * 80 / width, (row + 0.5) * 64 / height])
    expected = np.concatenate([middle - 16, middle + 16])
    assert best[1] == 1
    assert np.abs(best[2:] - expected).max() <= 4
