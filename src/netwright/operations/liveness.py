"""Which nodes of a graph do anything: those that the output depends on, other than through zeros."""

from __future__ import annotations

from netwright.space import OpGraph

ANSWERS_ZERO = frozenset(
    {
        "head",
        "detection-head",
        "transcript-head",
        "frames-head",
        "language-head",
        "module",
        "gradient-boosting",
        "lightgbm",
        "forest",
        "linear-model",
        "neighbours",
    }
)
"""Operations that are built even on zeros: a model's last layer learns at least its bias."""


def zero(graph: OpGraph) -> frozenset[int]:
    """Indices of the nodes that only carry zeros: `none`, and whatever has nothing but zeros for input.

    A block of zeros counts as zeros, norms and biases or not: no information passes it.
    """
    zeros: set[int] = set()
    for index, node in enumerate(graph.nodes):
        starved = bool(node.inputs) and zeros.issuperset(node.inputs)
        if node.op == "none" or (starved and node.op not in ANSWERS_ZERO):
            zeros.add(index)
    return frozenset(zeros)


def live(graph: OpGraph, zeros: frozenset[int]) -> list[int]:
    """Indices of the nodes to build, in order: what the output needs, cut off at zeros."""
    needed = [False] * len(graph.nodes)
    needed[graph.output] = graph.output not in zeros
    for index in range(graph.output, 0, -1):
        if not needed[index]:
            continue
        for source in graph.nodes[index].inputs:
            needed[source] = needed[source] or source not in zeros
    return [index for index, need in enumerate(needed) if need]
