"""Graphs made by hand; and which of the published suite's tests are quick."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from tests.quick import mark_slow

from netwright import backends
from netwright.space import OpGraph, OpNode

LARGE = ("resnet", "mobile", "resblock", "bottleneck", "sepconv", "convnext")
"""Spaces whose networks take seconds to compile, and blocks that do."""
Line = Callable[..., OpGraph]


@pytest.fixture(scope="session")
def line() -> Line:
    """Makes a graph of ops in a row: `line(("conv", {"kernel": 3}), ("head", {}))`."""

    def make(*ops: tuple[str, dict[str, object]]) -> OpGraph:
        nodes = [OpNode("input", "input", {}, (), "input")]
        nodes += [OpNode(f"at/{i}", name, attrs, (i,), f"at/{i}") for i, (name, attrs) in enumerate(ops)]
        return OpGraph(tuple(nodes), len(ops))

    return make


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    mark_slow(items, costly)


def costly(test: str, given: Mapping[str, Any]) -> bool:
    name, what = given.get("name"), given.get("space") or given.get("operation")
    return name in backends.NAMES and what in LARGE and backends.get(name).compiles
