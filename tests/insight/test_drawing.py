"""Networks as SVG: folding, layers without overlap, escaping."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from netwright.insight.drawing import draw
from netwright.insight.labels import family, label
from netwright.insight.sketch import sketch
from netwright.operations import OPERATIONS, Signature
from netwright.space import OpGraph, OpNode, Space, chain, choice, dag, op, parallel, repeat
from netwright.spaces.darts import DARTS_V2, darts, from_string
from netwright.spaces.nb201 import nb201

IMAGE = Signature((3, 32, 32), 10, "classification")
SVG = "{http://www.w3.org/2000/svg}"


def graph(root: Any) -> OpGraph:
    return Space(root, "s").sample(np.random.default_rng(0)).graph


def boxes(svg: str) -> list[tuple[float, float, float, float]]:
    root = ElementTree.fromstring(svg)
    found = [rect.attrib for rect in root.iter(f"{SVG}rect") if rect.attrib["class"] == "b"]
    return [(float(r["x"]), float(r["y"]), float(r["width"]), float(r["height"])) for r in found]


def overlaps(rects: list[tuple[float, float, float, float]]) -> Iterator[tuple[int, int]]:
    for i, (x, y, w, h) in enumerate(rects):
        for j, (a, b, c, d) in enumerate(rects[:i]):
            if x < a + c and a < x + w and y < b + d and b < y + h:
                yield j, i


def test_equal_blocks_in_a_row_are_folded() -> None:
    conv = op("conv", kernel=3, channels=8)
    svg = draw(graph(chain(conv, repeat(conv, 5), op("head"))), IMAGE)
    assert len(boxes(svg)) == 3
    assert "\N{MULTIPLICATION SIGN}6" in svg


def test_folded_parameters_are_those_of_all() -> None:
    conv = op("conv", kernel=3, channels=8)
    runs = sketch(graph(chain(conv, repeat(conv, 5), op("head"))), IMAGE)
    # 3x3 convolutions without bias and the scale and shift of their batch norms
    assert [run.params for run in runs] == [0, 9 * 3 * 8 + 16 + 5 * (9 * 8 * 8 + 16), 8 * 10 + 10]


def test_a_repeated_cell_is_drawn_once_in_a_frame() -> None:
    cell = parallel(op("conv", kernel=3, channels=8), op("identity"), merge="sum")
    svg = draw(graph(chain(op("conv", kernel=1, channels=8), repeat(cell, 7), op("head"))), IMAGE)
    assert svg.count('class="f"') == 1
    assert "\N{MULTIPLICATION SIGN}7" in svg
    assert len(boxes(svg)) == 5  # input, stem, convolution, sum, head


def test_different_blocks_are_not_folded() -> None:
    svg = draw(graph(chain(*[op("conv", kernel=k, channels=8) for k in (1, 3, 5)], op("head"))), IMAGE)
    assert len(boxes(svg)) == 5
    assert 'class="n"' not in svg


def test_a_chain_of_thirty_blocks_stays_in_the_middle_and_in_width() -> None:
    blocks = [op("mbconv", kernel=3 + 2 * (k % 2), channels=16, stride=1, expansion=4) for k in range(30)]
    rects = boxes(draw(graph(chain(*blocks, op("head"))), IMAGE))
    assert {round(x + w / 2) for x, _, w, _ in rects} == {170}


@given(st.integers(0, 15624))
@settings(max_examples=60, deadline=None)
def test_no_block_of_a_cell_overlaps_another(index: int) -> None:
    digits = [int(digit) for digit in np.base_repr(index, 5).zfill(6)]
    space = nb201(cells=2)
    names = [decision.name for decision in space.decisions()]
    svg = draw(space.architecture(dict(zip(names, digits, strict=True))).graph, IMAGE)
    rects = boxes(svg)
    assert not list(overlaps(rects))
    assert all(x >= 0 and x + w <= 340 for x, _, w, _ in rects)


@given(st.integers(0, 2**32 - 1), st.integers(4, 8))
@settings(max_examples=40, deadline=None)
def test_wide_random_cells_neither_overlap_nor_leave_the_paper(seed: int, nodes: int) -> None:
    node = choice(op("sepconv", kernel=3, channels=8), op("max-pool", kernel=3, stride=1), op("conv", channels=8))
    cell = dag(nodes=nodes, node=node, inputs=2, output="concat")
    space = Space(chain(op("conv", channels=8), cell, op("head")), "d")
    svg = draw(space.sample(np.random.default_rng(seed)).graph, IMAGE)
    rects = boxes(svg)
    assert not list(overlaps(rects))
    assert all(x >= 0 and x + w <= 340 for x, _, w, _ in rects)
    height = float(ElementTree.fromstring(svg).attrib["height"])
    assert all(y + h <= height for _, y, _, h in rects)


def test_cells_that_skip_cells_are_drawn() -> None:
    network = from_string(darts(IMAGE, channels=4), DARTS_V2).graph
    rects = boxes(draw(network, IMAGE))
    assert not list(overlaps(rects))
    assert all(x >= 0 and x + w <= 340 for x, _, w, _ in rects)


def test_every_edge_has_an_arrow_and_every_block_is_reached() -> None:
    root = parallel(op("conv", kernel=1, channels=8), op("conv", kernel=3, channels=8), merge="concat")
    svg = draw(graph(chain(root, op("head"))), IMAGE)
    assert svg.count('class="a"') == 5  # two into the convolutions, two into the merge, one into the head


def test_a_network_that_gives_zero_is_drawn_as_such() -> None:
    svg = draw(graph(chain(op("none"), op("conv", channels=8))), IMAGE)
    assert "Zero" in svg


def test_unknown_operations_and_hostile_names_are_escaped_and_drawn_without_sizes() -> None:
    bad = "<script>alert(1)</script>"
    nodes = (
        OpNode("input", "input", {}, (), "input"),
        OpNode("x", "module", {"name": bad, "w\"'>": 3}, (0,), "x"),
        OpNode("y", bad, {"kernel": bad}, (1,), "y"),
    )
    svg = draw(OpGraph(nodes, 2), IMAGE, title=bad, standalone=True)
    ElementTree.fromstring(svg)
    assert "<script" not in svg


def test_only_standalone_drawings_carry_colours() -> None:
    network = graph(chain(op("head")))
    assert "<style>" in draw(network, IMAGE, standalone=True)
    assert "<style>" not in draw(network, IMAGE)


@pytest.mark.parametrize("name", sorted(OPERATIONS))
def test_every_operation_has_a_label_and_a_colour(name: str) -> None:
    assert label(name, {})
    assert re.fullmatch("conv|sep|mobile|residual|pool|dense|light|merge|edge|other", family(name))


@pytest.mark.parametrize(
    ("op_name", "attrs", "expected"),
    [
        ("linear", {"units": 64, "activation": "relu"}, "Linear, 64 units, relu"),
        ("conv", {"kernel": 3, "channels": 8, "activation": "relu", "stride": 1}, "Conv 3x3, 8 ch"),
        ("conv", {"kernel": 3, "channels": 8, "activation": "none"}, "Conv 3x3, 8 ch, no activation"),
        ("norm", {"kind": "layer"}, "Norm layer"),
        ("positions", {"kind": "learned"}, "Positions learned"),
        ("class-token", {}, "Class token"),
        ("factorized-reduce", {"channels": 8, "stride": 2}, "Factorized reduce, 8 ch"),
        ("activation", {"function": "gelu"}, "gelu"),
        ("module", {"name": "MyNet", "width": 3}, "MyNet, width 3"),
        ("my-op", {"se": False, "size": 0.125}, "My op, size 0.125"),
    ],
)
def test_labels_say_what_is_unusual(op_name: str, attrs: dict[str, Any], expected: str) -> None:
    assert label(op_name, attrs).replace("\N{MULTIPLICATION SIGN}", "x") == expected
