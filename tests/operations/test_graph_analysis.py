"""Whole graphs: totals, dead and shared nodes, and errors that name the node."""

from __future__ import annotations

import pytest

from netwright.errors import InputError
from netwright.operations import Signature, analyse, check
from netwright.space import OpGraph, OpNode

SIGNATURE = Signature((3, 8, 8), 10)
INPUT = OpNode("input", "input", {}, (), "input")


def conv(name, source, weights="", **attrs):
    return OpNode(name, "conv", {"channels": 3, **attrs}, (source,), weights or name)


def merge(op, *sources):
    return OpNode(f"cell/{op}", op, {}, sources, f"cell/{op}")


def test_totals(line):
    result = analyse(line(("conv", {"channels": 4}), ("head", {})), SIGNATURE)
    assert result.shapes == ((3, 8, 8), (4, 8, 8), (10,))
    assert result.params == (3 * 4 * 9 + 8) + (4 * 10 + 10)
    assert result.flops == 3 * 4 * 9 * 64 + 40
    assert result.activations == 4 * 64 + 10
    assert [node.params for node in result.nodes] == [0, 116, 50]


def test_dead_nodes_cost_nothing():
    graph = OpGraph((INPUT, conv("dead", 0, kernel=7), conv("used", 0, kernel=1)), 2)
    assert analyse(graph, SIGNATURE).params == 9 + 6


def test_what_only_carries_zeros_costs_nothing():
    none = OpNode("none", "none", {}, (0,), "none")
    graph = OpGraph((INPUT, none, conv("starved", 1), conv("fed", 0, kernel=1), merge("sum", 2, 3)), 4)
    assert analyse(graph, SIGNATURE).params == 9 + 6


def test_zeros_in_a_concat_keep_their_channels():
    none = OpNode("none", "none", {"channels": 5}, (0,), "none")
    graph = OpGraph((INPUT, none, merge("concat", 0, 1), conv("after", 2, kernel=1)), 3)
    result = analyse(graph, SIGNATURE)
    assert result.shapes[2] == (8, 8, 8)
    assert result.params == 8 * 3 + 6


def test_a_head_on_zeros_still_learns():
    none = OpNode("none", "none", {}, (0,), "none")
    graph = OpGraph((INPUT, none, conv("starved", 1), OpNode("head", "head", {}, (2,), "head")), 3)
    assert analyse(graph, SIGNATURE).params == 3 * 10 + 10


def test_shared_weights_count_once_and_work_twice():
    graph = OpGraph((INPUT, conv("0", 0, "block"), conv("1", 1, "block")), 2)
    result = analyse(graph, SIGNATURE)
    assert result.params == 81 + 6
    assert result.flops == 2 * 81 * 64


def test_shared_weights_that_do_not_fit():
    wide = conv("1", 1, "block", channels=4)
    with pytest.raises(InputError, match=r"^1 \(conv\) cannot share the weights of 0 \(conv\): .* their attributes"):
        analyse(OpGraph((INPUT, conv("0", 0, "block"), wide), 2), SIGNATURE)
    first, second = conv("0", 0, "block", channels=4), conv("1", 1, "block", channels=4)
    with pytest.raises(InputError, match="differ in the shape of their inputs"):
        analyse(OpGraph((INPUT, first, second), 2), SIGNATURE)


def test_branches_that_do_not_fit_are_named():
    small = conv("cell/b", 0, stride=2)
    with pytest.raises(InputError) as caught:
        analyse(OpGraph((INPUT, conv("cell/a", 0), small, merge("sum", 1, 2)), 3), SIGNATURE)
    assert str(caught.value) == (
        "cell/sum (sum): cannot add branches of different shapes (cell/a gives 3×8×8, cell/b gives 3×4×4): "
        "give them equal channels and strides"
    )
    with pytest.raises(InputError, match=r"cell/concat \(concat\): cannot join .*cell/b gives 3×4×4"):
        analyse(OpGraph((INPUT, conv("cell/a", 0), small, merge("concat", 1, 2)), 3), SIGNATURE)


@pytest.mark.parametrize(
    ("ops", "message"),
    [
        ([("conv", {"kernel": 9, "padding": "valid"})], "at/0 (conv): a kernel that spans 9 does not fit on 8"),
        ([("conv", {"groups": 2})], "at/0 (conv): groups=2 does not divide 3 input and 3 output channels"),
        ([("max-pool", {"kernel": 10})], "at/0 (max-pool): a kernel of 10 does not fit on 8"),
        ([("linear", {"units": 4})], "at/0 (linear): needs a vector, but gets 3×8×8"),
        ([("flatten", {}), ("conv", {})], "at/1 (conv): needs an image (C, H, W) or a sequence (C, T), but gets 192"),
        ([("flatten", {}), ("none", {"stride": 2})], "at/1 (none): stride is for images"),
        ([("head", {"dropout": 2.0})], "at/0 (head): dropout=2.0 is out of bounds"),
        ([("gradient-boosting", {})], "at/0 (gradient-boosting): needs a vector"),
        ([("covn", {})], "at/0 (covn): unknown operation"),
        ([("module", {"name": "Net"})], "at/0 (module): 'Net' is only the name of a class"),
        ([("resblock", {"kernel": 4})], "at/0 (resblock): unknown kernel '4'"),
    ],
)
def test_errors_name_the_node(line, ops, message):
    with pytest.raises(InputError) as caught:
        analyse(line(*ops), SIGNATURE)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("graph", "message"),
    [
        (OpGraph((), 0), "the graph has no input"),
        (OpGraph((conv("a", 0),), 0), "the graph has no input"),
        (OpGraph((INPUT,), 3), "output is node 3"),
        (OpGraph((INPUT, conv("a", 2), conv("b", 0)), 1), r"a \(conv\): takes inputs \(2,\)"),
        (OpGraph((INPUT, OpNode("a", "conv", {}, (0, 0), "a")), 1), r"a \(conv\): has 2 inputs: it takes 1"),
        (OpGraph((INPUT, OpNode("a", "sum", {}, (), "a")), 1), r"a \(sum\): has 0 inputs: it takes 1 or more"),
        (OpGraph((INPUT, OpNode("a", "input", {}, (), "a")), 1), "a graph has one input"),
        (OpGraph((INPUT, OpNode("a", "conv", {"kernel": 0}, (0,), "a")), 1), r"a \(conv\): kernel=0"),
    ],
)
def test_malformed_graphs(graph, message):
    for examine in (check, lambda graph: analyse(graph, SIGNATURE)):
        with pytest.raises(InputError, match=message):
            examine(graph)


def test_check_accepts_what_only_shapes_refuse(line):
    graph = line(("linear", {"units": 4}))
    check(graph)
    with pytest.raises(InputError, match="needs a vector"):
        analyse(graph, SIGNATURE)
