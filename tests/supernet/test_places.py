"""Supernets of networks that go down and up again, whose answers are for each place, or boxes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.supernet.pairs import pairs

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
from netwright.tasks.answers.boxes import MOST
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


@pytest.fixture(scope="module")
def boxes() -> Task:
    """A bright square somewhere in the dark."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 60, (48, 1, 32, 32)).astype(np.uint8), np.zeros((48, 1, 5), dtype=np.float32)
    for image, box in zip(x, y, strict=True):
        left, top = rng.integers(0, 20, 2)
        image[0, top : top + 12, left : left + 12] = 220
        box[0] = 0, left, top, left + 12, top + 12
    parts = [Split(x[at : at + 16], y[at : at + 16]) for at in (0, 16, 32)]
    signature = Signature((1, 32, 32), 1, "detection")
    return Task("squares", "object-detection", signature, *parts, {"mean": [0.2], "std": [0.3]}, "map50", ("square",))


KEPT = {"task": ("unet", 2 + 3 * 2), "boxes": ("detector", 3 * MOST + 1)}
"""Space and numbers that are kept of an answer, by task."""


@pytest.mark.parametrize(("policy", "of"), pairs(POLICIES, KEPT, KEPT))
def test_any_policy_trains_networks_that_go_down_and_up(policy, of, request, monkeypatch):
    monkeypatch.setattr(sharing, "RESERVED", 6)
    task, (name, width) = request.getfixturevalue(of), KEPT[of]
    signature = task.signature
    space, recipe = spaces.get(name, signature), Recipe(batch_size=8, balance=0.5)
    chosen = get(policy, **({"begin": 0.0, "rate": 0.1} if POLICIES[policy].prefers else {}))
    part, held = halves(task) if chosen.prefers else (task, None)
    net = Sharing(Bank(signature), space, chosen, part, recipe, held=held)
    fitted = Fitting(net, part, recipe, Fidelity(epochs=1)).run()
    assert np.isfinite(fitted.curve[-1]["loss"])
    architecture = space.sample(np.random.default_rng(1))
    network = standalone(net.bank, architecture.graph)
    recalibrate(network, [torch.randn(8, *signature.inputs)])
    kept = outputs(network, task, task.valid, torch.float32)
    assert kept.shape == (16, width)
    assert all(np.isfinite(value) for value in task.score(kept, task.valid.y).values())


def test_training_data_are_halved_whatever_their_masks_hold(task):
    first, held = halves(task)
    assert (len(first.train), len(held)) == (8, 8)
