"""A supernet in training: the networks that a policy picks learn on one bank of weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import cached_property

import numpy as np
import torch
from torch import Tensor, nn

from netwright.backends.torch.batches import Batches
from netwright.backends.torch.device import default_device, precision, precision_for
from netwright.backends.torch.losses import loss_of
from netwright.backends.torch.recipe import Recipe
from netwright.errors import InputError
from netwright.space import Architecture, Space
from netwright.supernet.bank import Bank
from netwright.supernet.costs import BASE, additive_costs
from netwright.supernet.extremes import largest, smallest
from netwright.supernet.mixture import Mixture
from netwright.supernet.part import carry
from netwright.supernet.policies.base import Policy
from netwright.tasks import Task

HELD_BATCH = 128
RESERVED = 200
"""Networks drawn to give the bank its size before training."""


class Sharing:
    """A `Learner`: each step trains what the policy picks. Which these are depends on `seed` and the number of the step
    alone. held: data that preferences learn from, for policies that have them."""

    def __init__(
        self,
        bank: Bank,
        space: Space,
        policy: Policy,
        task: Task,
        recipe: Recipe,
        seed: int = 0,
        held: Batches | None = None,
    ) -> None:
        self.held, self._held_random = held, torch.Generator().manual_seed(seed)
        self._held_batches: Iterator[tuple[Tensor, Tensor]] = iter(())
        self._preferring: torch.optim.Optimizer | None = None
        self.bank, self.space, self.policy, self.seed = bank, space, policy, seed
        self.device = default_device()
        self.loss = loss_of(task, recipe)
        self.step = 0
        self._precision = recipe.precision
        self._optimizer: torch.optim.Optimizer | None = None
        self._reserve()

    def _reserve(self) -> None:
        """Workers that train copies of one bank side by side draw the same networks here. A bank that comes from an
        earlier round has its size."""
        rng = np.random.default_rng(self.bank.seed)
        for _ in range(0 if self.bank.weights else RESERVED):
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
        return self._train(self.bank.bind(architecture.graph), x, loss)

    def run_each(self, architectures: Iterable[Architecture], x: Tensor, loss: Callable[[Tensor], Tensor]) -> Tensor:
        """Runs some networks one after the other. Their mean loss, detached."""
        losses = [self.run(architecture, x, loss)[1] for architecture in architectures]
        return sum(losses[1:], losses[0]) / len(losses)

    @torch.no_grad()
    def answers(self, architecture: Architecture, x: Tensor) -> Tensor:
        """What a network on the bank answers as it is, with the norms by the batch at hand."""
        return self._answers(self.bank.bind(architecture.graph), x)

    @cached_property
    def largest(self) -> Architecture:
        return largest(self.space, self.bank.signature)

    @cached_property
    def smallest(self) -> Architecture:
        return smallest(self.space, self.bank.signature)

    def train_mixture(self, mixture: Mixture, x: Tensor, y: Tensor) -> Tensor:
        """Trains the bank's weights in a relaxed network, its options weighed as they are. The loss, detached."""
        mixture.weighed = {
            name: weights.tolist() if isinstance(weights, Tensor) else weights
            for name, weights in mixture.weighed.items()
        }
        return self._train(mixture, x, lambda answers: self.loss(answers, y))[1]

    def judged(self, network: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        """The loss of a network on the bank as it is: its weights get no gradients."""
        weights = [weight for weight in network.parameters() if weight.requires_grad]
        for weight in weights:
            weight.requires_grad_(False)
        loss = self.loss_of(network, x, y)
        for weight in weights:
            weight.requires_grad_(True)
        return loss

    def loss_of(self, network: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        return self.loss(self._answers(network, x), y)

    def prefer(self, loss: Tensor, rate: float) -> None:
        """Takes a step with the preferences, down a loss that depends on them."""
        if self._preferring is None or len(self._preferring.param_groups[0]["params"]) != len(self.bank.preferences):
            self._preferring = torch.optim.Adam(self.bank.preferences.values(), rate, (0.5, 0.999), weight_decay=1e-3)
        loss.backward()  # type: ignore[no-untyped-call]
        self._preferring.step()
        self._preferring.zero_grad()

    def _train(self, network: nn.Module, x: Tensor, loss: Callable[[Tensor], Tensor]) -> tuple[Tensor, Tensor]:
        """Leaves the gradients of a network on the bank in the bank. Its answers and its loss, detached."""
        answers = self._answers(network, x)
        value = loss(answers)
        value.backward()  # type: ignore[no-untyped-call]
        self.bank.collect(network)
        return answers.detach(), value.detach()

    def _answers(self, network: nn.Module, x: Tensor) -> Tensor:
        network.train()
        with precision(precision_for(network, self.device, self._precision), self.device):
            answers: Tensor = network(x)
        return answers.float()

    def preference(self, name: str, options: int) -> Tensor:
        """How much each option of a decision is preferred, (options,): learnt, at first all alike."""
        if name not in self.bank.preferences:
            self.bank.preferences[name] = nn.Parameter(torch.zeros(options, device=self.device))
        return self.bank.preferences[name]

    def expected_cost(self, metric: str) -> Tensor:
        """What the networks that the preferences make likely cost on average, 1 for a random network: scalar."""
        known = self.bank.costs.get(metric)
        if known is None:
            found = additive_costs(self.space, self.bank.signature, metric, self.bank.seed)
            known = {name: torch.tensor(each, dtype=torch.float32, device=self.device) for name, each in found.items()}
            self.bank.costs[metric] = known
        expected = known[BASE].sum()
        for name, each in known.items():
            if name != BASE:
                expected = expected + (self.preference(name, len(each)).softmax(0) * each).sum()
        return expected

    def held_out(self) -> tuple[Tensor, Tensor]:
        """A batch of the data that preferences learn from."""
        if self.held is None:
            raise InputError("no data is held out for preferences to learn from", "give Sharing some as `held`")
        while True:
            for batch in self._held_batches:
                return batch
            size = min(HELD_BATCH, self.held.at_a_time)
            self._held_batches = self.held.shuffled(size, {}, self._held_random)

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
