"""The torch builder: names, sharing, pruning, initial weights, errors."""

from __future__ import annotations

import copy
import pickle

import pytest
import torch

from netwright.backends.torch.build import build
from netwright.backends.torch.count import parameters
from netwright.backends.torch.layers import Conv
from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.space import OpGraph, OpNode

torch.set_num_threads(1)

SIGNATURE = Signature((3, 8, 8), 10)
INPUT = OpNode("input", "input", {}, (), "input")


def node(name, op, *sources, weights="", **attrs):
    return OpNode(name, op, attrs, sources, weights or name)


def test_state_dict_keys_are_paths_of_weights():
    network = build(OpGraph((INPUT, node("stem", "conv", 0), node("stages/0/block", "head", 1)), 2), SIGNATURE)
    assert [key for key in network.state_dict() if "running" not in key and "num_" not in key] == [
        "stem.conv.weight",
        "stem.norm.weight",
        "stem.norm.bias",
        "stages/0/block.linear.weight",
        "stages/0/block.linear.bias",
    ]


@pytest.mark.parametrize("path", ["forward", "steps", "output", "training", "a.b", "_modules", "state_dict"])
def test_paths_that_torch_would_refuse(path):
    network = build(OpGraph((INPUT, node(path, "head", 0)), 1), SIGNATURE)
    assert len(network.state_dict()) == 2
    assert network(torch.zeros(2, 3, 8, 8)).shape == (2, 10)


def test_paths_that_torch_would_confuse():
    nodes = (INPUT, node("a.b", "conv", 0, channels=3), node("a_b", "conv", 1, channels=3), node("head", "head", 2))
    graph = OpGraph(nodes, 3)
    assert parameters(build(graph, SIGNATURE)) == analyse(graph, SIGNATURE).params


def test_shared_weights_are_one_module():
    shared = [node(str(i), "conv", i, weights="block") for i in range(3)]
    network = build(OpGraph((INPUT, *shared, node("head", "head", 3)), 4), SIGNATURE)
    assert [name for name, _ in network.named_children()] == ["block", "head"]
    x = torch.randn(2, 3, 8, 8)
    network.eval()
    block, head = network.get_submodule("block"), network.get_submodule("head")
    torch.testing.assert_close(network(x), head(block(block(block(x)))))


def test_merges_and_zeros():
    nodes = (
        INPUT,
        node("none", "none", 0, channels=2),
        node("skip", "identity", 0),
        node("sum", "sum", 0, 2, 0),
        node("nil", "none", 0),
        node("more", "sum", 3, 4),
        node("cat", "concat", 5, 1, 0),
    )
    network = build(OpGraph(nodes, 6), SIGNATURE, whole=False)
    x = torch.randn(2, 3, 8, 8)
    torch.testing.assert_close(network(x), torch.cat([3 * x, torch.zeros(2, 2, 8, 8), x], 1))


def test_zeros_follow_the_size_of_the_images():
    """A network that merges zeros also works at a lower resolution than it was built for."""
    nodes = (INPUT, node("none", "none", 0), node("cat", "concat", 0, 1), node("head", "head", 2))
    assert build(OpGraph(nodes, 3), SIGNATURE)(torch.zeros(2, 3, 4, 4)).shape == (2, 10)


def test_only_what_has_an_effect_is_built():
    nodes = (
        INPUT,
        node("dead", "conv", 0),
        node("none", "none", 0),
        node("starved", "conv", 2),
        node("fed", "conv", 0),
        node("sum", "sum", 3, 4),
        node("head", "head", 5),
    )
    network = build(OpGraph(nodes, 6), SIGNATURE)
    assert [name for name, _ in network.named_children()] == ["fed", "head"]


def test_the_output_may_be_the_input():
    x = torch.randn(2, 10)
    assert build(OpGraph((INPUT, node("skip", "identity", 0)), 1), Signature((10,), 10))(x) is x


def test_seed_fixes_the_weights_and_leaves_the_generator_alone(line):
    graph = line(("resblock", {"channels": 8}), ("head", {}))
    torch.manual_seed(3)
    first = build(graph, SIGNATURE, seed=1).state_dict()
    drawn = torch.rand(1)
    again, other = build(graph, SIGNATURE, seed=1).state_dict(), build(graph, SIGNATURE, seed=2).state_dict()
    torch.manual_seed(3)
    assert torch.equal(drawn, torch.rand(1))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["at/0.branch.conv1.weight"], other["at/0.branch.conv1.weight"])


@pytest.mark.parametrize(
    ("op", "attrs"), [("mbconv", {"se": True}), ("resblock", {"se": True}), ("bottleneck", {}), ("resblock", {})]
)
def test_residual_blocks_start_as_their_shortcut(line, op, attrs):
    graph, x = line((op, attrs)), torch.rand(4, 3, 8, 8)
    torch.testing.assert_close(build(graph, SIGNATURE, whole=False)(x), x)
    plain = build(graph, SIGNATURE, whole=False, start_at_identity=False)
    assert not torch.allclose(plain(x), x)


@pytest.mark.parametrize(("groups", "fan_out"), [(1, 64 * 25), (64, 25)])
def test_initial_variance_by_fan_out(line, groups, fan_out):
    graph = line(("conv", {"channels": 64, "kernel": 5, "groups": groups}))
    network = build(graph, Signature((64, 8, 8), 10), whole=False, seed=0)
    assert float(network.state_dict()["at/0.conv.weight"].std()) == pytest.approx((2 / fan_out) ** 0.5, rel=0.05)


def test_preactivated_blocks_project_what_is_activated(line):
    """He et al. 2016, figure 4e: where shapes change, the shortcut starts after the shared norm and activation."""
    attrs = {"preactivation": True, "channels": 6, "stride": 2}
    block = build(line(("resblock", attrs)), SIGNATURE, whole=False).eval().get_submodule("at/0")
    x = torch.randn(2, 3, 8, 8)
    start = block.first.norm(x).relu()
    expected = block.branch.conv2(block.branch.norm2(block.branch.conv1(start)).relu()) + block.shortcut.conv(start)
    torch.testing.assert_close(block(x), expected)


def test_separable_convolution_by_hand(line):
    attrs = {"repeats": 2, "preactivation": True, "stride": 2, "channels": 5}
    layer = build(line(("sepconv", attrs)), SIGNATURE, whole=False).eval().get_submodule("at/0")
    x = torch.randn(2, 3, 8, 8)
    expected = x
    for part in layer:
        expected = part.norm(part.pointwise(part.depthwise(expected.relu())))
    torch.testing.assert_close(layer(x), expected)
    assert [part.depthwise.stride for part in layer] == [(2, 2), (1, 1)]


@pytest.mark.parametrize("norm", ["batch", "layer"])
@pytest.mark.parametrize("op", ["conv", "resblock", "mbconv", "convnext", "sepconv"])
def test_memory_layout_does_not_change_the_answer(line, op, norm):
    attrs = {} if op == "convnext" else {"norm": norm}
    network = build(line((op, attrs), ("head", {})), SIGNATURE, seed=0).eval()
    x = torch.randn(2, 3, 8, 8)
    expected = network(x)
    network.to(memory_format=torch.channels_last)
    torch.testing.assert_close(network(x.to(memory_format=torch.channels_last)), expected)


def test_networks_learn_copy_pickle_and_export(line):
    network = build(line(("resblock", {"channels": 4, "stride": 2}), ("mbconv", {}), ("head", {})), SIGNATURE)
    x = torch.randn(4, 3, 8, 8)
    network(x).square().sum().backward()
    assert all(parameter.grad is not None for parameter in network.parameters())
    network.eval()
    exported = torch.export.export(network, (x,)).module()
    for other in (copy.deepcopy(network), pickle.loads(pickle.dumps(network)), exported):
        torch.testing.assert_close(other(x), network(x))


@pytest.mark.parametrize(
    ("ops", "message"),
    [
        ([("conv", {})], r"at/0 \(conv\): the network ends in 3×8×8, not in 10 outputs: end"),
        ([("none", {}), ("flatten", {}), ("linear", {"units": 10})], r"at/2 \(linear\): the network only .* zeros"),
        ([("conv", {"groups": 2}), ("head", {})], r"at/0 \(conv\): groups=2 does not divide"),
    ],
)
def test_what_cannot_be_built(line, ops, message):
    with pytest.raises(InputError, match=message):
        build(line(*ops), SIGNATURE)


@pytest.mark.parametrize(("channels", "stride", "groups"), [(4, 2, 1), (6, 3, 2), (16, 2, 1)])
def test_points_with_a_stride_are_taken_first(channels: int, stride: int, groups: int) -> None:
    layer = Conv(channels, 8, 1, stride, groups=groups)
    plain = torch.nn.Conv2d(channels, 8, 1, stride, groups=groups)
    plain.load_state_dict(layer.state_dict())
    x = torch.randn(5, channels, 7, 9)
    found, expected = layer(x.contiguous(memory_format=torch.channels_last)), plain(x)
    assert torch.allclose(found, expected, atol=1e-6)
    weights = torch.randn_like(expected)
    for one in (found, expected):
        (one * weights).sum().backward()
    assert torch.allclose(layer.weight.grad, plain.weight.grad, atol=1e-5)
