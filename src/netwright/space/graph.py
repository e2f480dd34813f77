"""The op graph: what is built, once every decision is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from netwright.space.parts import Plain


@dataclass(frozen=True, slots=True)
class OpNode:
    """One operation. name: its path in the space; inputs: indices of earlier nodes; weights: the path its weights are
    kept under, equal for operations that share them."""

    name: str
    op: str
    attrs: Mapping[str, Plain]
    inputs: tuple[int, ...]
    weights: str


@dataclass(frozen=True, slots=True)
class OpGraph:
    """Operations in an order in which they can be computed. Node 0 is "input"; `output` is the index of the result."""

    nodes: tuple[OpNode, ...]
    output: int

    @property
    def operations(self) -> frozenset[str]:
        """The names of those that it is made of."""
        return frozenset(node.op for node in self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)


INPUT = OpNode("input", "input", {}, (), "input")


def live(nodes: list[OpNode], output: int) -> OpGraph:
    """The graph without the nodes that the output does not depend on (the input stays)."""
    needed = [False] * len(nodes)
    needed[0] = needed[output] = True
    for i in range(output, 0, -1):
        if needed[i]:
            for j in nodes[i].inputs:
                needed[j] = True
    if all(needed):
        return OpGraph(tuple(nodes), output)
    at: dict[int, int] = {}
    kept: list[OpNode] = []
    for i, node in enumerate(nodes):
        if needed[i]:
            at[i] = len(kept)
            kept.append(OpNode(node.name, node.op, node.attrs, tuple(at[j] for j in node.inputs), node.weights))
    return OpGraph(tuple(kept), at[output])
