"""From an op graph to a torch network."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import TypeVar

import torch
from torch import nn

from netwright.backends.torch.blocks import Residual
from netwright.backends.torch.network import Network, Step
from netwright.backends.torch.ops import BUILDERS
from netwright.backends.torch.sequence_ops import AWARE
from netwright.backends.torch.sequences import Masked
from netwright.operations import Analysis, Shape, Signature, analyse, check_output, get
from netwright.operations.liveness import live, zero
from netwright.operations.structure import STRUCTURAL
from netwright.space import OpGraph, OpNode

N = TypeVar("N", bound=Network)
Make = Callable[[OpNode, Shape, Signature], nn.Module]
"""Makes the module of a node from the shape of its input."""


def build(
    graph: OpGraph,
    signature: Signature,
    *,
    seed: int | None = None,
    start_at_identity: bool = True,
    whole: bool = True,
) -> Network:
    """The graph as a network, freshly initialised; (B, *signature.inputs) -> (B, *signature.answer).

    Nodes without effect on the output are left out; nodes with the same path of weights are one module. The parameters
    are as many as `analyse(graph, signature).params`.

    seed: of the initial weights (None: torch's own generator goes on); start_at_identity: residual branches that end in
    a norm begin at zero; whole: False allows a part of a network, which need not end in the signature's outputs.
    Raises InputError naming the node that cannot be built.

    >>> from netwright.space import OpGraph, OpNode
    >>> nodes = (OpNode("input", "input", {}, (), "input"), OpNode("out", "head", {}, (0,), "out"))
    >>> list(build(OpGraph(nodes, 1), Signature((64,), 10)).state_dict())
    ['out.linear.weight', 'out.linear.bias']
    """
    with seeded(seed):
        network: Network = assemble(graph, signature, make, whole=whole)
    if start_at_identity:
        begin_at_identity(network)
    return network


def make(node: OpNode, shape: Shape, signature: Signature) -> nn.Module:
    """The module of a node, freshly initialised. Where answers are for steps, sequences end in images of them, too."""
    attrs = get(node.op).resolve(node.attrs)
    module = BUILDERS[node.op](attrs, shape, signature)
    along = len(shape) == 2 or (len(shape) == 3 and signature.kind == "transcript")
    if signature.padded and along and node.op not in AWARE:
        return Masked(module, attrs.get("stride", 1))
    return module


def assemble(
    graph: OpGraph,
    signature: Signature,
    made: Make,
    kind: type[N] = Network,  # type: ignore[assignment]
    weights: Mapping[str, tuple[tuple[str, int], ...]] = MappingProxyType({}),
    *,
    whole: bool = True,
) -> N:
    """The graph as a network of modules that are `made`; else like `build`. kind: of the network; weights: by name of
    a node, those of its step."""
    analysis = analyse(graph, signature)
    if whole:
        check_output(graph, analysis, signature)
    network = kind(*_Assembly(graph, signature, analysis, made, weights).parts())
    network.any_length = signature.padded and not any(map(_needs_length, graph.nodes))
    return network


def _needs_length(node: OpNode) -> bool:
    """Whether a layer works on sequences of one length only, or of a length that it must be able to cut down."""
    return node.op in ("module", "flatten", "positions") or node.attrs.get("padding") == "valid"


def begin_at_identity(module: nn.Module) -> None:
    """Lets the residual branches inside that end in a norm begin at zero."""
    for part in module.modules():
        if isinstance(part, Residual):
            part.start_at_identity()


@contextlib.contextmanager
def seeded(seed: int | None) -> Iterator[None]:
    if seed is None:
        yield
        return
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        yield


_EMPTY = Network({}, (), 0)


class _Assembly:
    """The making of one network: modules by name, then steps."""

    def __init__(
        self,
        graph: OpGraph,
        signature: Signature,
        analysis: Analysis,
        make: Make,
        weights: Mapping[str, tuple[tuple[str, int], ...]],
    ) -> None:
        self.graph, self.signature, self.shapes, self.make = graph, signature, analysis.shapes, make
        self.weights = weights
        self.zeros = zero(graph)
        self.live = [index for index in live(graph, self.zeros) if index]
        self.alias: dict[int, int] = {}
        self.names: dict[str, str] = {}
        self.modules: dict[str, nn.Module] = {}

    def parts(self) -> tuple[dict[str, nn.Module], tuple[Step, ...], int]:
        """Modules, steps and output of the network."""
        steps: list[Step] = []
        for index in self.live:
            node = self.graph.nodes[index]
            sources = tuple(self.alias.get(source, source) for source in node.inputs)
            if node.op in STRUCTURAL:
                steps += self._merge(index, node.op, sources)
            else:
                steps += self._zeros(sources[0])
                weights = self.weights.get(node.name, ())
                steps.append(Step(index, "call", sources, self._module(node), weights=weights))
        output = self.alias.get(self.graph.output, self.graph.output)
        steps += self._zeros(output)
        return self.modules, _releasing(steps), output

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

    def _module(self, node: OpNode) -> str:
        """The name of the node's module, which is built when it is the first with its path of weights."""
        if node.weights in self.names:
            return self.names[node.weights]
        name = self.names[node.weights] = module_name(node.weights)
        self.modules[name] = self.make(node, self.shapes[node.inputs[0]], self.signature)
        return name


def module_name(path: str) -> str:
    """The path of weights as the name of a module, one for each path: torch allows no dots in it, and no names of its
    own attributes."""
    name = (path or "op").replace("%", "%25").replace(".", "%2E")
    return f"{name}%" if hasattr(_EMPTY, name) else name


def _releasing(steps: list[Step]) -> tuple[Step, ...]:
    """The steps, each with the values that no later one reads."""
    seen: set[int] = set()
    result = []
    for step in reversed(steps):
        last = tuple(source for source in dict.fromkeys(step.inputs) if source not in seen)
        seen.update(step.inputs)
        result.append(replace(step, release=last))
    return tuple(reversed(result))
