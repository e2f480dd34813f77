"""A network with fewer channels everywhere: a cheaper stand-in for it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from netwright.operations.sequences import HEADS
from netwright.space import OpGraph

SIZED = ("channels", "units", "width")
ATTENDING = ("attention", "transformer")
"""Operations whose heads share the channels that come to them."""


def narrowed(graph: OpGraph, width: float) -> OpGraph:
    """The graph with `width` times as many channels and units in each operation that says how many it makes, but for
    the last, which makes the outputs.

    >>> from netwright.space import OpNode
    >>> nodes = [OpNode("input", "input", {}, (), ""), OpNode("a", "conv", {"kernel": 3, "channels": 8}, (0,), "a")]
    >>> nodes.append(OpNode("out", "head", {}, (1,), "out"))
    >>> dict(narrowed(OpGraph(tuple(nodes), 2), 0.5).nodes[1].attrs)
    {'kernel': 3, 'channels': 4}
    """
    if width == 1.0:
        return graph
    heads = math.lcm(*(int(node.attrs.get("heads", HEADS)) for node in graph.nodes if node.op in ATTENDING))  # type: ignore[arg-type]
    nodes = tuple(
        node if index == graph.output else replace(node, attrs=_attrs(node.attrs, width, heads))
        for index, node in enumerate(graph.nodes)
    )
    return OpGraph(nodes, graph.output)


def _attrs(attrs: Mapping[str, Any], width: float, heads: int) -> Mapping[str, Any]:
    """Whole groups and heads stay whole. heads: of attention anywhere in the network, together."""
    groups = math.lcm(int(attrs.get("groups") or attrs.get("heads") or 1), heads)
    changed = {
        name: groups * max(1, round(attrs[name] * width / groups))
        for name in SIZED
        if isinstance(attrs.get(name), int) and not isinstance(attrs[name], bool)
    }
    return {**attrs, **changed}
