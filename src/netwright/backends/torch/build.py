"""From an op graph to a torch network."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import TypeVar

import torch
from torch import nn

from netwright.backends.steps import Assembly, Make
from netwright.backends.torch.blocks import Residual
from netwright.backends.torch.network import Network
from netwright.backends.torch.ops import BUILDERS
from netwright.backends.torch.sequence_ops import AWARE
from netwright.backends.torch.sequences import Masked
from netwright.operations import Shape, Signature, analyse, check_output, get
from netwright.space import OpGraph, OpNode

N = TypeVar("N", bound=Network)


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
    made: Make[nn.Module],
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
    network = kind(*Assembly(graph, signature, analysis, made, module_name, weights).parts())
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


def module_name(path: str) -> str:
    """The path of weights as the name of a module, one for each path: torch allows no dots in it, and no names of its
    own attributes."""
    name = (path or "op").replace("%", "%25").replace(".", "%2E")
    return f"{name}%" if hasattr(_EMPTY, name) else name
