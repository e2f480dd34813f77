"""Encodings of architectures for predictors, kernels and networks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from netwright.errors import unknown
from netwright.space.decision import Decision, Value
from netwright.space.identity import simplify

if TYPE_CHECKING:
    from netwright.space.architecture import Architecture
    from netwright.space.space import Space

PATH_WIDTH = 512
PATH_LENGTH = 4
_MERGES = frozenset({"sum", "concat"})


@dataclass(frozen=True)
class GraphEncoding:
    """The simplified op graph as arrays.

    adjacency: (n, n) bool, [j, i] where node j feeds node i; labels: (n,) operations with their attributes, for
    Weisfeiler-Lehman kernels; operations: (n,) names alone. The last node is the output.
    """

    adjacency: NDArray[np.bool_]
    labels: tuple[str, ...]
    operations: tuple[str, ...]


def encode(space: Space, a: Architecture, encoding: str) -> Any:
    """See `Space.encode`."""
    encoder = _ENCODERS.get(encoding)
    if encoder is None:
        raise unknown("encoding", encoding, _ENCODERS)
    return encoder(space, a)


def one_hot(space: Space, a: Architecture) -> NDArray[np.float32]:
    """One place for every option of every decision that the space may ask for, 1 where chosen. A number takes two: 1
    where it is active, and its place in its domain from 0 to 1. Inactive decisions are all 0."""
    slots, width = space._slots
    vector = np.zeros(width, dtype=np.float32)
    for name, value in a.choices.items():
        slot = slots.get(name)
        if slot is not None:
            _fill(vector, slot[0], slot[1], value)
    return vector


def path(_: Space, a: Architecture) -> NDArray[np.float32]:
    """Which sequences of up to 4 operations follow each other in the simplified graph, input and output included, each
    hashed into one of 512 places: the truncated path encoding (White et al., "BANANAS", AAAI 2021) for any graph."""
    graph = simplify(a.graph)
    vector = np.zeros(PATH_WIDTH, dtype=np.float32)
    ending: list[frozenset[tuple[str, ...]]] = []
    for node in graph.nodes:
        before = frozenset().union(*(ending[j] for j in node.inputs))
        if node.op in _MERGES:
            ending.append(before)
            continue
        label = _label(node.op, node.attrs)
        ends = frozenset({(label,), *((*trail[-(PATH_LENGTH - 1) :], label) for trail in before)})
        _mark(vector, ends)
        ending.append(ends)
    _mark(vector, ((*trail[-(PATH_LENGTH - 1) :], "output") for trail in ending[graph.output]))
    return vector


def graph(_: Space, a: Architecture) -> GraphEncoding:
    """The simplified graph as adjacency and labels."""
    nodes = simplify(a.graph).nodes
    adjacency = np.zeros((len(nodes), len(nodes)), dtype=np.bool_)
    for i, node in enumerate(nodes):
        adjacency[list(node.inputs), i] = True
    return GraphEncoding(
        adjacency, tuple(_label(node.op, node.attrs) for node in nodes), tuple(node.op for node in nodes)
    )


_ENCODERS: dict[str, Callable[[Any, Any], Any]] = {"one-hot": one_hot, "path": path, "graph": graph}


def slots(decisions: tuple[Decision, ...]) -> tuple[dict[str, tuple[int, Decision]], int]:
    """Where each decision begins in the one-hot encoding, and its width."""
    places: dict[str, tuple[int, Decision]] = {}
    width = 0
    for decision in decisions:
        places[decision.name] = (width, decision)
        width += len(decision.options) or 2
    return places, width


def _fill(vector: NDArray[np.float32], start: int, decision: Decision, value: Value) -> None:
    if isinstance(value, tuple):
        vector[[start + i for i in value]] = 1
    elif decision.kind == "choice":
        vector[start + int(value)] = 1
    else:
        vector[start : start + 2] = 1, decision.unit(value)


def _label(op: str, attrs: Any) -> str:
    return f"{op}{sorted(attrs.items())}" if attrs else op


def _mark(vector: NDArray[np.float32], trails: Any) -> None:
    for trail in trails:
        vector[crc32("\n".join(trail).encode()) % PATH_WIDTH] = 1
