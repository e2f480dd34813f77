"""Graphs made by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from netwright.space import OpGraph, OpNode

Line = Callable[..., OpGraph]


@pytest.fixture(scope="session")
def line() -> Line:
    """Makes a graph of ops in a row: `line(("conv", {"kernel": 3}), ("head", {}))`."""

    def make(*ops: tuple[str, dict[str, object]]) -> OpGraph:
        nodes = [OpNode("input", "input", {}, (), "input")]
        nodes += [OpNode(f"at/{i}", name, attrs, (i,), f"at/{i}") for i, (name, attrs) in enumerate(ops)]
        return OpGraph(tuple(nodes), len(ops))

    return make
