"""Every training policy, on every kind of space: networks learn together, and any of them can be cut out."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.supernet import spaces
from tests.supernet.pairs import pairs

from netwright.backends.terms import Terms
from netwright.backends.torch.batches import Batches
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import Fitting, outputs
from netwright.errors import InputError
from netwright.operations import analyse
from netwright.space import Space, chain, choice, dag, op
from netwright.supernet import sharing
from netwright.supernet.bank import Bank
from netwright.supernet.extremes import largest, smallest
from netwright.supernet.policies import POLICIES, get
from netwright.supernet.policies.fair import Fair
from netwright.supernet.policies.shrinking import stage
from netwright.supernet.sharing import Sharing
from netwright.supernet.standalone import recalibrate, standalone
from netwright.trial import Fidelity

torch.set_num_threads(1)
DIGITS = spaces.DIGITS
SPACES = {
    "cell": Space(
        chain(
            stem=op("conv", kernel=3, channels=8),
            cell=dag(3, edge=choice(op("identity"), op("conv", kernel=3), op("none")), inputs=(1, 2)),
            head=op("head"),
        ),
        "cell",
    ),
    **spaces.SPACES,
}
each_policy = pytest.mark.parametrize("policy", POLICIES)


def slow(value):
    return pytest.param(value, marks=pytest.mark.slow)


READY = ("mobile", "resnet", "mlp", "vit", "hybrid", "darts")
"""Spaces with large networks."""


@pytest.fixture(autouse=True)
def _few_reserved(monkeypatch):
    """Banks that get most of their size before training, in less time than for real."""
    monkeypatch.setattr(sharing, "RESERVED", 20)


def shared(supernet, space: Space, policy: str, epochs: float, seed: int = 0) -> Bank:
    recipe = Recipe(epochs=epochs, batch_size=64, precision="float32")
    net, task = supernet(Bank(DIGITS, seed), space, get(policy), recipe, seed)
    Fitting(net, task, recipe, terms=Terms(seed)).run()
    return net.bank


@pytest.mark.parametrize(("policy", "space"), pairs(POLICIES, SPACES, READY))
def test_any_network_learns_from_a_step_of_any_policy(supernet, policy, space):
    space = SPACES[space]
    recipe, bank = Recipe(batch_size=32), Bank(DIGITS)
    at_once = {"begin": 0.0, "rate": 0.1} if POLICIES[policy].prefers else {}
    net, task = supernet(bank, space, get(policy, **at_once), recipe)
    before = {name: tensor.clone() for name, tensor in bank.state_dict().items()}
    fitted = Fitting(net, task, recipe, Fidelity(epochs=0.3)).run()
    assert np.isfinite(fitted.curve[-1]["loss"])
    assert any(not torch.equal(tensor, before[name]) for name, tensor in bank.state_dict().items() if name in before)
    moved = [float(preference.detach().abs().max()) for preference in bank.preferences.values()]
    assert bool(moved) == POLICIES[policy].prefers
    assert not moved or 0.01 < max(moved) < np.inf


@each_policy
def test_the_same_seed_gives_the_same_bank(supernet, policy):
    first, again = (shared(supernet, SPACES["elastic"], policy, 0.3).state_dict() for _ in range(2))
    assert all(torch.equal(tensor, again[name]) for name, tensor in first.items())


def test_a_bank_that_grows_while_it_learns_takes_the_optimizer_along(digits, monkeypatch):
    monkeypatch.setattr(sharing, "RESERVED", 0)
    recipe, bank = Recipe(batch_size=32), Bank(digits.signature)
    fitting = Fitting(Sharing(bank, SPACES["mobile"], get("spos"), digits, recipe), digits, recipe, Fidelity(epochs=1))
    assert not bank.weights
    fitting.run()
    assert bank.growths
    known = [weight for group in fitting.optimizer.param_groups for weight in group["params"]]
    assert {id(weight) for weight in known} == {id(weight) for weight in bank.weights.values()}
    for weight, state in fitting.optimizer.state.items():
        assert state["exp_avg"].shape == weight.shape


@pytest.mark.parametrize("policy", ["spos", *(slow(name) for name in ("fairnas", "bignas", "ofa"))])
def test_networks_cut_out_of_a_trained_bank_know_the_task(digits, supernet, policy):
    space = SPACES["elastic"]
    bank = shared(supernet, space, policy, 9)
    rng = np.random.default_rng(1)
    batches = list(Batches(digits, digits.train, torch.device("cpu")).in_order(128))
    scores = []
    for architecture in (largest(space, DIGITS), smallest(space, DIGITS), *(space.sample(rng) for _ in range(3))):
        network = standalone(bank, architecture.graph)
        recalibrate(network, batches)
        answers = outputs(network, digits, digits.valid, torch.float32)
        scores.append(digits.score(answers, digits.valid.y)["accuracy"])
    assert min(scores) > 0.3
    assert np.mean(scores) > 0.5


def test_the_extremes_are_the_extremes():
    space = SPACES["elastic"]
    sizes = [analyse(one.graph, DIGITS).flops for one in space.enumerate()]
    assert analyse(largest(space, DIGITS).graph, DIGITS).flops == max(sizes)
    assert analyse(smallest(space, DIGITS).graph, DIGITS).flops == min(sizes)


def test_extremes_keep_to_constraints():
    space = SPACES["mobile"].restricted(lambda one: analyse(one.graph, DIGITS).params < 60_000, "params < 60k")
    rng = np.random.default_rng(0)
    most = analyse(largest(space, DIGITS).graph, DIGITS)
    assert most.params < 60_000
    assert most.flops >= max(analyse(space.sample(rng).graph, DIGITS).flops for _ in range(10))


def test_fair_steps_take_every_option_equally_often():
    space = SPACES["cell"]
    picked = list(Fair(paths=6).picked(space, np.random.default_rng(0)))
    edges = [one.choices["cell/1/0"] for one in picked]
    assert sorted(edges) == [0, 0, 1, 1, 2, 2]


def test_shrinking_opens_kernels_then_depths_then_widths():
    stages = {decision.name: stage(decision) for decision in SPACES["elastic"].decisions()}
    assert stages["stem/kernel"] == stages["more/0"] == 0
    assert stages["more/times"] == stages["maybe"] == 1
    assert stages["stem/channels"] == stages["more/0/1/expansion"] == 2


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("fairnas", {"paths": -1}),
        ("bignas", {"between": -1}),
        ("ofa", {"paths": 0}),
        ("ofa", {"opened": (0.5, 0.2, 1.0)}),
        ("ofa", {"opened": [0.5, 0.2]}),
        ("darts", {"rate": "fast"}),
        ("darts", {"narrowing": 1}),
        ("darts", {"dropped": 1.0}),
        ("darts", {"cost": "flop"}),
        ("darts2", {"ahead": 0.0}),
        ("pc-darts", {"parts": 1}),
        ("enas", {"paths": 1}),
        ("gdas", {"temperatures": 3.0}),
    ],
)
def test_settings_that_make_no_sense_are_refused(name, settings):
    with pytest.raises(InputError):
        get(name, **settings)


def test_unknown_policies_are_refused_with_the_nearest_name():
    with pytest.raises(InputError, match="bignas"):
        get("bignass")
