"""From an op graph to the steps of a forward pass, whatever framework takes them.

Nodes without effect on the output are left out, what only passes its input on makes no step, and nodes with the same
path of weights call the same layer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Generic, TypeVar

from netwright.operations import Analysis, Shape, Signature
from netwright.operations.liveness import live, zero
from netwright.operations.structure import STRUCTURAL
from netwright.space import OpGraph, OpNode

L = TypeVar("L")
Make = Callable[[OpNode, Shape, Signature], L]
"""Makes the layer of a node from the shape of its input."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do in a forward pass, in terms of node indices.

    kind: "call" a layer, "sum", "concat", or "zeros" of a shape; module: its name in the network; gaps: where a concat
    has zeros, as (position among the parts, channels); release: nodes that nothing needs after this step; weights, in
    relaxed networks: of each part of a sum, or all those of a call, as (decision, place of an option).
    """

    target: int
    kind: str
    inputs: tuple[int, ...] = ()
    module: str = ""
    shape: Shape = ()
    gaps: tuple[tuple[int, int], ...] = ()
    release: tuple[int, ...] = ()
    weights: tuple[tuple[str, int], ...] = ()


class Assembly(Generic[L]):
    """The making of one network: layers by name, then steps. named: the name of a layer, from its path of weights, one
    for each path; weights: by name of a node, those of its step."""

    def __init__(
        self,
        graph: OpGraph,
        signature: Signature,
        analysis: Analysis,
        make: Make[L],
        named: Callable[[str], str],
        weights: Mapping[str, tuple[tuple[str, int], ...]] = MappingProxyType({}),
    ) -> None:
        self.graph, self.signature, self.shapes = graph, signature, analysis.shapes
        self.make, self.named, self.weights = make, named, weights
        self.zeros = zero(graph)
        self.live = [index for index in live(graph, self.zeros) if index]
        self.alias: dict[int, int] = {}
        self.names: dict[str, str] = {}
        self.layers: dict[str, L] = {}

    def parts(self) -> tuple[dict[str, L], tuple[Step, ...], int]:
        """Layers, steps and output of the network."""
        steps: list[Step] = []
        for index in self.live:
            node = self.graph.nodes[index]
            sources = tuple(self.alias.get(source, source) for source in node.inputs)
            if node.op in STRUCTURAL:
                steps += self._merge(index, node.op, sources)
            else:
                steps += self._zeros(sources[0])
                weights = self.weights.get(node.name, ())
                steps.append(Step(index, "call", sources, self._layer(node), weights=weights))
        output = self.alias.get(self.graph.output, self.graph.output)
        steps += self._zeros(output)
        return self.layers, _releasing(steps), output

    def _merge(self, index: int, kind: str, sources: tuple[int, ...]) -> list[Step]:
        """The step of a sum or concat; none for what only passes its one input on."""
        carried = tuple(source for source in sources if source not in self.zeros)
        weights = self.weights.get(self.graph.nodes[index].name)
        if weights is not None:
            kept = (weight for weight, source in zip(weights, sources, strict=True) if source not in self.zeros)
            return [Step(index, kind, carried, weights=tuple(kept))]
        if len(carried) == 1 and (kind != "concat" or len(sources) == 1):
            self.alias[index] = carried[0]
            return []
        gaps: tuple[tuple[int, int], ...] = ()
        if kind == "concat":
            gaps = tuple((at, self.shapes[source][0]) for at, source in enumerate(sources) if source in self.zeros)
        return [Step(index, kind, carried, gaps=gaps)]

    def _zeros(self, source: int) -> list[Step]:
        """What makes a node that only carries zeros, where something reads it."""
        return [Step(source, "zeros", shape=self.shapes[source])] if source in self.zeros else []

    def _layer(self, node: OpNode) -> str:
        """The name of the node's layer, which is made when it is the first with its path of weights."""
        if node.weights in self.names:
            return self.names[node.weights]
        name = self.names[node.weights] = self.named(node.weights)
        self.layers[name] = self.make(node, self.shapes[node.inputs[0]], self.signature)
        return name


def _releasing(steps: list[Step]) -> tuple[Step, ...]:
    """The steps, each with the values that no later one reads."""
    seen: set[int] = set()
    result = []
    for step in reversed(steps):
        last = tuple(source for source in dict.fromkeys(step.inputs) if source not in seen)
        seen.update(step.inputs)
        result.append(replace(step, release=last))
    return tuple(reversed(result))
