"""An op graph as a function of weights."""

from __future__ import annotations

from collections.abc import Callable

from jax import Array
from jax import numpy as jnp

from netwright.backends.jax.ops import OPERATIONS
from netwright.backends.jax.weights import Pass, Weights
from netwright.backends.steps import Assembly, Step
from netwright.backends.torch.build import module_name
from netwright.errors import InputError
from netwright.operations import Shape, Signature, analyse, check_output, get
from netwright.space import OpGraph, OpNode

Layer = Callable[[Weights, Array], Array]


class Network:
    """Runs the steps of a graph in order. (B, H, W, C) or (B, F) -> (B, outputs).

    Raises InputError naming the node that cannot be built.
    """

    def __init__(self, graph: OpGraph, signature: Signature) -> None:
        analysis = analyse(graph, signature)
        check_output(graph, analysis, signature)
        self.layers, self.steps, self.output = Assembly(graph, signature, analysis, _layer, module_name).parts()

    def __call__(self, through: Pass, x: Array) -> Array:
        values = {0: x}
        for step in self.steps:
            value = self._made(step, [values[source] for source in step.inputs], through, x)
            for source in step.release:
                del values[source]
            values[step.target] = value
        return values[self.output]

    def _made(self, step: Step, parts: list[Array], through: Pass, x: Array) -> Array:
        """What a step makes of its inputs. x: the network's input."""
        if step.kind == "call":
            return self.layers[step.module](Weights(through, f"{step.module}."), parts[0])
        if step.kind == "zeros":
            return jnp.zeros((x.shape[0], *step.shape[1:], step.shape[0]), x.dtype)
        if step.kind == "sum":
            return sum(parts[1:], parts[0])
        for place, channels in step.gaps:
            parts.insert(place, jnp.zeros((*parts[0].shape[:-1], channels), x.dtype))
        return jnp.concatenate(parts, -1)


def _layer(node: OpNode, shape: Shape, signature: Signature) -> Layer:
    if node.op not in OPERATIONS:
        raise InputError(f"{node.name} ({node.op}): the backend jax has no such operation", "use another backend")
    run, attrs = OPERATIONS[node.op], get(node.op).resolve(node.attrs)
    return lambda w, x: run(w, attrs, x, signature)
