"""The module that runs an op graph."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from netwright.backends.steps import Step
from netwright.backends.torch.messages import Messages, World
from netwright.backends.torch.places import OfInput, places_of
from netwright.tasks.nodes import NodeGraph


class Network(nn.Module):
    """Runs steps in order. (B, *inputs) -> (B, outputs), or (B, outputs, *places). Each submodule is named after its
    op's path of weights.

    waist: called with each value that alone is carried on, such as the output of a block: everything before it reaches
    the output through it. world: the graph that it is about, if any; then it takes numbers of nodes, int64 (B, 1),
    instead.
    any_length: padded sequences may be cut off where the longest of a batch ends.
    """

    world: World | None = None
    any_length = False

    def __init__(self, modules: dict[str, nn.Module], steps: tuple[Step, ...], output: int) -> None:
        super().__init__()
        for name, module in modules.items():
            self.add_module(name, module)
        self.steps = steps
        self.output = output
        self.waist: Callable[[Tensor], None] | None = None

    def forward(self, x: Tensor) -> Tensor:
        if self.world is None:
            return self.run(x)
        return self.run(self.world.features)[x[:, 0]]

    def run(self, x: Tensor) -> Tensor:
        """All steps on an input."""
        values: dict[int, Tensor] = {0: x}
        for step in self.steps:
            value = self.made(step, [values[source] for source in step.inputs], x)
            for source in step.release:
                del values[source]
            if self.waist is not None and not values:
                self.waist(value)
            values[step.target] = value
        return values[self.output]

    def made(self, step: Step, parts: list[Tensor], x: Tensor) -> Tensor:
        """What a step makes of its inputs. x: the network's input."""
        if step.kind == "call":
            module: Any = self._modules[step.module]
            if self.world is not None and parts[0] is self.world.features and isinstance(module, nn.Dropout):
                return self.world.dropped(module.p) if self.training else parts[0]
            further: tuple[Any, ...] = (self.world,) if isinstance(module, Messages) else ()
            if isinstance(module, OfInput):
                further = (places_of(x),)
            value: Tensor = module(parts[0], *further)
            return value
        if step.kind == "zeros":
            dtype = x.dtype if x.is_floating_point() else torch.float32
            return x.new_zeros((x.shape[0], *step.shape), dtype=dtype)
        return _sum(parts) if step.kind == "sum" else _concat(parts, step.gaps)


class WholeGraph(nn.Module):
    """A network of nodes as a function of their features. (N, F) -> (N, outputs)."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network: Any = network

    def forward(self, features: Tensor) -> Tensor:
        found: Tensor = self.network.run(features)
        return found


def place(network: nn.Module, graph: NodeGraph | None, device: torch.device | str = "cpu") -> None:
    """Puts a network of nodes into their graph; others stay as they are."""
    if graph is not None:
        network.world = World.of(graph.features, graph.edges, device)  # type: ignore[assignment]


def _concat(parts: list[Tensor], gaps: tuple[tuple[int, int], ...]) -> Tensor:
    batch, _, *size = parts[0].shape
    for position, channels in gaps:
        parts.insert(position, parts[0].new_zeros((batch, channels, *size)))
    return torch.cat(parts, 1)


def _sum(parts: list[Tensor]) -> Tensor:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total
