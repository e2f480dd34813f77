"""Every proxy: by its definition, beside the others, and where it has nothing to say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from benchmarks.direct_proxies import DIRECT
from tests.proxies.conftest import line
from torch.nn import functional as F

from netwright import spaces
from netwright.backends.torch.build import build
from netwright.errors import InputError
from netwright.operations import Signature
from netwright.proxies import NAMES, PROXIES, applicable, check, refusal
from netwright.proxies.jacobians import _tangents
from netwright.proxies.passes import Passes
from netwright.proxies.score import batch_of, score
from netwright.proxies.units import _patterns
from netwright.space import OpGraph
from netwright.tasks import Task


@pytest.mark.parametrize("name", DIRECT)
def test_agrees_with_its_definition(name: str, plain: OpGraph, pictures: Task) -> None:
    batch = batch_of(pictures, 32)
    network = build(plain, pictures.signature, seed=3, start_at_identity=False)
    expected = DIRECT[name](network, batch.x, batch.y)
    assert score(plain, pictures, batch, [name], seed=3).values[name] == pytest.approx(expected, rel=2e-3)


SPACES = ("mobile", "resnet", "nb201", "mlp", "vit", "hybrid", "darts")


@pytest.mark.parametrize("name", SPACES)
def test_scores_networks_of_a_space_the_same_alone_and_together(name: str, pictures: Task, numbers: Task) -> None:
    task = numbers if name == "mlp" else pictures
    space, batch = spaces.get(name, task.signature), batch_of(task, 16)
    graph = space.sample(np.random.default_rng(1)).graph
    together = score(graph, task, batch, applicable(task.signature), seed=1)
    assert not together.problems
    assert all(math.isfinite(value) for value in together.values.values())
    for proxy in applicable(task.signature):
        alone = score(graph, task, batch, [proxy], seed=1).values[proxy]
        assert alone == pytest.approx(together.values[proxy], rel=1e-4), proxy


def test_scoring_leaves_the_weights_as_they_were(plain: OpGraph, pictures: Task) -> None:
    batch = batch_of(pictures, 16)
    network = build(plain, pictures.signature, seed=0)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    needs = frozenset().union(*(proxy.needs for proxy in PROXIES.values()))
    passes = Passes(network, batch, needs)
    for proxy in PROXIES.values():
        proxy.score(passes)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


def test_tangents_are_the_gradients_of_single_examples(plain: OpGraph, pictures: Task) -> None:
    batch = batch_of(pictures, 8)
    network = build(plain, pictures.signature, seed=0)
    passes = Passes(network, batch, frozenset({"tangents"}))
    half = passes.halves[0]
    weights = [layer.get_parameter("weight") for layer in half.ran]
    for example in range(2):
        answer = network(batch.x[example : example + 1]).sum()
        expected = torch.autograd.grad(answer, weights)
        for layer, x, slope, gradient in zip(half.ran, half.inputs, half.slopes, expected, strict=True):
            found = _tangents(layer, x, slope)[example]
            assert torch.allclose(found, gradient.flatten(), rtol=1e-3, atol=1e-4)


def test_half_gradients_make_up_the_batch(plain: OpGraph, pictures: Task) -> None:
    batch = batch_of(pictures, 16)
    network = build(plain, pictures.signature, seed=0)
    passes = Passes(network, batch, frozenset({"gradients"}))
    found = passes.gradients()
    expected = torch.autograd.grad(F.cross_entropy(network(batch.x), batch.y), passes.weights)
    assert all(torch.allclose(one, other, atol=1e-5) for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("examples", [5, 20, 64, 130])
def test_patterns_are_counted_exactly(examples: int) -> None:
    code = (np.random.default_rng(examples).random((examples, 300)) < 0.5).astype(np.float32)
    code[:, 200:] = code[:, :100]
    rows = _patterns(torch.from_numpy(code))
    assert len(torch.unique(rows)) == len(np.unique(code.T, axis=0))


def test_blocks_end_where_one_value_is_carried_on(pictures: Task) -> None:
    space = spaces.get("nb201", pictures.signature)
    graph = space.architecture(
        {"cell/1/0": 3, "cell/2/0": 3, "cell/2/1": 2, "cell/3/0": 3, "cell/3/1": 1, "cell/3/2": 2}
    ).graph
    network = build(graph, pictures.signature, seed=0, start_at_identity=False)
    half = Passes(network, batch_of(pictures, 8), frozenset({"blocks", "passed"})).halves[0]
    assert len(half.blocks) == 1 + 15 + 2  # the stem, the cells, the reductions
    assert [block.shape[1] for block in half.blocks] == [16] * 6 + [32] * 6 + [64] * 6
    assert len(half.passed) == 17


def test_an_orthogonal_block_has_the_best_trainability(pictures: Task) -> None:
    conv = {"kernel": 1, "channels": 3, "norm": "none", "activation": "none"}
    graph = line(("conv", conv), ("conv", conv), ("head", {}))
    network = build(graph, pictures.signature, seed=0)
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d):
                layer.weight.copy_(torch.eye(3)[:, :, None, None])
    passes = Passes(network, batch_of(pictures, 16), frozenset({"passed"}))
    best = PROXIES["az-trainability"].score(passes)
    assert best == pytest.approx(0.0, abs=0.05)
    with torch.no_grad():
        for layer in network.modules():
            if isinstance(layer, torch.nn.Conv2d):
                layer.weight.mul_(3)
    steep = PROXIES["az-trainability"].score(Passes(network, batch_of(pictures, 16), frozenset({"passed"})))
    assert steep < best - 1


def test_the_batch_deals_every_class_to_both_halves(pictures: Task) -> None:
    batch = batch_of(pictures, 32)
    (_, one), (_, other) = batch.halves()
    counts = np.array([np.bincount(half.numpy(), minlength=4) for half in (one, other)])
    assert np.abs(counts[0] - counts[1]).max() <= 1


def test_a_network_without_activations_says_so(pictures: Task) -> None:
    graph = line(("conv", {"kernel": 3, "channels": 4, "activation": "none"}), ("head", {}))
    found = score(graph, pictures, batch_of(pictures, 16), ["naswot", "snip"])
    assert math.isnan(found.values["naswot"])
    assert "no activations" in found.problems["naswot"]
    assert math.isfinite(found.values["snip"])
    assert "snip" not in found.problems


def test_scores_that_are_not_finite_are_none(pictures: Task) -> None:
    graph = line(("conv", {"kernel": 3, "channels": 4}), ("head", {}))
    batch = batch_of(pictures, 16)
    broken = type(batch)(batch.x * math.nan, batch.y, batch.loss)
    found = score(graph, pictures, broken, ["snip", "l2-norm"])
    assert math.isnan(found.values["snip"])
    assert "nan" in found.problems["snip"]
    assert math.isfinite(found.values["l2-norm"])


def test_what_does_not_apply_is_refused_with_those_that_do(numbers: Task) -> None:
    assert "no" in refusal("epe-nas", numbers.signature)
    assert "tokens have none" in refusal("jacov", Signature((8,), 2, vocabulary=9))
    with pytest.raises(InputError, match=r"classes.*those that apply.*synflow"):
        check(["epe-nas"], numbers.signature)
    with pytest.raises(InputError, match="places of an image"):
        check(["meco"], numbers.signature)
    with pytest.raises(InputError, match="did you mean 'synflow'"):
        check(["synflw"], Signature((3, 8, 8), 2))
    assert set(applicable(Signature((3, 8, 8), 2))) == set(NAMES)


def test_attention_is_no_obstacle(pictures: Task) -> None:
    """All passes at once, second derivatives among them, in and behind attention."""
    block = ("transformer", {"heads": 2, "expansion": 1})
    graph = line(("conv", {"kernel": 3, "stride": 3, "channels": 8}), ("positions", {}), block, ("head", {}))
    found = score(graph, pictures, batch_of(pictures, 16), applicable(pictures.signature))
    assert not found.problems
    assert found.values["grasp"] != 0.0
