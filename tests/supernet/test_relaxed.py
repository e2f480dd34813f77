"""Relaxed spaces: all options at once, weighed; and what gradient-based policies learn of them."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.supernet import spaces

from netwright.backends.torch.batches import Batches
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import Fitting
from netwright.errors import InputError
from netwright.operations import analyse
from netwright.space import Space, chain, choice, dag, integer, op, parallel, real
from netwright.spaces.nb201 import nb201
from netwright.supernet.bank import Bank
from netwright.supernet.costs import BASE, additive_costs
from netwright.supernet.derive import derive, favourite, smaller
from netwright.supernet.extremes import largest, smallest
from netwright.supernet.policies import POLICIES, get
from netwright.supernet.policies.differentiable import Differentiable
from netwright.supernet.relaxed import options, relax
from netwright.supernet.rounds import halves
from netwright.supernet.sharing import Sharing
from netwright.trial import Fidelity

torch.set_num_threads(1)
DIGITS = spaces.DIGITS
PREFERRING = [name for name, policy in POLICIES.items() if policy.prefers]
RELAXED = [name for name in PREFERRING if isinstance(get(name), Differentiable)]
SPACES = {"cell": nb201(DIGITS, channels=4, cells=1), **spaces.SPACES}
each_policy = pytest.mark.parametrize("policy", PREFERRING)
each_relaxed = pytest.mark.parametrize("policy", RELAXED)
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


COSTLY = {"darts2", "drnas", "snas"}


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in COSTLY else name
        for name in RELAXED
        if POLICIES[name].dense
    ],
)
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
    net, recipe = sharing(digits, space, get(policy, rate=0.05))
    Fitting(net, digits, recipe, Fidelity(epochs=5)).run()
    best = derive(net.bank, space, 3, np.random.default_rng(0))[0]
    assert best.choices["body"] != 0
    assert best.choices["tail"] == 0


def test_derived_networks_keep_to_constraints_and_are_distinct(digits):
    space = SPACES["mobile"].restricted(lambda one: one.choices["stem/channels"] == 0, "narrow stems")
    net, recipe = sharing(digits, space, get("gdas", begin=0.0))
    Fitting(net, digits, recipe, Fidelity(epochs=0.05)).run()
    found = derive(net.bank, space, 5, np.random.default_rng(0))
    assert len({one.key for one in found}) == 5
    assert all(one.choices["stem/channels"] == 0 for one in found)


def test_preferences_come_back_from_a_file(digits, tmp_path):
    net, recipe = sharing(digits, SPACES["elastic"], get("snas", begin=0.0))
    Fitting(net, digits, recipe, Fidelity(epochs=0.1)).run()
    net.bank.save(tmp_path / "bank.safetensors")
    again = Bank(DIGITS)
    again.load(tmp_path / "bank.safetensors")
    assert again.preferences.keys() == net.bank.preferences.keys()
    assert all(torch.equal(one, net.bank.preferences[name]) for name, one in again.preferences.items())
    assert again.state_dict().keys() == net.bank.state_dict().keys()


def test_a_latency_is_measured_once_for_all_rounds(digits, tmp_path, monkeypatch):
    net, recipe = sharing(digits, SPACES["elastic"], get("darts", begin=0.0, penalty=1.0, cost="latency_ms"))
    Fitting(net, digits, recipe, Fidelity(epochs=0.1)).run()
    net.bank.save(tmp_path / "bank.safetensors")
    again = Bank(DIGITS)
    again.load(tmp_path / "bank.safetensors")
    kept = again.costs["latency_ms"]
    assert all(torch.equal(kept[name], one) for name, one in net.bank.costs["latency_ms"].items())
    assert set(again.preferences) == {decision.name for decision in SPACES["elastic"].decisions()} == set(kept) - {BASE}
    monkeypatch.delattr("netwright.supernet.costs.foretell")
    later = Sharing(again, SPACES["elastic"], net.policy, digits, recipe)
    assert later.expected_cost("latency_ms").item() > 0


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
    net, recipe = sharing(digits, SPACES["elastic"], get("darts", begin=0.0))
    net.held = None
    with pytest.raises(InputError, match="held out"):
        Fitting(net, digits, recipe, Fidelity(epochs=0.1)).run()


@each_policy
def test_settings_that_make_no_sense_are_refused(policy):
    with pytest.raises(InputError):
        get(policy, rate=0.0)
    assert get(policy, rate=0.1).rate == 0.1


@each_relaxed
@pytest.mark.parametrize(
    "settings",
    [{"noise": 0.3}, {"dropped": 0.5}, {"narrowing": True}, {"penalty": 0.5}, {"penalty": 1, "cost": "params"}],
)
def test_cures_and_penalties_work_with_every_policy(digits, policy, settings):
    net, recipe = sharing(digits, SPACES["cell"], get(policy, begin=0.0, rate=0.1, **settings))
    fitted = Fitting(net, digits, recipe, Fidelity(epochs=0.1)).run()
    assert np.isfinite(fitted.curve[-1]["loss"])
    assert all(torch.isfinite(preference).all() for preference in net.bank.preferences.values())


def test_a_penalty_leads_to_cheaper_networks(digits):
    def flops(penalty):
        net, recipe = sharing(digits, SPACES["elastic"], get("darts", begin=0.0, rate=0.1, penalty=penalty))
        Fitting(net, digits, recipe, Fidelity(epochs=1)).run()
        return analyse(favourite(net.bank, SPACES["elastic"]).graph, DIGITS).flops

    assert flops(20.0) == analyse(smallest(SPACES["elastic"], DIGITS).graph, DIGITS).flops < flops(0.0)


def test_costs_of_options_add_up_to_those_of_networks():
    costs = additive_costs(SPACES["elastic"], DIGITS, "flops")
    rng = np.random.default_rng(1)
    drawn = [SPACES["elastic"].sample(rng) for _ in range(50)]
    foretold = [
        costs[BASE][0] + sum(costs[name][one.decisions[name].place(value)] for name, value in one.choices.items())
        for one in drawn
    ]
    assert np.corrcoef(foretold, [analyse(one.graph, DIGITS).flops for one in drawn])[0, 1] > 0.9


def test_narrowing_leaves_one_option_in_the_end(digits):
    net, _ = sharing(digits, SPACES["cell"], get("darts", narrowing=True))
    ends = [net.policy.mixture(net, progress, np.random.default_rng(0))[0].weighed for progress in (0.0, 1.0)]
    assert {int((one > 0).sum()) for one in ends[0].values()} == {5}
    assert {int((one > 0).sum()) for one in ends[1].values()} == {1}


def test_what_has_nothing_to_learn_is_known():
    relaxed = relax(SPACES["cell"], DIGITS, lambda decision: 0, lambda decision: range(5))
    bare = {(name, place) for name, place in relaxed.bare}
    assert {place for _, place in bare} == {0, 1, 4}
    assert {name for name, _ in bare} == set(relaxed.decisions)


def test_second_order_is_the_slope_after_a_step(digits):
    """On two preferences, against the change in held-out loss when each is moved and one training step is taken."""
    space = Space(chain(choice(op("conv", kernel=1, channels=4), op("conv", kernel=3, channels=4)), op("head")), "two")
    policy = get("darts2", begin=0.0, ahead=0.5)
    net, _ = sharing(digits, space, policy)
    net.bank.preferences.clear()
    torch.manual_seed(0)
    learnt, held = ((torch.randn(64, *DIGITS.inputs), torch.randint(10, (64,))) for _ in range(2))
    told = []
    net.prefer = lambda loss, rate: told.append(torch.autograd.grad(loss, list(net.bank.preferences.values()))[0])
    policy.prefer(net, policy.mixture(net, 0.5, np.random.default_rng(0))[0], learnt, held)

    def after(preference):
        with torch.no_grad():
            net.preference("0", 2).copy_(torch.tensor(preference))
        mixture = policy.mixture(net, 0.5, np.random.default_rng(0))[0]
        weights = [weight for weight in mixture.parameters() if weight.requires_grad]
        slopes = torch.autograd.grad(net.loss_of(mixture, *learnt), weights)
        before = [weight.detach().clone() for weight in weights]
        with torch.no_grad():
            for weight, slope in zip(weights, slopes, strict=True):
                weight -= policy.ahead * slope
            loss = float(net.loss_of(mixture, *held))
            for weight, origin in zip(weights, before, strict=True):
                weight.copy_(origin)
        return loss

    step = 0.05
    measured = [
        (after(up) - after(down)) / (2 * step)
        for up, down in (([step, 0.0], [-step, 0.0]), ([0.0, step], [0.0, -step]))
    ]
    np.testing.assert_allclose(told[0].numpy(), measured, rtol=0.1, atol=2e-4)


def test_half_of_the_training_data_is_held_out_and_none_of_it_twice(digits):
    task, held = halves(digits)
    assert len(task.train.y) + len(held) == len(digits.train.y)
    rows = {row.tobytes() for row in task.train.x}
    assert not any(row.tobytes() in rows for row in held.x.numpy())


def test_a_network_smaller_than_all_others_is_told():
    space, rng = SPACES["elastic"], np.random.default_rng(0)
    assert smaller(smallest(space, DIGITS), space, DIGITS, rng) == 0.0
    assert smaller(largest(space, DIGITS), space, DIGITS, rng) > 0.8


def test_where_options_see_a_part_of_the_channels_the_others_pass_by():
    space = SPACES["cell"]
    relaxed = relax(space, DIGITS, lambda decision: 1, lambda decision: range(5), parts=4)
    bank = Bank(DIGITS)
    mixture = bank.mixture(relaxed).eval()
    mixture.weighed = {name: torch.eye(5)[1] for name in relaxed.decisions}
    widths = {
        tuple(weight.shape[:2])
        for name, weight in bank.weights.items()
        if name.startswith("stage1") and name.endswith("conv.weight")
    }
    assert widths == {(1, 1)}
    assert sum(node.op == "channel-shuffle" for node in relaxed.graph.nodes) == 3 * 6
    answers = mixture(torch.randn(3, *DIGITS.inputs))
    assert answers.shape == (3, 10)
    assert torch.isfinite(answers).all()


def test_branches_on_an_edge_are_not_taken_for_connections():
    """What is merged inside an edge of a cell with learnable connections is merged as it is."""
    edge = parallel(op("conv", kernel=3), op("identity"))
    space = Space(chain(op("conv", channels=4), dag(2, edge=edge, inputs=1), op("head")), "branches")
    relaxed = relax(space, DIGITS, lambda decision: 0, lambda decision: [0])
    assert relaxed.mixes == {"1/2": (("1/2/inputs", 0), ("1/2/inputs", 1))}


def test_connections_of_a_cell_with_entries_are_weighed():
    relaxed = relax(SPACES["darts"], DIGITS, lambda decision: 0, lambda decision: range(8))
    sums = {
        name: weights for name, weights in relaxed.mixes.items() if name.startswith("cell1/5") and len(weights) == 5
    }
    assert sums == {"cell1/5": tuple(("normal/5/inputs", source) for source in range(5))}
    assert {name for name, _ in relaxed.mixes["cell2/2/0/sum"]} == {"reduction/2/0"}
