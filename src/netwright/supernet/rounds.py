"""One round of a supernet's training: from the banks that the last round left to a bank of its own."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from netwright.backends.terms import Target, Terms
from netwright.backends.torch.batches import Batches, subset
from netwright.backends.torch.device import default_device
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.state import read_state
from netwright.backends.torch.train import Fitted, Fitting
from netwright.errors import InputError
from netwright.space import Space
from netwright.supernet import BANK
from netwright.supernet.bank import Bank
from netwright.supernet.derive import favourite, undecided
from netwright.supernet.policies.base import Policy
from netwright.supernet.sharing import Sharing
from netwright.tasks import Split, Task
from netwright.trial import Fidelity


@dataclass(frozen=True)
class Course:
    """The whole training of a bank for all networks of a space. recipe: its schedule spans all rounds."""

    space: Space
    policy: Policy
    recipe: Recipe
    rounds: int
    seed: int = 0

    def round(
        self,
        before: Sequence[Path],
        task: Task,
        fidelity: Fidelity,
        terms: Terms,
    ) -> tuple[Bank, Fitted]:
        """The bank after a further round, which fills the time that the fidelity names. before: files of the banks that
        the last round left, none for the first; terms: of this round and worker."""
        device = default_device()
        if before:
            bank = merged([loaded(path, task, self.seed, device) for path in before])
        else:
            bank = Bank(task.signature, self.seed, device)
        if bank.rounds >= self.rounds:
            raise InputError(f"the bank went through all {self.rounds} rounds", "ask for more rounds from the start")
        task, held = halves(task) if self.policy.prefers else (task, None)
        learner = Sharing(bank, self.space, self.policy, task, self.recipe, terms.seed, held)
        target = None
        if fidelity.seconds is not None:
            target = Target(time.monotonic() + fidelity.seconds, math.inf)
        span = bank.rounds / self.rounds, (bank.rounds + 1) / self.rounds

        def told(point: Mapping[str, Any]) -> None:
            terms.report({**point, **self._preferred(bank)})

        held_to = replace(terms, target=target, report=told, span=span)
        fitted = Fitting(learner, task, self.recipe, fidelity, held_to).run()
        bank.rounds += 1
        return bank, fitted

    def _preferred(self, bank: Bank) -> dict[str, Any]:
        """What a policy with preferences is at: how undecided they are, and the network that they favour."""
        if not bank.preferences:
            return {}
        favoured = favourite(bank, self.space)
        return {"entropy": undecided(bank)} | ({"network": favoured.describe()} if favoured else {})


def halves(task: Task) -> tuple[Task, Batches]:
    """The task with half of its training data, and the other half, for preferences to learn from."""
    x, y = task.train.x, task.train.y
    classes = len(task.classes) if task.signature.kind == "classification" else 0
    first = subset(y, 0.5, classes)
    rest = np.setdiff1d(np.arange(len(y)), first)
    held = Batches(task, Split(x[rest], y[rest]), default_device())
    return replace(task, train=Split(x[first], y[first])), held


def inherited(files: Sequence[Path], task: Task) -> Iterator[Mapping[str, torch.Tensor]]:
    """The weights in some files, in this order: those of banks as one, their mean."""
    banks = [path for path in files if path.name == BANK]
    if banks:
        yield merged([loaded(path, task) for path in banks]).state_dict()
    yield from (read_state(path) for path in files if path.name != BANK)


def loaded(path: Path, task: Task, seed: int = 0, device: torch.device | str = "cpu") -> Bank:
    """The bank in a file."""
    bank = Bank(task.signature, seed, device)
    bank.load(path)
    return bank


@torch.no_grad()
def merged(banks: Sequence[Bank]) -> Bank:
    """The first bank with the means of all, tensor by tensor where their shapes agree."""
    first, *others = banks
    states = [other.state_dict() for other in others]
    for name, tensor in first.state_dict().items():
        same = [state[name] for state in states if name in state and state[name].shape == tensor.shape]
        if same and tensor.is_floating_point():
            tensor.copy_(torch.stack([tensor, *same]).mean(0))
    for name, preference in first.preferences.items():
        preference.copy_(torch.stack([bank.preferences[name] for bank in banks if name in bank.preferences]).mean(0))
    return first
