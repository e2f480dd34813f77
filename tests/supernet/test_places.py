"""Supernets of networks that go down and up again, whose answers are for each place."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from netwright import spaces
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import Fitting, outputs
from netwright.operations import Signature
from netwright.supernet import sharing
from netwright.supernet.bank import Bank
from netwright.supernet.policies import POLICIES, get
from netwright.supernet.rounds import halves
from netwright.supernet.sharing import Sharing
from netwright.supernet.standalone import recalibrate, standalone
from netwright.tasks import Split, Task
from netwright.trial import Fidelity

torch.set_num_threads(1)
SIGNATURE = Signature((1, 16, 20), 2, "segmentation")


@pytest.fixture(scope="module")
def task() -> Task:
    """Bright places are of the second class."""
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (48, 1, 16, 20)).astype(np.uint8)
    y = (x[:, 0] > 127).astype(np.int16)
    parts = [Split(x[at : at + 16], y[at : at + 16]) for at in (0, 16, 32)]
    prepare = {"mean": [0.5], "std": [0.3]}
    return Task("bright", "semantic-segmentation", SIGNATURE, *parts, prepare, "mean_iou", ("dark", "bright"))


@pytest.mark.parametrize("policy", POLICIES)
def test_any_policy_trains_networks_that_go_down_and_up(policy, task, monkeypatch):
    monkeypatch.setattr(sharing, "RESERVED", 6)
    space, recipe = spaces.get("unet", SIGNATURE), Recipe(batch_size=8, balance=0.5)
    chosen = get(policy, **({"begin": 0.0, "rate": 0.1} if POLICIES[policy].prefers else {}))
    part, held = halves(task) if chosen.prefers else (task, None)
    net = Sharing(Bank(SIGNATURE), space, chosen, part, recipe, held=held)
    fitted = Fitting(net, part, recipe, Fidelity(epochs=1)).run()
    assert np.isfinite(fitted.curve[-1]["loss"])
    architecture = space.sample(np.random.default_rng(1))
    network = standalone(net.bank, architecture.graph)
    recalibrate(network, [torch.randn(8, 1, 16, 20)])
    kept = outputs(network, task, task.valid, torch.float32)
    assert kept.shape == (16, 2 + 3 * 2)
    assert kept[:, 1].tolist() == [320.0] * 16


def test_training_data_are_halved_whatever_their_masks_hold(task):
    first, held = halves(task)
    assert (len(first.train), len(held)) == (8, 8)
