"""What a drawing shows of an op graph: in its simplest form, and with repeated parts folded.

The graph is cut at every node that all paths pass through. The parts between two cuts are compared; a run of equal
parts (or of an equal sequence of parts, such as a repeated cell) is kept once, with how often it occurs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from netwright.errors import InputError
from netwright.operations import Signature, analyse
from netwright.space import OpGraph, simplify

_LONGEST_PERIOD = 12


@dataclass(frozen=True, slots=True)
class Block:
    """One drawn operation. inputs: indices of earlier blocks, -1 the end of the part before (within a `Part`)."""

    op: str
    attrs: Mapping[str, Any]
    inputs: tuple[int, ...]
    shape: tuple[int, ...] | None = None
    params: int | None = None

    @property
    def dims(self) -> int:
        """That its window extends in, if it has one: 1 for sequences."""
        return 1 if self.shape is not None and len(self.shape) == 2 else 2


@dataclass(frozen=True, slots=True)
class Part:
    """Blocks between two cuts, the last one being the cut; inputs count within the part."""

    blocks: tuple[Block, ...]

    def same(self, other: Part) -> bool:
        """Equal but for the number of parameters (the first of a run may see fewer channels)."""
        pairs = zip(self.blocks, other.blocks, strict=False)
        return len(self.blocks) == len(other.blocks) and all(_look(a) == _look(b) for a, b in pairs)


@dataclass(frozen=True, slots=True)
class Run:
    """A sequence of parts that occurs `times` times in a row. params: of all of it, None when not known."""

    parts: tuple[Part, ...]
    times: int
    params: int | None


def sketch(graph: OpGraph, signature: Signature | None) -> tuple[Run, ...]:
    """The runs to draw, from input to output. Shapes and parameters are left out when they cannot be worked out."""
    return tuple(_fold(_parts(_simplified(graph, signature))))


def _look(block: Block) -> Block:
    return replace(block, params=None)


def _simplified(graph: OpGraph, signature: Signature | None) -> list[Block]:
    """Blocks in topological order, the output last: no zeros, skips and dead ends, and sums of sums made one."""
    footprints = _footprints(graph, signature)
    simple = simplify(graph)
    merged = _inner_sums(simple)
    place: dict[int, int] = {}
    blocks: list[Block] = []
    for index, node in enumerate(simple.nodes):
        if index in merged or (node.op == "none" and index != simple.output):
            continue
        sources = dict.fromkeys(source for i in node.inputs for source in _terms(simple, i, merged))
        place[index] = len(blocks)
        shape, params = footprints.get(node.name, (None, None))
        inputs = tuple(place[source] for source in sources if source in place)
        blocks.append(Block(node.op, node.attrs, inputs, shape, params))
    return blocks


def _inner_sums(graph: OpGraph) -> set[int]:
    """Sums whose only use is in another sum."""
    users: dict[int, list[int]] = {}
    for index, node in enumerate(graph.nodes):
        for source in node.inputs:
            users.setdefault(source, []).append(index)
    nodes = graph.nodes
    return {
        index
        for index, used in users.items()
        if nodes[index].op == "sum" and len(used) == 1 and nodes[used[0]].op == "sum"
    }


def _terms(graph: OpGraph, index: int, merged: set[int]) -> list[int]:
    if index not in merged:
        return [index]
    return [term for source in graph.nodes[index].inputs for term in _terms(graph, source, merged)]


def _footprints(graph: OpGraph, signature: Signature | None) -> dict[str, tuple[tuple[int, ...] | None, int | None]]:
    """Shape and parameters by node name; nothing when they cannot be worked out."""
    if signature is None:
        return {}
    try:
        analysis = analyse(graph, signature)
    except InputError:
        return {}
    pairs = zip(graph.nodes, analysis.nodes, strict=True)
    return {node.name: (tuple(footprint.shape), footprint.params) for node, footprint in pairs}


def _parts(blocks: Sequence[Block]) -> list[Part]:
    reach = 0
    cuts = []
    farthest = [0] * len(blocks)
    for index, block in enumerate(blocks):
        for source in block.inputs:
            farthest[source] = max(farthest[source], index)
    for index in range(len(blocks)):
        if reach <= index:
            cuts.append(index)
        reach = max(reach, farthest[index])
    parts, start = [], 0
    for cut in cuts:
        inside = blocks[start : cut + 1]
        parts.append(Part(tuple(replace(b, inputs=tuple(i - start for i in b.inputs)) for b in inside)))
        start = cut + 1
    return parts


def _fold(parts: Sequence[Part]) -> list[Run]:
    runs: list[Run] = []
    start = 0
    while start < len(parts):
        period, times = _best_repeat(parts, start)
        end = start + period * times
        params = [block.params for part in parts[start:end] for block in part.blocks]
        known = [value for value in params if value is not None]
        runs.append(Run(tuple(parts[start : start + period]), times, sum(known) if len(known) == len(params) else None))
        start = end
    return runs


def _best_repeat(parts: Sequence[Part], start: int) -> tuple[int, int]:
    """The period and count, from `start` on, that fold away most parts; the shorter period wins a tie."""
    best, saved = (1, 1), 0
    for period in range(1, min(_LONGEST_PERIOD, (len(parts) - start) // 2) + 1):
        times = 1
        while _repeats(parts, start, start + times * period, period):
            times += 1
        if period * (times - 1) > saved:
            best, saved = (period, times), period * (times - 1)
    return best


def _repeats(parts: Sequence[Part], first: int, again: int, period: int) -> bool:
    if again + period > len(parts):
        return False
    return all(parts[first + k].same(parts[again + k]) for k in range(period))
