"""`nb201`: the NAS-Bench-201 space (Dong & Yang, "NAS-Bench-201", ICLR 2020, https://arxiv.org/abs/2001.00326).

A cell has four nodes; each of its six edges carries one of five operations: 15,625 cells. The network around it: a
stem, three stages of `cells` cells with the same choices, a residual reduction block (half the resolution, twice the
channels) between stages, and a head. Convolutions are relu-conv-norm. Trainable parameters are the published ones
where no edge of the cell is dead (dead ones are not built here).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from netwright.errors import InputError, unknown
from netwright.operations import Signature
from netwright.space import Architecture, Node, Space, chain, choice, dag, op, parallel, repeat, tied

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
"""The official names, in the order of the digits and of the options of each decision."""

EDGES = ((1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (3, 2))
"""(destination, source) of the six edges, in the order of the digits and of the official string."""

_TERM = re.compile(r"([a-z0-9_]+)~([0-9]+)")


def nb201(signature: Signature | None = None, *, channels: int = 16, cells: int = 5) -> Space:
    """The whole network, for images of any size. channels: of the first stage; cells: of each stage.

    >>> nb201().size()
    15625
    """
    if signature is not None and len(signature.inputs) != 3:
        raise InputError("the space 'nb201' is for images", "for tables: --space mlp")
    return Space(
        chain(
            stem=op("conv", kernel=3, channels=channels, stride=1, norm="batch", activation="none"),
            stage1=repeat(cell(channels), cells),
            reduction1=_reduction(2 * channels),
            stage2=repeat(cell(2 * channels), cells),
            reduction2=_reduction(4 * channels),
            stage3=repeat(cell(4 * channels), cells),
            norm=op("norm", kind="batch"),
            activation=op("activation", function="relu"),
            head=op("head"),
        ),
        "nb201",
    )


def cell(channels: int) -> Node:
    """One cell. It makes the same decisions as every other cell of the network.

    >>> [decision.name for decision in Space(cell(16)).decisions()]
    ['cell/1/0', 'cell/2/0', 'cell/2/1', 'cell/3/0', 'cell/3/1', 'cell/3/2']
    """
    pool = op("avg-pool", kernel=3, stride=1)
    edge = choice(op("none"), op("identity"), _conv(1, channels), _conv(3, channels), pool)
    return tied("cell", dag(3, edge=edge))


def to_digits(a: Architecture) -> tuple[int, ...]:
    """The six edges (1<-0, 2<-0, 2<-1, 3<-0, 3<-1, 3<-2), each an index into `OPERATIONS`."""
    return tuple(int(a.choices[name]) for name in map(_decision, EDGES))  # type: ignore[arg-type]


def from_digits(space: Space, digits: Sequence[int]) -> Architecture:
    """The architecture of `space` (one made of `cell`) with these edges.

    >>> to_digits(from_digits(nb201(), (3, 0, 1, 2, 4, 3)))
    (3, 0, 1, 2, 4, 3)
    """
    if len(digits) != len(EDGES):
        raise InputError(f"{len(digits)} digits do not make a cell", f"give {len(EDGES)}, one for each edge")
    return space.architecture({_decision(edge): digit for edge, digit in zip(EDGES, digits, strict=True)})


def to_string(a: Architecture) -> str:
    """The official string, nodes parted by `+`, each edge as `|operation~source`.

    >>> to_string(from_digits(nb201(), (3, 0, 1, 2, 4, 3)))
    '|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|'
    """
    nodes: dict[int, list[str]] = {}
    for (node, source), digit in zip(EDGES, to_digits(a), strict=True):
        nodes.setdefault(node, []).append(f"{OPERATIONS[digit]}~{source}")
    return "+".join(f"|{'|'.join(terms)}|" for terms in nodes.values())


def from_string(space: Space, text: str) -> Architecture:
    """The architecture of an official string; the edges into a node may come in any order.

    >>> text = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|"
    >>> to_string(from_string(nb201(), text)) == text
    True
    """
    found: dict[tuple[int, int], int] = {}
    for node, terms in enumerate(text.split("+"), 1):
        for term in terms.strip().strip("|").split("|"):
            match = _TERM.fullmatch(term)
            if match is None or (node, int(match[2])) not in EDGES or (node, int(match[2])) in found:
                raise InputError(
                    f"{term!r} is no edge into node {node} of a NAS-Bench-201 cell",
                    "write |op~0|+|op~0|op~1|+|op~0|op~1|op~2|",
                )
            if match[1] not in OPERATIONS:
                raise unknown("operation of NAS-Bench-201", match[1], OPERATIONS)
            found[node, int(match[2])] = OPERATIONS.index(match[1])
    if len(found) < len(EDGES):
        raise InputError(f"{text!r} has {len(found)} edges", f"a cell has {len(EDGES)}")
    return from_digits(space, [found[edge] for edge in EDGES])


def _decision(edge: tuple[int, int]) -> str:
    return f"cell/{edge[0]}/{edge[1]}"


def _conv(kernel: int, channels: int, stride: int = 1) -> Node:
    return op(
        "conv", kernel=kernel, channels=channels, stride=stride, norm="batch", activation="relu", preactivation=True
    )


def _reduction(channels: int) -> Node:
    """Two convolutions beside a pooled shortcut, as published."""
    shrink = op("avg-pool", kernel=2, stride=2)
    project = op("conv", kernel=1, channels=channels, stride=1, norm="none", activation="none", bias=False)
    return parallel(chain(_conv(3, channels, 2), _conv(3, channels)), chain(shrink, project))
