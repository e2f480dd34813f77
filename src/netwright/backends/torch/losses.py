"""The losses that networks are trained by, one for each kind of signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from netwright.backends.torch.recipe import Recipe
from netwright.tasks import Task
from netwright.tasks.answers.places import UNKNOWN


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


LOSSES: Mapping[str, Callable[[Task, Recipe], Loss]] = MappingProxyType(
    {"classification": CrossEntropy, "regression": Squared, "segmentation": CrossEntropy, "forecast": Absolute}
)


def loss_of(task: Task, recipe: Recipe) -> Loss:
    return LOSSES[task.signature.kind](task, recipe)
