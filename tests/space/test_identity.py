"""One key for twins, different keys for all others."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netwright.space import Node, OpGraph, OpNode, Space, chain, dag, op, parallel, repeat, simplify
from netwright.space.identity import key

few = settings(max_examples=80, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)
CONV, OTHER, SKIP, ZERO = op("conv", kernel=3), op("conv", kernel=5), op("identity"), op("none")


def key_of(*items: Node) -> str:
    return Space(chain(*items)).architecture({}).key


def reordered(graph: OpGraph, rng: np.random.Generator) -> OpGraph:
    """Another order of computation, other names, sums with their terms shuffled."""
    left = set(range(1, len(graph)))
    order = [0]
    while left:
        ready = sorted(i for i in left if all(j in order for j in graph.nodes[i].inputs))
        order.append(ready[int(rng.integers(len(ready)))])
        left.remove(order[-1])
    at = {old: new for new, old in enumerate(order)}
    weights = {node.weights: f"w{rng.integers(10**9)}" for node in graph.nodes}
    nodes = []
    for i in order:
        node = graph.nodes[i]
        inputs = [at[j] for j in node.inputs]
        if node.op == "sum":
            rng.shuffle(inputs)
        nodes.append(OpNode(f"n{at[i]}", node.op, node.attrs, tuple(inputs), weights[node.weights]))
    return OpGraph(tuple(nodes), at[graph.output])


def padded(graph: OpGraph, rng: np.random.Generator) -> OpGraph:
    """With identities in between, zeros in sums, and an operation that nothing depends on."""
    nodes: list[OpNode] = []
    at: list[int] = []

    def add(kind: str, inputs: tuple[int, ...]) -> int:
        nodes.append(OpNode(f"pad{len(nodes)}", kind, {}, inputs, f"pad{len(nodes)}"))
        return len(nodes) - 1

    for node in graph.nodes:
        inputs = tuple(at[j] if rng.random() < 0.5 else add("identity", (at[j],)) for j in node.inputs)
        if node.op == "sum":
            inputs += (add("conv", (add("none", (0,)),)),)
        nodes.append(OpNode(node.name, node.op, node.attrs, inputs, node.weights))
        at.append(len(nodes) - 1)
    add("conv", (at[-1],))
    return OpGraph(tuple(nodes), at[graph.output])


@few
@given(st.from_type(Space), seeds)
def test_isomorphic_graphs_share_a_key(space: Space, rng: np.random.Generator) -> None:
    a = space.sample(rng)
    assert key(reordered(a.graph, rng), a.hyper) == a.key


@few
@given(st.from_type(Space), seeds)
def test_pruned_twins_share_a_key(space: Space, rng: np.random.Generator) -> None:
    a = space.sample(rng)
    assert key(padded(a.graph, rng), a.hyper) == a.key


@few
@given(st.from_type(Space), seeds)
def test_simplifying_keeps_the_key_and_is_done_once(space: Space, rng: np.random.Generator) -> None:
    graph = space.sample(rng).graph
    simple = simplify(graph)
    assert key(simple) == key(graph)
    assert simplify(simple) == simple


@pytest.mark.parametrize(
    ("one", "twin"),
    [
        (parallel(CONV, OTHER), parallel(OTHER, CONV)),
        (chain(CONV, SKIP), CONV),
        (parallel(CONV, ZERO), CONV),
        (parallel(parallel(CONV, OTHER), SKIP), parallel(SKIP, OTHER, CONV)),
        (chain(ZERO, CONV), ZERO),
        (
            parallel(parallel(CONV, OTHER, merge="concat"), CONV, merge="concat"),
            parallel(CONV, OTHER, CONV, merge="concat"),
        ),
        (parallel(chain(ZERO, CONV), ZERO, merge="concat"), ZERO),
        (repeat(CONV, 1, share=True), CONV),
        (repeat(CONV, 0), SKIP),
        (dag(2, edge=CONV), parallel(CONV, chain(CONV, CONV))),
    ],
)
def test_twins(one: Node, twin: Node) -> None:
    assert key_of(one) == key_of(twin)
    assert key_of(CONV, one, op("head")) == key_of(CONV, twin, op("head"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (CONV, OTHER),
        (CONV, op("conv", kernel=3, stride=2)),
        (CONV, op("conv", kernel="3")),
        (CONV, ZERO),
        (CONV, SKIP),
        (parallel(CONV, CONV), CONV),
        (parallel(CONV, OTHER), parallel(CONV, OTHER, merge="concat")),
        (parallel(CONV, OTHER, merge="concat"), parallel(OTHER, CONV, merge="concat")),
        (parallel(CONV, ZERO, merge="concat"), CONV),
        (chain(CONV, OTHER), chain(OTHER, CONV)),
        (repeat(CONV, 2, share=True), repeat(CONV, 2)),
        (repeat(chain(CONV, CONV), 2, share=True), repeat(CONV, 4, share=True)),
        (repeat(chain(CONV, CONV), 2, share=True), chain(repeat(CONV, 2, share=True), repeat(CONV, 2, share=True))),
    ],
)
def test_different_networks(one: Node, other: Node) -> None:
    assert key_of(one) != key_of(other)


def test_a_tie_with_a_dead_operation_is_none() -> None:
    shared = {"op": "conv", "attrs": {}, "weights": "w"}
    source = OpNode("input", "input", {}, (), "input")
    alive, dead = OpNode(name="a", inputs=(0,), **shared), OpNode(name="b", inputs=(0,), **shared)
    assert key(OpGraph((source, alive, dead), 1)) == key(OpGraph((source, alive), 1))


def test_hyperparameters_are_part_of_the_key() -> None:
    keys = {Space(CONV, hyper={"lr": lr}).architecture({}).key for lr in (0.1, 0.2)}
    assert len(keys) == 2


def test_keys_do_not_depend_on_names() -> None:
    keys = {Space(chain(**{label: CONV}), name).architecture({}).key for label, name in (("a", "x"), ("b", "y"))}
    assert len(keys) == 1


def test_sums_of_sums_stay_cheap() -> None:
    graph = Space(dag(60, edge=SKIP)).architecture({}).graph
    assert len(key(graph)) == 64


def test_the_key_is_the_same_on_every_machine() -> None:
    known = "23742968e4e24e36e8b2c932c07b7ed63b02c1c2ead9743610512cf882695056"
    assert key_of(CONV, parallel(SKIP, OTHER), op("head")) == known
