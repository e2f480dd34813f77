"""The cells of DARTS: their number, genotypes as they are published, and the sizes of published networks."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.space import Architecture, Space
from netwright.spaces.darts import DARTS_V2, darts, from_genotype, from_string, to_genotype, to_string

CIFAR = Signature((3, 32, 32), 10)
PUBLISHED = {"channels": 36, "cells": 20, "halvings": 0}


def every(operation: str) -> dict[str, list[tuple[str, int]]]:
    """Both cells with one operation on every edge, each node on the two inputs."""
    edges = [(operation, source) for _ in range(4) for source in (0, 1)]
    return {"normal": edges, "reduce": edges}


def test_the_number_of_cells() -> None:
    assert darts().size() == (1 * 3 * 6 * 10 * 8**8) ** 2
    assert len(darts().decisions()) == 2 * (3 + 2 + 3 + 4 + 5)
    assert darts(cells=20).size() == darts().size()


def by_hand(channels: int, cells: int, edges: dict[str, dict[int, int]]) -> int:
    """Parameters for CIFAR-10. edges: for each kind of cell those of its edges at one width, by width."""
    before, last = 3 * channels, 3 * channels
    total = 3 * last * 9 + 2 * last
    for index in range(cells):
        reduces = index in (cells // 3, 2 * cells // 3)
        channels *= 2 if reduces else 1
        total += (before + last) * channels + 4 * channels
        total += edges["reduce" if reduces else "normal"][channels]
        before, last = last, 4 * channels
    return total + last * 10 + 10


def test_the_published_network_has_its_published_size() -> None:
    """3.3 million in the paper, 3.349342 in the log of its code."""
    a = from_string(darts(CIFAR, **PUBLISHED), DARTS_V2)
    # five separable convolutions done twice, one dilated, all with norms
    normal = {c: 5 * 2 * (9 * c + c * c + 2 * c) + (9 * c + c * c + 2 * c) for c in (36, 72, 144)}
    expected = by_hand(36, 20, {"normal": normal, "reduce": dict.fromkeys((72, 144), 0)})
    assert analyse(a.graph, CIFAR).params == expected == 3_349_342


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("sep_conv_5x5", lambda c: 2 * (25 * c + c * c + 2 * c)),
        ("dil_conv_5x5", lambda c: 25 * c + c * c + 2 * c),
        ("avg_pool_3x3", lambda c: 0),
    ],
)
def test_operations_have_their_published_sizes(operation, params) -> None:
    a = from_genotype(darts(CIFAR, channels=8, cells=5, halvings=0), every(operation))
    edges = {c: 8 * params(c) for c in (8, 16, 32)}
    assert analyse(a.graph, CIFAR).params == by_hand(8, 5, {"normal": edges, "reduce": edges})


def test_skips_shrink_by_two_convolutions_where_a_cell_reduces() -> None:
    a = from_genotype(darts(CIFAR, channels=8, cells=5, halvings=0), every("skip_connect"))
    reduce = {c: 8 * (c * c + 2 * c) for c in (16, 32)}
    assert analyse(a.graph, CIFAR).params == by_hand(8, 5, {"normal": dict.fromkeys((8, 16, 32), 0), "reduce": reduce})


def test_a_cell_takes_in_the_two_before_it() -> None:
    graph = from_genotype(darts(CIFAR, channels=4, cells=5), every("max_pool_3x3")).graph
    shapes = analyse(graph, CIFAR).shapes
    sources = {}
    for node in graph.nodes:
        if node.name.endswith(("/entry0/1", "/entry1/1")):
            sources[node.name] = graph.nodes[node.inputs[0]].name
    assert [sources[f"cell{n}/entry0/1"] for n in range(1, 6)] == [
        "stem/0",
        "stem/0",
        *(f"cell{n}/output" for n in (1, 2, 3)),
    ]
    assert [sources[f"cell{n}/entry1/1"] for n in range(1, 6)] == [
        "stem/0",
        *(f"cell{n}/output" for n in (1, 2, 3, 4)),
    ]
    ends = {node.name: shape for node, shape in zip(graph.nodes, shapes, strict=True) if node.name.endswith("/output")}
    assert list(ends.values()) == [(16, 16, 16), (32, 8, 8), (32, 8, 8), (64, 4, 4), (64, 4, 4)]


def test_genotypes_come_back() -> None:
    space, rng = darts(), np.random.default_rng(0)
    for _ in range(20):
        a = space.sample(rng)
        assert from_genotype(space, to_genotype(a)) == a
        assert from_string(space, to_string(a)) == a
    assert "normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1)" in to_string(from_string(space, DARTS_V2))


def test_dead_ends_and_the_order_of_edges_make_no_difference() -> None:
    space = darts()
    one = every("none") | {"normal": [("sep_conv_3x3", 0), ("none", 1), *every("none")["normal"][2:]]}
    two = every("none") | {"normal": [("none", 1), ("sep_conv_3x3", 0), *every("none")["normal"][2:]]}
    assert from_genotype(space, one) == from_genotype(space, two)

    def key(genotype) -> str:
        return from_genotype(space, genotype).key

    pooled = {"normal": [*every("max_pool_3x3")["normal"][:6], ("none", 2), ("max_pool_3x3", 0)]}
    other = {"normal": [*every("max_pool_3x3")["normal"][:6], ("none", 3), ("max_pool_3x3", 0)]}
    assert key(every("avg_pool_3x3") | pooled) == key(every("avg_pool_3x3") | other)


def test_genotypes_that_are_none_are_refused() -> None:
    space = darts()
    good = every("none")
    for wrong, says in [
        ({}, "'normal' of a genotype has 0 edges: give 8"),
        (good | {"reduce": good["reduce"][:6]}, "'reduce' of a genotype has 6 edges"),
        (good | {"normal": [("conv", 0), *good["normal"][1:]]}, "unknown operation of DARTS 'conv'"),
        (good | {"normal": [("none", 1), *good["normal"][1:]]}, "node 2 of a normal cell takes in 1 and 1"),
        (good | {"reduce": [*good["reduce"][:7], ("none", 5)]}, "node 5 of a reduction cell takes in 0 and 5"),
    ]:
        with pytest.raises(InputError, match=says):
            from_genotype(space, wrong)
    with pytest.raises(InputError, match="0 edges"):
        from_string(space, "Genotype(__import__('os'))")
    with pytest.raises(InputError, match="2 cells are too few"):
        darts(cells=2)
    with pytest.raises(InputError, match="the space 'darts' is for images"):
        darts(Signature((8,), 2))


def test_a_plain_copy_makes_the_same_networks() -> None:
    space = darts(CIFAR)
    again = Space.from_dict(space.to_dict())
    a: Architecture = from_string(space, DARTS_V2)
    assert from_string(again, DARTS_V2).key == a.key
    assert again.size() == space.size()
