"""A supernet in training: the networks that a policy picks learn on one bank of weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from netwright.backends.torch.device import default_device, precision, precision_for
from netwright.backends.torch.learner import Loss
from netwright.backends.torch.recipe import Recipe
from netwright.space import Architecture, Space
from netwright.supernet.bank import Bank
from netwright.supernet.extremes import largest, smallest
from netwright.supernet.part import carry
from netwright.supernet.policies.base import Policy
from netwright.tasks import Task

RESERVED = 200
"""Networks drawn to give the bank its size before training."""


class Sharing:
    """A `Learner`: each step trains what the policy picks. Which these are depends on `seed` and the number of the step
    alone."""

    def __init__(self, bank: Bank, space: Space, policy: Policy, task: Task, recipe: Recipe, seed: int = 0) -> None:
        self.bank, self.space, self.policy, self.seed = bank, space, policy, seed
        self.device = default_device()
        self.loss = Loss(task, recipe)
        self.step = 0
        self._precision = recipe.precision
        self._optimizer: torch.optim.Optimizer | None = None
        self._reserve()

    def _reserve(self) -> None:
        """Workers that train copies of one bank side by side draw the same networks here."""
        rng = np.random.default_rng(self.bank.seed)
        for _ in range(RESERVED):
            self.bank.bind(self.space.sample(rng).graph)
        self._growths = self.bank.growths, len(self.bank.weights)

    def parameters(self) -> Iterable[nn.Parameter]:
        return self.bank.weights.values()

    def begin(self, optimizer: torch.optim.Optimizer) -> None:
        self._optimizer = optimizer

    def learn(self, x: Tensor, y: Tensor, progress: float) -> Tensor:
        loss = self.policy.learn(self, x, y, progress, np.random.default_rng([self.seed, self.step]))
        if self._growths != (self.bank.growths, len(self.bank.weights)):
            self._follow()
        return loss

    def stepped(self, step: int) -> None:
        self.step = step

    def run(self, architecture: Architecture, x: Tensor, loss: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
        """Runs one network forth and back on the bank. Its answers and its loss, detached."""
        network = self.bank.bind(architecture.graph).train()
        with precision(precision_for(network, self.device, self._precision), self.device):
            answers = network(x)
        answers = answers.float()
        value = loss(answers)
        value.backward()  # type: ignore[no-untyped-call]
        self.bank.collect(network)
        return answers.detach(), value.detach()

    @torch.no_grad()
    def answers(self, architecture: Architecture, x: Tensor) -> Tensor:
        """What a network on the bank answers as it is, with the norms by the batch at hand."""
        network = self.bank.bind(architecture.graph).train()
        with precision(precision_for(network, self.device, self._precision), self.device):
            answers: Tensor = network(x)
        return answers.float()

    @cached_property
    def largest(self) -> Architecture:
        return largest(self.space, self.bank.signature)

    @cached_property
    def smallest(self) -> Architecture:
        return smallest(self.space, self.bank.signature)

    def _follow(self) -> None:
        """Lets the optimizer know of weights that are new or have grown."""
        self._growths = self.bank.growths, len(self.bank.weights)
        if self._optimizer is None:
            return
        matrices, others = self._optimizer.param_groups
        known = {id(weight) for group in (matrices, others) for weight in group["params"]}
        for weight in self.bank.weights.values():
            if id(weight) not in known:
                (matrices if weight.ndim > 1 else others)["params"].append(weight)
        for parameter, state in self._optimizer.state.items():
            for name, value in state.items():
                if torch.is_tensor(value) and value.ndim == parameter.ndim and value.shape != parameter.shape:
                    state[name] = torch.zeros_like(parameter)
                    carry(value, state[name])
