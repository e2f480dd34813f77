"""`darts`: the cells of DARTS (Liu et al. 2019, "DARTS", ICLR 2019, https://arxiv.org/abs/1806.09055).

A network is a row of cells, of which two, a third and two thirds along, halve height and width and double the channels;
all others are alike, and so are these two. A cell takes in the two cells before it. Each of its four nodes is the sum
of two earlier ones, each through one of eight operations, and the four side by side are the cell: 180 · 8⁸ normal cells
and as many that reduce. (Networks as published, without their auxiliary head and drop-path.)
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from netwright.errors import InputError, unknown
from netwright.operations import Signature
from netwright.space import Architecture, Node, Space, chain, choice, dag, mark, op, recall, tied

OPERATIONS = (
    "skip_connect",
    "max_pool_3x3",
    "avg_pool_3x3",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
    "none",
)
"""The published names, in the order of the options of each edge."""

DARTS_V2 = (
    "Genotype(normal=[('sep_conv_3x3', 0), ('sep_conv_3x3', 1), ('sep_conv_3x3', 0), ('sep_conv_3x3', 1), "
    "('sep_conv_3x3', 1), ('skip_connect', 0), ('skip_connect', 0), ('dil_conv_3x3', 2)], normal_concat=[2, 3, 4, 5], "
    "reduce=[('max_pool_3x3', 0), ('max_pool_3x3', 1), ('skip_connect', 2), ('max_pool_3x3', 1), ('max_pool_3x3', 0), "
    "('skip_connect', 2), ('skip_connect', 2), ('max_pool_3x3', 1)], reduce_concat=[2, 3, 4, 5])"
)
"""What the paper found on CIFAR-10 by the second-order gradient."""

Genotype = Mapping[str, Sequence[tuple[str, int]]]
"""For "normal" and "reduce" the (operation, source) of eight edges, two for each node; sources 0 and 1 are the cell
before the last and the last, 2 to 5 the nodes."""

NODES, ENTRIES = 4, 2
LARGEST = 16
"""Positions a side that the first cell has at most, where nothing else is said."""
_KINDS = {"normal": "normal", "reduce": "reduction"}
"""The paper's word for a kind of cell -> the name of its decisions."""
_EDGES = re.compile(r"\b(normal|reduce)\s*=\s*\[(.*?)\]", re.DOTALL)
_EDGE = re.compile(r"\(\s*['\"](\w+)['\"]\s*,\s*(\d+)\s*\)")


def darts(
    signature: Signature | None = None, *, channels: int = 8, cells: int = 5, halvings: int | None = None
) -> Space:
    """The whole network, for images of any size. channels: of each node of the first cells; cells: how many, 3 or more;
    halvings: of the image in the stem, None for as many as leave 16 positions a side or fewer.

    The paper's network for CIFAR-10 has 36 channels, 20 cells and no halvings.

    >>> darts().size() == (180 * 8**8) ** 2
    True
    """
    if signature is not None and len(signature.inputs) != 3:
        raise InputError("the space 'darts' is for images", "for tables: --space tabular")
    if cells < 3:
        raise InputError(f"{cells} cells are too few for a network of DARTS", "take 3 or more: two of them reduce")
    if halvings is None:
        side = LARGEST if signature is None else min(signature.inputs[1:])
        halvings = ((side - 1) // LARGEST).bit_length()
    items: dict[str, Node] = {"stem": _stem(3 * channels, halvings), "start": mark("before")}
    reducing, shrinks = (cells // 3, 2 * cells // 3), False
    for index in range(cells):
        reduces = index in reducing
        channels *= 2 if reduces else 1
        items[f"cell{index + 1}"] = cell(channels, reduces=reduces, shrinks=shrinks)
        shrinks = reduces
    return Space(chain(**items, head=op("head")), "darts")


def _stem(channels: int, halvings: int) -> Node:
    """As many strided convolutions as the image is to be halved, else one that keeps the size."""
    early = [op("conv", kernel=3, channels=channels, stride=2) for _ in range(halvings - 1)]
    return chain(*early, op("conv", kernel=3, channels=channels, stride=2 if halvings else 1, activation="none"))


def cell(channels: int, *, reduces: bool, shrinks: bool) -> Node:
    """One cell. It makes the same decisions as all of its kind. reduces: whether it halves height and width; shrinks:
    whether the cell before it does, so that the one before that is twice as large and has to be halved."""
    older = op("factorized-reduce", channels=channels) if shrinks else _project(channels)
    return tied(
        _KINDS["reduce" if reduces else "normal"],
        dag(
            NODES,
            edge=choice(*_operations(channels, 1)),
            entry_edge=choice(*_operations(channels, 2)) if reduces else None,
            inputs=2,
            entries=(chain(recall("before"), older), chain(mark("before"), _project(channels))),
            output="concat",
        ),
    )


def _project(channels: int) -> Node:
    return op("conv", kernel=1, channels=channels, preactivation=True)


def _operations(channels: int, stride: int) -> tuple[Node, ...]:
    """Those of an edge, in the order of `OPERATIONS`."""

    def separable(kernel: int, repeats: int, dilation: int) -> Node:
        shape = {"kernel": kernel, "channels": channels, "stride": stride, "dilation": dilation}
        return op("sepconv", **shape, repeats=repeats, preactivation=True)

    return (
        op("identity") if stride == 1 else op("factorized-reduce", channels=channels),
        op("max-pool", kernel=3, stride=stride),
        op("avg-pool", kernel=3, stride=stride),
        separable(3, 2, 1),
        separable(5, 2, 1),
        separable(3, 1, 2),
        separable(5, 1, 2),
        op("none", stride=stride),
    )


def from_genotype(space: Space, genotype: Genotype) -> Architecture:
    """The architecture of `space` with these edges; the two into a node may come in any order."""
    choices: dict[str, int | tuple[int, ...]] = {}
    for word, name in _KINDS.items():
        edges = list(genotype.get(word, ()))
        if len(edges) != 2 * NODES:
            raise InputError(f"{word!r} of a genotype has {len(edges)} edges", f"give {2 * NODES}, two for each node")
        for place in range(NODES):
            _decide(choices, name, place + ENTRIES, edges[2 * place : 2 * place + 2])
    return space.architecture(choices)


def _decide(choices: dict[str, int | tuple[int, ...]], name: str, node: int, edges: Sequence[tuple[str, int]]) -> None:
    """Writes down the decisions of one node."""
    sources = tuple(sorted(source for _, source in edges))
    if len(set(sources)) < len(sources) or not 0 <= sources[0] <= sources[-1] < node:
        problem = f"node {node} of a {name} cell takes in {' and '.join(map(str, sources))}"
        raise InputError(problem, f"name two different ones from 0 to {node - 1}")
    if node > ENTRIES:
        choices[f"{name}/{node}/inputs"] = sources
    for operation, source in edges:
        if operation not in OPERATIONS:
            raise unknown("operation of DARTS", operation, OPERATIONS)
        choices[f"{name}/{node}/{source}"] = OPERATIONS.index(operation)


def to_genotype(a: Architecture) -> dict[str, list[tuple[str, int]]]:
    """The edges of an architecture's cells, sources of a node in order.

    >>> genotype = to_genotype(from_string(darts(), DARTS_V2))
    >>> genotype["reduce"][:4]
    [('max_pool_3x3', 0), ('max_pool_3x3', 1), ('max_pool_3x3', 1), ('skip_connect', 2)]
    """
    found: dict[str, list[tuple[str, int]]] = {}
    for word, name in _KINDS.items():
        for node in range(ENTRIES, ENTRIES + NODES):
            sources = a.choices.get(f"{name}/{node}/inputs", (0, 1))
            for source in sources:  # type: ignore[union-attr]
                operation = OPERATIONS[int(a.choices[f"{name}/{node}/{source}"])]  # type: ignore[arg-type]
                found.setdefault(word, []).append((operation, source))
    return found


def to_string(a: Architecture) -> str:
    """The cells as the published code writes them."""
    everything = list(range(ENTRIES, ENTRIES + NODES))
    parts = (f"{word}={edges!r}, {word}_concat={everything!r}" for word, edges in to_genotype(a).items())
    return f"Genotype({', '.join(parts)})"


def from_string(space: Space, text: str) -> Architecture:
    """The architecture of a genotype as the published code writes it, such as `DARTS_V2`. All nodes are joined,
    whatever the text says of that.

    >>> a = from_string(darts(), DARTS_V2)
    >>> from_string(a.space, to_string(a)) == a
    True
    """
    found = {
        word: [(name, int(source)) for name, source in _EDGE.findall(edges)] for word, edges in _EDGES.findall(text)
    }
    return from_genotype(space, found)
