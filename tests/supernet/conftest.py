"""The data that supernets learn from here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from netwright.backends.torch.recipe import Recipe
from netwright.space import Space
from netwright.supernet.bank import Bank
from netwright.supernet.policies import Policy
from netwright.supernet.rounds import halves
from netwright.supernet.sharing import Sharing
from netwright.tasks import Task, open_task


@pytest.fixture(scope="session")
def digits() -> Task:
    return open_task("digits")


@pytest.fixture(scope="session")
def supernet(digits: Task) -> Callable[..., tuple[Sharing, Task]]:
    """Makes a supernet that is ready to learn, and the data that it learns from."""
    parts = halves(digits)

    def made(bank: Bank, space: Space, policy: Policy, recipe: Recipe, seed: int = 0) -> tuple[Any, Task]:
        task, held = parts if policy.prefers else (digits, None)
        return Sharing(bank, space, policy, task, recipe, seed, held), task

    return made
