"""What is trained, as the training loop sees it: something that learns from batches."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Protocol

import torch
from torch import Tensor, nn

from netwright.backends.torch.device import precision, precision_for
from netwright.backends.torch.losses import loss_of
from netwright.backends.torch.recipe import Recipe
from netwright.tasks import Task


class Learner(Protocol):
    """begin: called once, with the optimizer that will be used; learn: leaves the gradients of one batch in the
    parameters and returns the loss, a detached scalar; progress: of the training, in [0, 1]; stepped: called after each
    step of the optimizer, with the number of steps so far."""

    def parameters(self) -> Iterable[nn.Parameter]: ...

    def begin(self, optimizer: torch.optim.Optimizer) -> None: ...

    def learn(self, x: Tensor, y: Tensor, progress: float) -> Tensor: ...

    def stepped(self, step: int) -> None: ...


class Single:
    """One network, and the moving average of its weights where the recipe wants one."""

    def __init__(self, network: nn.Module, task: Task, recipe: Recipe, device: torch.device) -> None:
        self.device, self.recipe = device, recipe
        self.network = network.to(device)
        if task.train.x.ndim == 4:
            self.network = self.network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network.train()
        self.loss = loss_of(task, recipe)
        self.dtype = precision_for(self.network, device, recipe.precision)
        self.average = copy.deepcopy(self.network) if recipe.average else None

    @property
    def any_length(self) -> bool:
        return bool(getattr(self.network, "any_length", False))

    @property
    def trained(self) -> nn.Module:
        return self.average or self.network

    def parameters(self) -> Iterable[nn.Parameter]:
        return self.network.parameters()

    def begin(self, optimizer: torch.optim.Optimizer) -> None:
        return

    def learn(self, x: Tensor, y: Tensor, progress: float) -> Tensor:
        with precision(self.dtype, self.device):
            answers = self.network(x)
        loss = self.loss(answers.float(), y)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    @torch.no_grad()
    def stepped(self, step: int) -> None:
        if self.average is None:
            return
        weight = 1 - min(self.recipe.average, step / (step + 10))
        for mean, value in zip(self.average.state_dict().values(), self.network.state_dict().values(), strict=True):
            if mean.is_floating_point():
                mean.lerp_(value, weight)
            else:
                mean.copy_(value)
