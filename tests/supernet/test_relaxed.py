"""Relaxed spaces: all options at once, weighed; and what gradient-based policies learn of them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from netwright import spaces
from netwright.backends.torch.batches import Batches
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import Fitting
from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Space, chain, choice, dag, integer, op, optional, real, repeat
from netwright.supernet.bank import Bank
from netwright.supernet.derive import derive
from netwright.supernet.policies.darts import DARTS
from netwright.supernet.policies.drnas import DrNAS
from netwright.supernet.policies.gdas import GDAS
from netwright.supernet.policies.proxyless import Proxyless
from netwright.supernet.policies.snas import SNAS
from netwright.supernet.relaxed import options, relax
from netwright.supernet.sharing import Sharing
from netwright.trial import Fidelity

torch.set_num_threads(1)
DIGITS = Signature((1, 8, 8), 10, "classification")
POLICIES = [DARTS, GDAS, SNAS, DrNAS, Proxyless]
SPACES = {
    "cell": spaces.get("nb201", DIGITS),
    "connections": Space(
        chain(
            stem=op("conv", kernel=3, channels=8),
            cell=dag(3, node=op("conv", kernel=3, channels=8), inputs=(1, 2)),
            head=op("head"),
        ),
        "connections",
    ),
    "elastic": Space(
        chain(
            stem=op("conv", kernel=choice(3, 5), channels=choice(8, 16)),
            more=repeat(choice(op("resblock"), op("mbconv", expansion=choice(2, 4))), integer(1, 2)),
            maybe=optional(op("squeeze-excite")),
            head=op("head"),
        ),
        "elastic",
    ),
    "mobile": spaces.get("mobile", DIGITS),
    "resnet": spaces.get("resnet", DIGITS),
    "mlp": spaces.get("mlp", DIGITS),
}
each_policy = pytest.mark.parametrize("policy", POLICIES)
each_space = pytest.mark.parametrize("space", SPACES.values(), ids=SPACES)


@pytest.fixture(autouse=True)
def _few_reserved(monkeypatch):
    monkeypatch.setattr("netwright.supernet.sharing.RESERVED", 5)


def sharing(digits, space, policy, seed=0):
    held = Batches(digits, digits.valid, torch.device("cpu"))
    recipe = Recipe(batch_size=32, precision="float32")
    return Sharing(Bank(DIGITS, seed), space, policy, digits, recipe, seed, held), recipe


@each_space
def test_with_one_option_kept_it_computes_what_that_network_does(space):
    rng = np.random.default_rng(0)
    drawn: dict[str, int] = {}

    def draw(decision):
        return drawn.setdefault(decision.name, int(rng.integers(options(decision))))

    relaxed = relax(space, DIGITS, draw, lambda decision: [draw(decision)])
    if any(decision.kind == "subset" for decision in relaxed.decisions.values()):
        pytest.skip("connections are all kept")
    bank = Bank(DIGITS)
    mixture = bank.mixture(relaxed)
    mixture.weighed = {name: torch.ones(options(decision)) for name, decision in relaxed.decisions.items()}

    def decide(decision):
        return decision.value_at(drawn.get(decision.name, 0))

    alone = bank.bind(space.decided(decide, rng).graph)
    x = torch.randn(4, *DIGITS.inputs)
    torch.testing.assert_close(mixture.eval()(x), alone.eval()(x), rtol=1e-4, atol=1e-5)


@each_policy
@each_space
def test_weights_and_preferences_learn_from_a_step(digits, policy, space):
    net, recipe = sharing(digits, space, policy(begin=0.0, rate=0.1))
    Fitting(net, digits, recipe, Fidelity(epochs=0.1)).run()
    moved = [float(preference.detach().abs().max()) for preference in net.bank.preferences.values()]
    assert max(moved) > 0.01
    assert all(np.isfinite(moved))


@pytest.mark.parametrize("policy", [policy for policy in POLICIES if policy.dense])
def test_what_is_plainly_better_is_preferred(digits, policy):
    space = Space(
        chain(
            stem=op("conv", kernel=3, channels=16),
            body=choice(op("none"), op("conv", kernel=3), op("max-pool", kernel=3, stride=1)),
            tail=choice(op("conv", kernel=1), op("none")),
            head=op("head"),
        ),
        "plain",
    )
    net, recipe = sharing(digits, space, policy(rate=0.05))
    Fitting(net, digits, recipe, Fidelity(epochs=8)).run()
    best = derive(net.bank, space, 3, np.random.default_rng(0))[0]
    assert best.choices["body"] != 0
    assert best.choices["tail"] == 0


def test_derived_networks_keep_to_constraints_and_are_distinct(digits):
    space = SPACES["mobile"].restricted(lambda one: one.choices["stem/channels"] == 0, "narrow stems")
    net, recipe = sharing(digits, space, GDAS(begin=0.0))
    Fitting(net, digits, recipe, Fidelity(epochs=0.05)).run()
    found = derive(net.bank, space, 5, np.random.default_rng(0))
    assert len({one.key for one in found}) == 5
    assert all(one.choices["stem/channels"] == 0 for one in found)


def test_preferences_come_back_from_a_file(digits, tmp_path):
    net, recipe = sharing(digits, SPACES["elastic"], SNAS(begin=0.0))
    Fitting(net, digits, recipe, Fidelity(epochs=0.1)).run()
    net.bank.save(tmp_path / "bank.safetensors")
    again = Bank(DIGITS)
    again.load(tmp_path / "bank.safetensors")
    assert again.preferences.keys() == net.bank.preferences.keys()
    assert all(torch.equal(one, net.bank.preferences[name]) for name, one in again.preferences.items())
    assert again.state_dict().keys() == net.bank.state_dict().keys()


@pytest.mark.parametrize(
    ("root", "says"),
    [
        (chain(op("conv", kernel=3, channels=8), op("dropout", rate=real(0.0, 0.5)), op("head")), "rate"),
        (chain(op("conv", kernel=3, channels=integer(1, 500)), op("head")), "channels"),
    ],
)
def test_what_cannot_be_weighed_is_refused_by_name(root, says):
    with pytest.raises(InputError, match=says):
        relax(Space(root, "wide"), DIGITS, lambda decision: 0, lambda decision: [0])


def test_without_held_out_data_preferences_cannot_learn(digits):
    net, recipe = sharing(digits, SPACES["elastic"], DARTS(begin=0.0))
    net.held = None
    with pytest.raises(InputError, match="held out"):
        Fitting(net, digits, recipe, Fidelity(epochs=0.1)).run()


@each_policy
def test_settings_that_make_no_sense_are_refused(policy):
    with pytest.raises(InputError):
        policy(rate=0.0)
    assert replace(policy(), rate=0.1).rate == 0.1
