"""A stand-in for the search that trains one small network: what scikit-learn checks is the estimators' own conduct."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from netwright import estimators
from netwright.backends.terms import Terms
from netwright.backends.torch.build import build
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import train
from netwright.deploy.network import Network
from netwright.deploy.weights import save_network
from netwright.tasks import Task
from netwright.trial import Fidelity

torch.set_num_threads(1)
RECIPE = Recipe(epochs=15, batch_size=256, optimizer="adamw", learning_rate=0.01, warmup=0.1)


def train_one(task: Task, *, out: Path, seed: int, **asked: Any) -> SimpleNamespace:
    """Trains the task's smallest hand-designed network, saves it and loads it again."""
    graph = task.baselines()[0].space.architecture({}).graph
    trained = train(build(graph, task.signature, seed=seed), task, RECIPE, Fidelity(), Terms(seed))
    save_network(trained.network, graph, task, out)
    return SimpleNamespace(best=object(), network=Network.load(out), summary={"asked": asked}, verdict="trained")


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimators, "search", train_one)
