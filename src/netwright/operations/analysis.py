"""Checking and counting a whole graph, without any framework."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netwright.errors import InputError
from netwright.operations.base import Footprint, Operation, Shape, Signature
from netwright.operations.liveness import live, zero
from netwright.operations.structure import STRUCTURAL
from netwright.operations.tally import written
from netwright.operations.vocabulary import get
from netwright.space import OpGraph, OpNode

TAKE_TOKENS = frozenset({"embedding", "module"})
"""Operations that may be the first on a text."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """What a graph makes and costs for one example (units: see `Footprint`).

    shapes, nodes: one entry a node of the graph; params, flops, activations: of what is built, so dead nodes and what
    only carries zeros count nothing, and weights that several nodes share count once; live: places of what is built.
    """

    shapes: tuple[Shape, ...]
    params: int
    flops: int
    nodes: tuple[Footprint, ...]
    activations: int
    live: tuple[int, ...]

    @property
    def metrics(self) -> dict[str, float]:
        """params, flops and model_bytes (float32 weights), by the names of the metrics."""
        return {"params": float(self.params), "flops": float(self.flops), "model_bytes": 4.0 * self.params}


def check(graph: OpGraph) -> None:
    """Raises InputError, naming the node, when the graph isn't well formed, whatever its input shape."""
    _check_ends(graph)
    for index, node in enumerate(graph.nodes):
        try:
            _operation(index, node).resolve(node.attrs)
        except InputError as error:
            raise _named(error, node) from None


def _check_ends(graph: OpGraph) -> None:
    if not graph.nodes or graph.nodes[0].op != "input":
        raise InputError("the graph has no input", 'make node 0 an "input"')
    if not 0 <= graph.output < len(graph.nodes):
        raise InputError(f"the graph's output is node {graph.output}", f"it has nodes 0 to {len(graph.nodes) - 1}")


def _operation(index: int, node: OpNode) -> Operation:
    """The node's operation. Raises InputError for an unknown one, later inputs, or the wrong number of them."""
    operation = get(node.op)
    operation.check_arity(len(node.inputs))
    if any(not 0 <= source < index for source in node.inputs):
        raise InputError(f"takes inputs {node.inputs!r}", f"it may only take nodes before it (0 to {index - 1})")
    if index and node.op == "input":
        raise InputError("a graph has one input", "only node 0 may be it")
    return operation


def _check_tokens(node: OpNode, signature: Signature) -> None:
    """Raises InputError where tokens are taken for numbers, or numbers for tokens."""
    if node.op == "embedding" and (node.inputs != (0,) or not signature.vocabulary):
        raise InputError("needs tokens, but gets numbers", "put it first, in a space for text")
    if signature.vocabulary and 0 in node.inputs and node.op not in TAKE_TOKENS:
        raise InputError("needs numbers, but gets tokens", 'put op("embedding") before it')


def _check_causal(operation: Operation, attrs: Mapping[str, Any], signature: Signature) -> None:
    """Raises InputError where answers may not depend on what comes later, and would."""
    if not signature.causal:
        return
    way_out = operation.ahead(attrs)
    if way_out:
        raise InputError("sees what comes later, which a language model has to foretell", way_out)


def _named(error: InputError, node: OpNode, branches: str = "") -> InputError:
    where = node.op if node.name in ("", node.op) else f"{node.name} ({node.op})"
    return InputError(f"{where}: {error.problem}{branches}", error.way_out)


def _branches(graph: OpGraph, node: OpNode, shapes: Sequence[Shape]) -> str:
    if len(node.inputs) < 2:
        return ""
    given = [f"{graph.nodes[source].name} gives {written(shapes[source])}" for source in node.inputs]
    return f" ({', '.join(given)})"


def analyse(graph: OpGraph, signature: Signature) -> Analysis:
    """Shapes, parameters and multiply-accumulates of a graph, exactly as the torch backend builds it.

    Raises InputError naming the node that cannot work.

    >>> from netwright.space import OpGraph, OpNode
    >>> nodes = (OpNode("input", "input", {}, (), "input"), OpNode("out", "head", {}, (0,), "out"))
    >>> analyse(OpGraph(nodes, 1), Signature((64,), 10)).params
    650
    """
    _check_ends(graph)
    shapes: list[Shape] = []
    footprints: list[Footprint] = []
    for index, node in enumerate(graph.nodes):
        inputs: tuple[Shape, ...] = ()
        try:
            operation = _operation(index, node)
            _check_tokens(node, signature)
            inputs = tuple([shapes[source] for source in node.inputs])
            attrs = operation.resolve(node.attrs)
            footprint = operation.rule(attrs, inputs, signature)
            _check_causal(operation, attrs, signature)
        except InputError as error:
            branches = _branches(graph, node, shapes) if inputs else ""
            raise _named(error, node, branches) from None
        footprints.append(footprint)
        shapes.append(footprint.shape)
    return _total(graph, shapes, footprints)


def _total(graph: OpGraph, shapes: list[Shape], footprints: list[Footprint]) -> Analysis:
    params = flops = activations = 0
    owners: dict[str, int] = {}
    built = live(graph, zero(graph))
    for index in built:
        node, footprint = graph.nodes[index], footprints[index]
        if node.op in STRUCTURAL:
            continue
        flops += footprint.flops
        activations += footprint.activations
        owner = owners.setdefault(node.weights, index)
        if owner == index:
            params += footprint.params
        else:
            _check_shared(graph, owner, index, shapes if footprint.params else None)
    return Analysis(tuple(shapes), params, flops, tuple(footprints), activations, tuple(built))


def _check_shared(graph: OpGraph, owner: int, index: int, shapes: list[Shape] | None) -> None:
    """Raises InputError when two nodes cannot be one layer. shapes: None where there are no weights to fit them."""
    first, second = graph.nodes[owner], graph.nodes[index]
    if first.op != second.op or dict(first.attrs) != dict(second.attrs):
        difference = "their attributes"
    elif shapes and [shapes[i] for i in first.inputs] != [shapes[i] for i in second.inputs]:
        difference = "the shape of their inputs"
    else:
        return
    names = f"{second.name} ({second.op}) cannot share the weights of {first.name} ({first.op})"
    raise InputError(
        f"{names}: they differ in {difference}",
        "share weights only between equal layers, for instance by a block that keeps its channels",
    )


def is_estimator(graph: OpGraph) -> bool:
    """Whether the graph is a model that is fitted in one go, not a network that is trained."""
    return get(graph.nodes[graph.output].op).family == "estimator"


HEADS = {
    "detection": "detection-head",
    "transcript": "transcript-head",
    "frames": "frames-head",
    "language": "language-head",
}
"""Operations that networks end in, by kind of signature, where that is no `head`."""


def check_output(graph: OpGraph, analysis: Analysis, signature: Signature) -> None:
    """Raises InputError when a whole network does not end in the signature's outputs, or only ever answers zeros; and
    when it mixes what is trained with what is fitted."""
    last, shape = graph.nodes[graph.output], analysis.shapes[graph.output]
    _check_families(graph)
    if not signature.answered_by(shape):
        raise _wrong_end(last, shape, signature)
    if not analysis.live:
        problem = f"{last.name} ({last.op}): the network only ever answers zeros"
        raise InputError(problem, _in_head(signature))


def _in_head(signature: Signature) -> str:
    return f'end the space in op("{HEADS.get(signature.kind, "head")}")'


def _wrong_end(last: OpNode, shape: Shape, signature: Signature) -> InputError:
    wanted = f"in {written(signature.answer)}" if signature.places else f"in {signature.outputs} outputs"
    way_out = _in_head(signature)
    if signature.kind == "transcript":
        wanted += f" for each of {signature.steps} steps or more, which the longest transcripts need"
        way_out += ", and take fewer strides before it"
    if signature.kind == "frames":
        wanted = f"in {written(signature.answer)}"
        way_out = f'put op("stretch") into it, and {way_out}'
    return InputError(f"{last.name} ({last.op}): the network ends in {written(shape)}, not {wanted}", way_out)


BESIDE_ESTIMATORS = frozenset({"input", "identity", "concat", "flatten"})
"""What a graph of estimators may consist of beside these and their preparations."""


def _check_families(graph: OpGraph) -> None:
    """Raises InputError naming the node that cannot be in one model with the last."""
    whole = is_estimator(graph)
    for index in live(graph, frozenset()):
        node = graph.nodes[index]
        family = get(node.op).family
        if whole and family == "network" and node.op not in BESIDE_ESTIMATORS:
            others = ", ".join(sorted(BESIDE_ESTIMATORS - {"input"}))
            raise _named(InputError("is trained, and cannot be part of an estimator", f"{others} can"), node)
        if not whole and family != "network":
            way_out = "end in an estimator, such as linear-model" if family == "preparation" else "let it be the last"
            raise _named(InputError("is fitted in one go, and cannot be part of a network", way_out), node)
