"""The losses that networks are trained by, one for each kind of signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from netwright.backends.torch.boxes import Boxes
from netwright.backends.torch.recipe import Recipe
from netwright.tasks import Task
from netwright.tasks.answers.places import UNKNOWN
from netwright.tasks.answers.transcripts import BLANK, NONE


class Loss(Protocol):
    """distilled: the same for the answers of another network in the place of targets (Hinton et al. 2015,
    https://arxiv.org/abs/1503.02531)."""

    def __call__(self, answers: Tensor, y: Tensor) -> Tensor: ...

    def distilled(self, answers: Tensor, teacher: Tensor) -> Tensor: ...


class Squared:
    """The mean squared error of values."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        return

    def __call__(self, answers: Tensor, y: Tensor) -> Tensor:
        """answers: (B, 1); y: (B,)."""
        return F.mse_loss(answers[:, 0], y)

    def distilled(self, answers: Tensor, teacher: Tensor) -> Tensor:
        return F.mse_loss(answers, teacher)


class CrossEntropy:
    """Of classes, with label smoothing; of each place where there are places, but for those of unknown class."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        self.smoothing = recipe.label_smoothing
        self.weight = None
        if recipe.balance:
            self.weight = torch.from_numpy(weights(task.train.y, task.signature.outputs, recipe.balance))

    def __call__(self, answers: Tensor, y: Tensor) -> Tensor:
        """answers: (B, K, *places) logits; y: (B, *places)."""
        weight = None if self.weight is None else self.weight.to(answers.device)
        if y.ndim > 1 and not bool((y != UNKNOWN).any()):
            return answers.sum() * 0.0
        return F.cross_entropy(answers, y.long(), weight, label_smoothing=self.smoothing, ignore_index=UNKNOWN)

    def distilled(self, answers: Tensor, teacher: Tensor) -> Tensor:
        return F.cross_entropy(answers, teacher.softmax(1))


class Absolute:
    """The mean absolute error of steps, which large errors of a few steps do not rule."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        return

    def __call__(self, answers: Tensor, y: Tensor) -> Tensor:
        """answers, y: (B, K)."""
        return F.l1_loss(answers, y)

    def distilled(self, answers: Tensor, teacher: Tensor) -> Tensor:
        return F.l1_loss(answers, teacher)


def weights(y: np.ndarray, classes: int, balance: float) -> np.ndarray:
    """How much an example of each class counts, (K,) float32: the median class's frequency by its own, to the power of
    `balance` (Eigen & Fergus 2015, https://arxiv.org/abs/1411.4734). Classes that do not occur count like the median.

    >>> weights(np.array([0, 0, 0, 0, 1, 1, 2]), 3, 1.0).tolist()
    [0.5, 1.0, 2.0]
    """
    counts = np.zeros(classes)
    for part in np.array_split(np.asarray(y), max(1, len(y) // 256)):
        counts += np.bincount(part[part != UNKNOWN], minlength=classes)
    there = counts > 0
    found = np.ones(classes, dtype=np.float32)
    if there.any():
        found[there] = (np.median(counts[there]) / counts[there]) ** balance
    return found


class Connectionist:
    """Of all ways to speak a transcript in the steps of an answer: connectionist temporal classification (Graves et al.
    2006, https://doi.org/10.1145/1143844.1143891), with a little of what all characters alike would cost, so that
    networks do not settle for saying nothing (Kim et al. 2018, https://arxiv.org/abs/1711.02212). Recordings too short
    for their transcripts count nothing in the first."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        self.smoothing = recipe.label_smoothing

    def __call__(self, answers: Tensor, y: Tensor) -> Tensor:
        """answers: (B, K, T) scores, zeros after the end; y: (B, L) characters, `NONE` after the end."""
        steps, sizes = ends(answers), (y != NONE).sum(1)
        log_p = answers.log_softmax(1)
        target = y.clamp(min=0).long()
        ways = F.ctc_loss(log_p.permute(2, 0, 1), target, steps, sizes, blank=BLANK, zero_infinity=True)
        if not self.smoothing:
            return ways
        return (1 - self.smoothing) * ways - self.smoothing * _mean(log_p.mean(1), steps)

    def distilled(self, answers: Tensor, teacher: Tensor) -> Tensor:
        """teacher: (B, K, T'), brought to as many steps."""
        if teacher.shape[2] != answers.shape[2]:
            teacher = F.interpolate(teacher, size=answers.shape[2], mode="linear")
        return _mean(F.cross_entropy(answers, teacher.softmax(1), reduction="none"), ends(answers))


def _mean(values: Tensor, steps: Tensor) -> Tensor:
    """Of values (B, T) at the first `steps` (B,) of each row."""
    there = torch.arange(values.shape[1], device=values.device) < steps.unsqueeze(1)
    return (values * there).sum() / there.sum().clamp(min=1)


def ends(answers: Tensor) -> Tensor:
    """(B,) the steps of each answer (B, K, T) before zeros only."""
    there = (answers != 0).any(1)
    return (there * torch.arange(1, answers.shape[2] + 1, device=answers.device)).amax(1)


class Spoken:
    """Of frames of sound: absolute and squared errors of the bands as long as there is sound, and the cross-entropy of
    whether there is."""

    def __init__(self, task: Task, recipe: Recipe) -> None:
        return

    def __call__(self, answers: Tensor, y: Tensor) -> Tensor:
        """answers, y: (B, bands + 1, F), the last of them whether there is sound: logits, and 0 or 1."""
        return self._apart(answers, y[:, :-1], y[:, -1])

    def distilled(self, answers: Tensor, teacher: Tensor) -> Tensor:
        return self._apart(answers, teacher[:, :-1], teacher[:, -1].sigmoid())

    def _apart(self, answers: Tensor, bands: Tensor, there: Tensor) -> Tensor:
        """there: (B, F), between 0 and 1."""
        errors = answers[:, :-1] - bands
        weighed = (errors.abs() + errors.square()).mean(1) * there
        ends = F.binary_cross_entropy_with_logits(answers[:, -1], there)
        return weighed.sum() / there.sum().clamp(min=1) + ends


class NextToken(CrossEntropy):
    """Of the token that comes next, in nats."""

    def __call__(self, answers: Tensor, y: Tensor) -> Tensor:
        """answers: (B, K, T) logits; y: (B, T)."""
        return super().__call__(answers.transpose(1, 2).flatten(0, 1), y.flatten())


LOSSES: Mapping[str, Callable[[Task, Recipe], Loss]] = MappingProxyType(
    {
        "classification": CrossEntropy,
        "regression": Squared,
        "segmentation": CrossEntropy,
        "detection": Boxes,
        "forecast": Absolute,
        "transcript": Connectionist,
        "frames": Spoken,
        "language": NextToken,
    }
)


def loss_of(task: Task, recipe: Recipe) -> Loss:
    return LOSSES[task.signature.kind](task, recipe)
