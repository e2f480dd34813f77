"""Connections across the tree: a value is marked where it passes, and recalled further on.

With them a cell takes in the two cells before it, as those of NASNet, AmoebaNet and DARTS do.
"""

from __future__ import annotations

from dataclasses import dataclass

from netwright.space.parts import Node, check_name


@dataclass(frozen=True)
class Mark(Node):
    """Passes its input on and remembers it; see `mark`."""

    name: str


@dataclass(frozen=True)
class Recall(Node):
    """What was marked; see `recall`."""

    name: str


def mark(name: str) -> Mark:
    """Passes its input on unchanged, and remembers it under a name until that is marked again.

    >>> from netwright.space import Space, chain, op, parallel
    >>> skip = chain(recall("start"), op("conv", kernel=1))
    >>> body = chain(op("conv", kernel=3), parallel(op("conv", kernel=3), skip))
    >>> graph = Space(chain(mark("start"), body), "long skip").architecture({}).graph
    >>> [(node.op, node.inputs) for node in graph.nodes[1:]]
    [('conv', (0,)), ('conv', (1,)), ('conv', (0,)), ('sum', (2, 3))]
    """
    check_name(name or "", "a mark")
    return Mark(name)


def recall(name: str) -> Recall:
    """What passed the `mark` of that name last, in place of its own input."""
    check_name(name or "", "a mark")
    return Recall(name)
