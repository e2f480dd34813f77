"""The losses that networks are trained by, one for each kind of signature."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Protocol

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

    def __call__(self, answers: Tensor, y: Tensor) -> Tensor:
        """answers: (B, K, *places) logits; y: (B, *places)."""
        return F.cross_entropy(answers, y, label_smoothing=self.smoothing, ignore_index=UNKNOWN)

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


LOSSES: Mapping[str, Callable[[Task, Recipe], Loss]] = MappingProxyType(
    {"classification": CrossEntropy, "regression": Squared, "segmentation": CrossEntropy, "forecast": Absolute}
)


def loss_of(task: Task, recipe: Recipe) -> Loss:
    return LOSSES[task.signature.kind](task, recipe)
