"""A network that begins with its parents' weights knows from its first step what they knew."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from netwright.backends.torch.recipe import Recipe
from netwright.evaluation.base import Context
from netwright.evaluation.training import Training
from netwright.space import Space, chain, choice, integer, op, repeat
from netwright.tasks import open_task
from netwright.trial import Fidelity, Proposal

torch.set_num_threads(1)
SPACE = Space(
    chain(
        stem=op("conv", kernel=choice(3, 5), channels=choice(12, 16)),
        further=repeat(op("resblock"), integer(0, 2)),
        head=op("head"),
    ),
    "small",
)
PARENT = {"stem/kernel": 0, "stem/channels": 0, "further/times": 1}
TRAINING = Training(Recipe(epochs=10.0, batch_size=32), keep=True)
ONE_STEP = Fidelity(epochs=0.01)


@pytest.fixture(scope="module")
def digits():
    return open_task("digits")


@pytest.fixture(scope="module")
def trials(digits, tmp_path_factory):
    """A folder of trials with one in it, number 0."""
    folder = tmp_path_factory.mktemp("trials")
    (folder / "000000").mkdir()
    parent = TRAINING.evaluate(Proposal(SPACE.architecture(PARENT)), digits, Context(directory=folder / "000000"))
    assert parent.metrics["accuracy"] > 0.9
    return folder


@pytest.mark.parametrize(
    "change",
    [{}, {"stem/kernel": 1}, {"further/times": 2}, {"stem/channels": 1}, {"stem/kernel": 1, "further/times": 2}],
    ids=["same", "larger kernel", "deeper", "wider", "larger kernel, deeper"],
)
def test_a_child_begins_where_its_parent_ended(digits, trials, change):
    child = Proposal(SPACE.architecture(PARENT | change), ONE_STEP, parents=(0,), inherit=True)
    here = trials / "000001"
    here.mkdir(exist_ok=True)
    begun = TRAINING.evaluate(child, digits, Context(directory=here)).metrics["accuracy"]
    child = replace(child, inherit=False)
    scratch = TRAINING.evaluate(child, digits, Context(directory=here)).metrics["accuracy"]
    assert begun > scratch + 0.15


def test_who_has_no_parents_or_lost_them_begins_from_scratch(digits, trials):
    orphan = Proposal(SPACE.architecture(PARENT), ONE_STEP, inherit=True)
    here = trials / "000002"
    here.mkdir()
    found = {
        parents: TRAINING.evaluate(replace(orphan, parents=parents), digits, Context(directory=here)).metrics[
            "accuracy"
        ]
        for parents in ((), (77,))
    }
    assert found[()] == found[77,]
