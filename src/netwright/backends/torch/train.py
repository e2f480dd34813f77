"""Training a network: fast on one CPU thread, ready for CUDA, exactly reproducible per seed on a CPU.

Time is kept by the schedule: while it is young, it is fitted to the time to be filled; when the steps planned would run
past the deadline, fewer are planned. The learning rate always comes down to zero, so that a network out of time is a
trained one."""

from __future__ import annotations

import itertools
import math
import time
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from netwright.backends.terms import Terms
from netwright.backends.torch.augment import scaled
from netwright.backends.torch.batches import Batches
from netwright.backends.torch.boxes import on_the_whole
from netwright.backends.torch.device import default_device, precision
from netwright.backends.torch.learner import Learner, Single
from netwright.backends.torch.places import resized
from netwright.backends.torch.recipe import Recipe
from netwright.errors import out_of_memory
from netwright.tasks import Split, Task
from netwright.trial import Fidelity

CHECK_EVERY, CHECK_S = 20, 0.5
"""Steps, and seconds, between two looks at the clock and at the loss: whichever is over first."""
YOUNG = 0.3
"""Share of the schedule during which it may grow."""
FORWARD_SHARE = 0.45
"""Time that scoring an example takes, by that of training on it; on the safe side."""
PARTS = 4
"""Of a batch that memory does not suffice for."""


@dataclass(kw_only=True)
class Fitted:
    """How a training went. epochs: really run; curve: one point an epoch; parts: that batches were computed in, one
    after the other, because memory did not suffice for them; stopped: before its end, as the terms had it."""

    epochs: float
    parts: int = 1
    curve: list[dict[str, float]] = field(default_factory=list)
    seconds: float = 0.0
    shortened: bool = False
    stopped: bool = False


@dataclass
class Trained(Fitted):
    """A trained network and how it came about. dtype: of its matrix products."""

    network: nn.Module
    dtype: torch.dtype = torch.float32


def train(
    network: nn.Module,
    task: Task,
    recipe: Recipe,
    fidelity: Fidelity = Fidelity(),
    terms: Terms = Terms(),
) -> Trained:
    """Trains `network` in place on the task's training split.

    Raises FloatingPointError when the loss is not finite and TimeoutError when not even one step fits.
    """
    learner = Single(network, task, recipe, default_device())
    fitted = Fitting(learner, task, recipe, fidelity, terms).run()
    return Trained(learner.trained, dtype=learner.dtype, **vars(fitted))


@torch.inference_mode()
def outputs(
    network: nn.Module, task: Task, split: Split, dtype: torch.dtype, fidelity: Fidelity = Fidelity()
) -> np.ndarray:
    """What the network answers on a split, as much as scoring needs: logits (N, K), values (N,) in the target's own
    unit, or what the task's `Answer.keep` keeps of them."""
    tensors = itertools.chain(network.parameters(), network.buffers())
    device = next((tensor.device for tensor in tensors), default_device())
    batches = Batches(task, split, device, resolution=fidelity.resolution)
    network.eval()
    with precision(dtype, device):
        parts = [task.answer.keep(_whole(network(x).float(), task).cpu().numpy(), y) for x, y in batches.to_score()]
    answers = np.concatenate(parts)
    if task.signature.kind == "regression":
        return np.asarray(answers[:, 0] * task.prepare["target_std"] + task.prepare["target_mean"])
    return answers


def _whole(answers: Tensor, task: Task) -> Tensor:
    """Answers for each place at the task's own resolution."""
    places = task.signature.places
    if task.signature.kind == "detection":
        return on_the_whole(answers, task.signature)
    return resized(answers, places, "linear") if places and answers.ndim == 2 + len(places) else answers


class Schedule(ABC):
    """The steps of one training and the time that they take, whatever framework takes them. device: of the batches."""

    def __init__(
        self,
        task: Task,
        recipe: Recipe,
        fidelity: Fidelity = Fidelity(),
        terms: Terms = Terms(),
        device: torch.device | None = None,
    ) -> None:
        self.recipe, self.terms = recipe, terms
        self.device = device or default_device()
        self.batches = Batches(task, task.train, self.device, fidelity.data, fidelity.resolution)
        self.random = torch.Generator().manual_seed(terms.seed)
        torch.manual_seed(terms.seed)
        self.batch_size = batch_size(task, len(self.batches), recipe.batch_size)
        self.steps_an_epoch = max(1, math.ceil(len(self.batches) / self.batch_size))
        epochs = recipe.epochs if fidelity.epochs is None else fidelity.epochs
        self.policy = scaled(task.augment, recipe.strength_for(epochs))
        self.planned = self.total = max(1, round(epochs * self.steps_an_epoch))
        self.step, self.parts = 0, 1

    @abstractmethod
    def descend(self, x: Tensor, y: Tensor, rate: float, progress: float) -> Tensor | float:
        """Changes the weights by what a batch says of them, at a learning rate. The batch's loss before it, a number.

        progress: of the training, in [0, 1].
        """

    def run(self) -> Fitted:
        """Raises FloatingPointError when the loss is not finite and TimeoutError when not even one step fits."""
        self.began = self._looked = time.monotonic()
        if self.began >= self.terms.deadline:
            raise TimeoutError("no time is left for a single training step")
        curve: list[dict[str, float]] = []
        stopped = False
        while self.step < self.total:
            before = self.step
            mean = self._epoch()
            point = {"epoch": self.step / self.steps_an_epoch, "loss": mean}
            curve.append(point)
            self.terms.report(point | {"epochs": self.total / self.steps_an_epoch})
            stopped = self.step < self.total and self.terms.hopeless(self.step / self.total, mean)
            if stopped:
                break
            if self.step == before:
                raise ValueError("the training split holds too few examples for one batch")
        return Fitted(
            epochs=self.step / self.steps_an_epoch,
            parts=self.parts,
            curve=curve,
            seconds=time.monotonic() - self.began,
            shortened=self.total < self.planned,
            stopped=stopped,
        )

    def _epoch(self) -> float:
        """One pass, or what is left of the schedule; the mean loss."""
        sum_loss, count = torch.zeros((), device=self.device), 0
        for x, y in self.batches.shuffled(self.batch_size, self.policy, self.random):
            if self.step >= self.total:
                break
            sum_loss += self._step(x, y)
            count += 1
            if self.step % CHECK_EVERY == 0 or time.monotonic() > self._looked + CHECK_S:
                self._check(sum_loss)
        self._check(sum_loss)
        return float(sum_loss) / max(1, count)

    def _check(self, loss: Tensor) -> None:
        self._looked = time.monotonic()
        if not math.isfinite(float(loss)):
            raise FloatingPointError(f"the loss is not a number after {self.step} steps")
        if not self.step:
            return
        deadline, target = self.terms.deadline, self.terms.target
        if target is not None and self.step < YOUNG * self.total:
            most = target.most_epochs * self.steps_an_epoch
            self.planned = self.total = max(1, round(min(most, self._affordable(target.until))))
        if deadline < math.inf:
            self.total = min(self.total, self._affordable(deadline))

    def _affordable(self, until: float) -> int:
        """Steps in all, by the pace so far, that leave time for scoring before `until`."""
        a_step = (time.monotonic() - self.began) / self.step
        scoring = FORWARD_SHARE * a_step * self.terms.scored / self.batch_size
        return max(self.step, int((until - self.began - scoring) / a_step))

    def _step(self, x: Tensor, y: Tensor) -> Tensor | float:
        begin, end = self.terms.span
        progress = begin + (end - begin) * self.step / self.total
        rate = self.recipe.learning_rate * _one_cycle(progress, self.recipe.warmup)
        if self.recipe.optimizer == "sgd":
            rate *= self.batch_size / 128
        loss = self.descend(x, y, rate, progress)
        self.step += 1
        return loss


class Fitting(Schedule):
    """A training of what torch learns."""

    def __init__(
        self,
        learner: Learner,
        task: Task,
        recipe: Recipe,
        fidelity: Fidelity = Fidelity(),
        terms: Terms = Terms(),
    ) -> None:
        super().__init__(task, recipe, fidelity, terms)
        self.learner = learner
        self.batches.trims = bool(getattr(learner, "any_length", False))
        self.optimizer = self._optimizer()
        self.learner.begin(self.optimizer)

    def _optimizer(self) -> torch.optim.Optimizer:
        parameters = list(self.learner.parameters())
        groups: list[dict[str, Any]] = [
            {"params": [p for p in parameters if p.ndim > 1], "weight_decay": self.recipe.weight_decay},
            {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0.0},
        ]
        if self.recipe.optimizer == "adamw":
            return torch.optim.AdamW(groups, lr=self.recipe.learning_rate, fused=True)
        return torch.optim.SGD(groups, lr=self.recipe.learning_rate, momentum=self.recipe.momentum, nesterov=True)

    def descend(self, x: Tensor, y: Tensor, rate: float, progress: float) -> Tensor:
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        loss = self._learn(x, y, progress)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        self.learner.stepped(self.step + 1)
        return loss

    def _learn(self, x: Tensor, y: Tensor, progress: float) -> Tensor:
        """Leaves the batch's gradients in the parameters. From the first batch on that memory does not suffice for, its
        parts add theirs up; raises MemoryError where it does not suffice for a part either."""
        if self.parts == 1:
            try:
                return self.learner.learn(x, y, progress)
            except (MemoryError, RuntimeError) as error:
                if not out_of_memory(error) or len(x) < 2 * PARTS:
                    raise
            self.parts = PARTS
            self.optimizer.zero_grad(set_to_none=True)
            if self.device.type == "cuda":
                torch.cuda.empty_cache()
        try:
            pairs = zip(x.tensor_split(self.parts), y.tensor_split(self.parts), strict=True)
            losses = [self.learner.learn(*pair, progress) for pair in pairs if len(pair[0])]
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            few = len(x) // self.parts
            raise MemoryError(f"not even batches of {few} examples fit into memory: {error}") from error
        for parameter in self.learner.parameters():
            if parameter.grad is not None:
                parameter.grad /= len(losses)
        return torch.stack(losses).mean()


def batch_size(task: Task, examples: int, most: int) -> int:
    """The largest power of two up to `most` that gives an epoch at least 128 steps, not below 32, or where each example
    has an answer for many places not below 8: small data need steps. Nodes of a graph are all in one batch: each step
    computes the whole graph anyway."""
    if task.graph is not None:
        return examples
    least = 8 if len(task.signature.places) > 1 else 32
    return min(most, max(least, 1 << int(math.log2(max(1, examples / 128)))))


def _one_cycle(progress: float, warmup: float) -> float:
    """Learning-rate factor at a progress in [0, 1]: a linear rise, then a cosine down to zero."""
    if progress < warmup:
        return 0.04 + 0.96 * progress / warmup
    return 0.5 * (1 + math.cos(math.pi * (progress - warmup) / (1 - warmup)))
