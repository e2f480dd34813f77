"""Images and the boxes in them, moved alike; and what a network's answers are worth against the boxes.

The loss is that of Liu et al. 2020, "Training-Time-Friendly Network", https://arxiv.org/abs/1909.00700: every cell near
the middle of a box learns the sides of that box, not the middle alone, so that short trainings get far.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from netwright.backends.torch.places import resized
from netwright.backends.torch.recipe import Recipe
from netwright.operations import Signature
from netwright.operations.base import SIDES
from netwright.tasks import Task
from netwright.tasks.answers.boxes import FURTHEST, NEAREST, NONE
from netwright.tasks.vision.images import BESIDE

REACH = 0.54
"""Share of a box's width and height that its cells are near the middle in."""
SIDES_WEIGHT = 5.0
"""Of the sides in the loss, against that of the classes."""
VISIBLE = 0.3
"""Share of a box that must be left in the image once it is moved."""


def moved(x: Tensor, y: Tensor, policy: Mapping[str, Any], random: torch.Generator) -> tuple[Tensor, Tensor]:
    """Images uint8 (B, C, H, W) and their boxes (B, M, 5), changed alike at random.

    policy: flip: mirror left-right with probability 1/2; shift: move by up to that many pixels each way, grey coming
    in; brightness: up to that much darker or brighter. Boxes are cut off at the edge; those of which little is left are
    none.
    """
    if policy.get("flip"):
        x, y = _flipped(x, y, torch.rand(len(x), generator=random).to(x.device) < 0.5)
    if reach := int(policy.get("shift", 0)):
        x, y = _shifted(x, y, torch.randint(-reach, reach + 1, (2, len(x)), generator=random).to(x.device), reach)
    if spread := float(policy.get("brightness", 0)):
        factor = 1 + spread * (2 * torch.rand(len(x), generator=random) - 1)
        x = (x.float() * factor.to(x.device)[:, None, None, None]).round_().clamp_(0, 255).to(x.dtype)
    return x, y


def _flipped(x: Tensor, y: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
    width = x.shape[3]
    label, left, top, right, bottom = y.unbind(2)
    mirrored = torch.stack((label, width - right, top, width - left, bottom), 2)
    there = (label != NONE) & chosen[:, None]
    return torch.where(chosen[:, None, None, None], x.flip(3), x), torch.where(there[..., None], mirrored, y)


def _shifted(x: Tensor, y: Tensor, by: Tensor, reach: int) -> tuple[Tensor, Tensor]:
    """by: (2, B) pixels down and to the right."""
    count, _, height, width = x.shape
    padded = F.pad(x, (reach,) * 4, value=BESIDE)
    rows = reach - by[0][:, None] + torch.arange(height, device=x.device)
    columns = reach - by[1][:, None] + torch.arange(width, device=x.device)
    sample = torch.arange(count, device=x.device)[:, None, None]
    there = padded[sample, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)
    along = torch.stack((by[1], by[0], by[1], by[0]), 1).to(y.dtype)[:, None]
    boxes = y[..., 1:] + along
    most = boxes.new_tensor([width, height, width, height])
    cut = torch.minimum(boxes.clamp(min=0), most)
    kept = (y[..., 0] != NONE) & (_areas(cut) > VISIBLE * _areas(boxes))
    now = torch.cat((y[..., :1], cut), 2)
    return there, torch.where(kept[..., None], now, torch.full_like(y, NONE))


def _areas(boxes: Tensor) -> Tensor:
    return (boxes[..., 2:] - boxes[..., :2]).clamp(min=0).prod(-1)


def on_the_whole(answers: Tensor, signature: Signature) -> Tensor:
    """Answers (B, K + 4, h, w) to images at low resolution, as if they had been seen whole: for all cells, the sides in
    these."""
    cells, seen = signature.places, answers.shape[2:]
    if tuple(seen) == cells:
        return answers
    larger = [math.log(cells[1] / seen[1]), math.log(cells[0] / seen[0])] * 2
    whole = resized(answers, cells, "linear")
    more = whole.new_tensor([0.0] * signature.outputs + larger)
    return whole + more[:, None, None]


class Boxes:
    """Focal loss of where the middles are (Law & Deng 2018, https://arxiv.org/abs/1808.01244), and generalised IoU of
    the boxes (Rezatofighi et al. 2019, https://arxiv.org/abs/1902.09630), each by box."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        self.classes, self.inputs = task.signature.outputs, task.signature.inputs
        self.weight = torch.from_numpy(_balanced(task.train.y[..., 0], self.classes, recipe.balance))

    def __call__(self, answers: Tensor, y: Tensor) -> Tensor:
        """answers: (B, K + 4, h, w); y: (B, M, 5)."""
        heat, owner, weight = self._targets(y, answers.shape[2], answers.shape[3])
        logits, count = answers[:, : self.classes], (y[..., 0] != NONE).sum().clamp(min=1)
        score, miss = logits.sigmoid(), F.softplus(-logits)
        middle = heat == 1
        surprise = torch.where(middle, (1 - score) ** 2 * miss, (1 - heat) ** 4 * score**2 * (miss + logits))
        surprise = surprise * self.weight.to(surprise)[:, None, None]
        batch, row, column = (weight > 0).nonzero(as_tuple=True)
        found = self._corners(answers[:, self.classes :], batch, row, column)
        wanted = y[batch, owner[batch, row, column], 1:]
        apart = (1 - _generalised_iou(found, wanted)) * weight[batch, row, column]
        return (surprise.sum() + SIDES_WEIGHT * apart.sum()) / count

    def distilled(self, answers: Tensor, teacher: Tensor) -> Tensor:
        """Classes as the teacher scores them, in every cell; sides where it sees something."""
        classes, sides = answers[:, : self.classes], answers[:, self.classes :]
        scores = teacher[:, : self.classes].sigmoid()
        seen = scores.amax(1, keepdim=True)
        apart = (classes.sigmoid() - scores).abs() ** 2 * F.binary_cross_entropy_with_logits(
            classes, scores, reduction="none"
        )
        far = F.smooth_l1_loss(sides, teacher[:, self.classes :], reduction="none") * seen
        return apart.sum() / scores.sum().clamp(min=1) + SIDES_WEIGHT * far.sum() / seen.sum().clamp(min=1) / SIDES

    def _cell(self, height: int, width: int) -> tuple[float, float]:
        """Pixels of a cell, across and down."""
        return self.inputs[2] / width, self.inputs[1] / height

    @torch.no_grad()
    def _targets(self, y: Tensor, height: int, width: int) -> tuple[Tensor, Tensor, Tensor]:
        """heat: (B, K, h, w), 1 in the middle of each box and less around it; owner: (B, h, w) which box a cell learns
        the sides of, the smallest near whose middle it lies; weight: (B, h, w), 1 in all for each box, 0: of none."""
        across, down = self._cell(height, width)
        there = y[..., 0] != NONE
        left, top, right, bottom = y[..., 1:].unbind(2)
        x = _bell((left + right) / 2 / across, (right - left) / across, width)
        z = _bell((top + bottom) / 2 / down, (bottom - top) / down, height)
        near = z[..., :, None] * x[..., None, :] * there[..., None, None]
        heat = self._by_class(near, y[..., 0])
        sizes = torch.where(near > 0, _areas(y[..., 1:])[..., None, None].expand_as(near), torch.inf)
        owner = sizes.argmin(1)
        weight = near.gather(1, owner[:, None])[:, 0]
        total = torch.zeros_like(y[..., 0]).scatter_add_(1, owner.flatten(1), weight.flatten(1))
        share = total.clamp(min=1e-6).gather(1, owner.flatten(1)).reshape(weight.shape)
        return heat, owner, weight / share

    def _by_class(self, near: Tensor, labels: Tensor) -> Tensor:
        """(B, M, h, w) -> (B, K, h, w), the nearest box of each class."""
        batch, _, height, width = near.shape
        places = labels.clamp(min=0).long()[..., None].expand(-1, -1, height * width)
        heat = near.new_zeros(batch, self.classes, height * width)
        return heat.scatter_reduce_(1, places, near.flatten(2), "amax").reshape(batch, -1, height, width)

    def _corners(self, sides: Tensor, batch: Tensor, row: Tensor, column: Tensor) -> Tensor:
        """(P, 4) left, top, right, bottom in pixels."""
        across, down = self._cell(sides.shape[2], sides.shape[3])
        reach = sides[batch, :, row, column].clamp(NEAREST, FURTHEST).exp()
        x, y = (column + 0.5) * across, (row + 0.5) * down
        left, top, right, bottom = reach.unbind(1)
        return torch.stack((x - across * left, y - down * top, x + across * right, y + down * bottom), 1)


def _balanced(labels: np.ndarray, classes: int, balance: float) -> np.ndarray:
    """(K,) how much each class counts, 1 on average over the boxes: less for frequent ones, the more so the larger
    `balance` is, from 0 to 1.

    >>> _balanced(np.array([[0, 0, 0, 1], [0, -1, -1, -1]]), 2, 0.5).round(3).tolist()
    [0.833, 1.667]
    """
    counts = np.bincount(labels[labels != NONE].astype(int), minlength=classes).clip(min=1)
    shares = counts**-balance
    weights: np.ndarray = (shares * (counts.sum() / (shares * counts).sum())).astype(np.float32)
    return weights


def _bell(middle: Tensor, size: Tensor, cells: int) -> Tensor:
    """(B, M) in cells -> (B, M, cells): 1 in the cell of the middle, a Gaussian around it, 0 further away than `REACH`
    of half the size, or one cell."""
    place = middle.floor().clamp(0, cells - 1)[..., None]
    reach = (REACH * size / 2).floor().clamp(min=1)[..., None]
    away = (torch.arange(cells, device=middle.device) - place).abs()
    bell = torch.exp(-0.5 * (away * 6 / (2 * reach + 1)) ** 2)
    return torch.where(away <= reach, bell, 0.0)


def _generalised_iou(one: Tensor, other: Tensor) -> Tensor:
    """(P, 4), (P, 4) -> (P,) from -1 to 1."""
    shared = (torch.minimum(one[:, 2:], other[:, 2:]) - torch.maximum(one[:, :2], other[:, :2])).clamp(min=0).prod(1)
    hull = (torch.maximum(one[:, 2:], other[:, 2:]) - torch.minimum(one[:, :2], other[:, :2])).prod(1)
    either = _areas(one) + _areas(other) - shared
    return shared / either.clamp(min=1e-6) - (hull - either) / hull.clamp(min=1e-6)
