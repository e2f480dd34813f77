"""A space as one graph in which all options are there at once, each with a weight.

Choices between pieces of network are mixed: the sum of what all options make, by their weights (Liu et al. 2019,
"DARTS", https://arxiv.org/abs/1806.09055). Choices inside an operation (a kernel, a width, a stride) and depths are
drawn anew for each graph, and their weights scale what the operation makes. Options of different shape than the drawn
one cannot be added to it and are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from netwright.errors import InputError
from netwright.operations import Shape, Signature, get
from netwright.operations.structure import STRUCTURAL
from netwright.space import Decision, OpGraph, Space
from netwright.space.nodes import Dag, Optional
from netwright.space.values import Choice, Integer
from netwright.space.walk import Place, Walk

Weight = tuple[str, int]
"""A decision's name and the place of one of its options."""


@dataclass(frozen=True)
class Relaxation:
    """graph: all that is evaluated; mixes: name of a sum in it -> the weight of each of its inputs; gates: name of an
    operation -> weights that scale what it makes; decisions: all that were met, by name; bare: what is weighed in sums
    and has nothing to learn beside what has."""

    graph: OpGraph
    mixes: Mapping[str, tuple[Weight, ...]]
    gates: Mapping[str, tuple[Weight, ...]]
    decisions: Mapping[str, Decision]
    bare: frozenset[Weight] = frozenset()


def relax(
    space: Space,
    signature: Signature,
    draw: Callable[[Decision], int],
    kept: Callable[[Decision], Sequence[int]],
    parts: int = 1,
) -> Relaxation:
    """The space as one graph. draw: the place of the option that stands for a decision where only one can; kept: the
    places of the options to evaluate where several can; parts: where a choice keeps the shape, its options see one part
    in so many of the channels, and the others pass it by (Xu et al. 2020, "PC-DARTS", https://arxiv.org/abs/1907.05737).

    Raises InputError that names a decision which cannot be relaxed: a real number, or a wide range of whole ones.
    """
    same = cache(draw)
    walk = _Relaxing(space, signature, same, kept)
    graph, _ = walk.run()
    if parts > 1:
        passing = frozenset(place for place, channels in walk.passed.items() if channels % parts == 0)
        walk = _Relaxing(space, signature, same, kept, parts, passing)
        graph, _ = walk.run()
    return Relaxation(graph, walk.mixes, walk.gates, dict(walk.decisions), frozenset(walk.bare))


MOST_VALUES = 64


def options(decision: Decision) -> int:
    """How many weights a decision has. For connections: one for each earlier node."""
    if decision.kind == "subset":
        return len(decision.options)
    if decision.cardinality > MOST_VALUES:
        raise InputError(
            f"{decision.name} is {decision.domain()}: too many values to weigh against each other",
            "make it a choice between a few, or use a method that trains each network",
        )
    return int(decision.cardinality)


@dataclass
class _Begun:
    """A choice that the walk is in. met: its place in the walk; first: the first node inside it; partial: its options
    see a part of the channels; source: its input."""

    met: int
    first: int
    partial: bool
    source: int = 0


class _Relaxing(Walk):
    """A walk that takes every turn and remembers how what it finds there is weighed."""

    def __init__(
        self,
        space: Space,
        signature: Signature,
        draw: Callable[[Decision], int],
        kept: Callable[[Decision], Sequence[int]],
        parts: int = 1,
        passing: frozenset[int] = frozenset(),
    ) -> None:
        super().__init__(space, self._drawn, drawing=True)
        self.mixes: dict[str, tuple[Weight, ...]] = {}
        self.gates: dict[str, tuple[Weight, ...]] = {}
        self._signature, self._draw, self._kept = signature, draw, kept
        self._shapes: list[Shape] = [signature.inputs]
        self._noted: list[Weight] = []
        self._once: dict[tuple[Any, ...], int] = {}
        self.bare: set[Weight] = set()
        self.passed: dict[int, int] = {}
        """Channels at the choices, by their place in the walk, that make of an input something of its shape: not of the
        network's own, whose parts, such as a table's columns, are no channels."""
        self._parts, self._passing = parts, passing
        self._begun: list[_Begun] = []
        """The choices that the walk is in."""
        self._met = 0
        self._learnt: list[int] = [0]
        """Parameters of the nodes up to each."""

    def _drawn(self, decision: Decision) -> Any:
        options(decision)
        if decision.kind == "subset":
            return decision.first
        return decision.value_at(self._draw(decision))

    def value(self, node: Any, path: str) -> Any:
        if isinstance(node, Choice):
            name = node.name or path or "root"
            index = super().picks(node, name, None)[0]
            if name in self.decisions:
                self._noted.append((name, index))
            return self.value(node.options[index], f"{path}/{index}")
        value = super().value(node, path)
        name = getattr(node, "name", "") or path
        if isinstance(node, Integer) and name in self.decisions:
            self._noted.append((name, self.decisions[name].place(value)))
        return value

    def picks(self, node: Choice | Optional, name: str, allowed: tuple[int, ...] | None) -> Sequence[int]:
        super().picks(node, name, allowed)
        partial = self._met in self._passing and not any(outer.partial for outer in self._begun)
        self._begun.append(_Begun(self._met, len(self.nodes), partial))
        self._met += 1
        return allowed or range(len(node.options) if isinstance(node, Choice) else 2)

    def entered(self, source: int) -> int:
        begun = self._begun[-1]
        begun.source = source
        return self._part(source) if begun.partial else source

    def join(self, outputs: Sequence[int], name: str, place: Place) -> int:
        begun, decision = self._begun.pop(), self.decisions.get(name or "root")
        joined = outputs[-1] if decision is None else self._weighed(decision, outputs, begun.first - 1, place)
        if begun.partial:
            others = self._part(begun.source, others=True)
            whole = self.emit(place.down("whole").name, "concat", {}, (joined, others), place.name)
            return self.emit(place.down("mixed").name, "channel-shuffle", {"groups": self._parts}, (whole,), place.name)
        if begun.source and self._shapes[joined] == self._shapes[begun.source]:
            self.passed[begun.met] = self._shapes[joined][0]
        return joined

    def _part(self, source: int, others: bool = False) -> int:
        """The first part of the channels, or all but it."""
        name = f"{self.nodes[source].name}/{'others' if others else 'part'}"
        return self.emit(name, "channel-split", {"parts": self._parts, "others": others}, (source,), name)

    def _weighed(self, decision: Decision, outputs: Sequence[int], first: int, place: Place) -> int:
        """The sum of a choice's options, by their weights."""
        drawn = int(self.values[decision.name])  # type: ignore[arg-type]
        wanted = {drawn, *self._kept(decision)}
        shape = self._shapes[outputs[drawn]]
        chosen = [at for at in range(len(outputs)) if at in wanted and self._shapes[outputs[at]] == shape]
        weights = [(decision.name, at) for at in chosen]
        ends = [first, *(max(first, output) for output in outputs)]
        learnt = [self._learnt[end] > self._learnt[max(ends[: at + 1])] for at, end in enumerate(ends[1:])]
        if any(learnt):
            self.bare |= {(decision.name, at) for at, has in enumerate(learnt) if not has}
        return self._mixed([outputs[at] for at in chosen], weights, place.down("sum").name)

    def connected(self, node: Dag, path: str, i: int) -> Sequence[int]:
        super().connected(node, path, i)
        if path in self.decisions and node.merge != "sum":
            raise InputError(
                f"{path} chooses what is joined side by side, which cannot be weighed", 'merge by "sum" instead'
            )
        return range(i)

    def merge(self, kind: str, inputs: list[int], name: str, connections: str = "") -> int:
        if connections not in self.decisions:
            return super().merge(kind, inputs, name)
        return self._mixed(inputs, [(connections, at) for at in range(len(inputs))], name)

    def _mixed(self, outputs: list[int], weights: list[Weight], name: str) -> int:
        index = self.emit(name, "sum", {}, tuple(outputs), name)
        self.mixes[name] = tuple(weights)
        return index

    def emit(self, name: str, kind: str, attrs: Mapping[str, Any], inputs: tuple[int, ...], weights: str) -> int:
        """What has nothing to learn and makes the same of the same is there once."""
        if attrs.get("channels") and any(begun.partial for begun in self._begun):
            attrs = {**attrs, "channels": max(1, int(attrs["channels"]) // self._parts)}
        same = (kind, tuple(sorted(attrs.items())), inputs)
        if same in self._once and not self._noted:
            return self._once[same]
        index = super().emit(name, kind, attrs, inputs, weights)
        operation = get(kind)
        try:
            shapes = tuple(self._shapes[source] for source in inputs)
            footprint = operation.rule(operation.resolve(attrs), shapes, self._signature)
        except InputError as error:
            raise InputError(f"{name} ({kind}): {error.problem}", error.way_out) from None
        self._shapes.append(footprint.shape)
        self._learnt.append(self._learnt[-1] + footprint.params)
        if not footprint.params and kind not in STRUCTURAL and not self._noted:
            self._once[same] = index
        if kind not in ("sum", "concat") and self._noted:
            self.gates[name] = tuple(self._noted)
            self._noted = []
        return index
