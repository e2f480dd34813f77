"""A trained network of the user's as a search space: everything in it that can shrink may.

Widths, kernels and residual branches are decisions whose first option is the network as it is. An architecture is built
with the part of the trained weights that it keeps, the channels that matter most first (Cai et al. 2020,
"Once-for-All", https://arxiv.org/abs/1908.09791; which channels depend on each other: Fang et al. 2023, "DepGraph",
https://arxiv.org/abs/2301.12900). So a search over this space prunes a network, and its weights go on from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from torch import nn

from netwright.backends.torch.elastic.load import load_model
from netwright.backends.torch.elastic.slim import slimmed
from netwright.backends.torch.elastic.sort import sorted_channels
from netwright.backends.torch.elastic.trace import Trace, trace
from netwright.backends.torch.module import Factory
from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Architecture, Node, Space, choice, op, program

SHARES = (1.0, 0.75, 0.5, 0.25)
"""Of its channels that a layer may keep."""
EVEN = 8
"""Channels come in multiples of this where there are enough of them."""


def elastic(model: nn.Module, example: torch.Tensor, *, name: str = "") -> Space:
    """The space of all that a trained network can be cut down to.

    model: traced symbolically, so its `forward` must not branch on data; example: a batch that it takes, (B, *inputs).
    Channels that meet something unknown keep their width. Raises InputError where it cannot be traced or nothing in it
    can shrink.

    >>> net = nn.Sequential(nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(16 * 64, 10))
    >>> [decision.name for decision in elastic(net, torch.zeros(1, 1, 8, 8)).decisions()]
    ['kernel_0', 'width_1']
    """
    shrinking = Elastic(model, example, name or type(model).__name__)
    space = Space(program(shrinking, shrinking.title), name=shrinking.title)
    if not space.decisions():
        raise InputError(f"nothing in {shrinking.title} can shrink", "it needs convolutions or linear layers inside")
    return space


def elastic_space(where: str, weights: str, signature: Signature) -> Space:
    """The space of all parts of the network at `where`, with the weights in a file, "" for those that it makes."""
    name = re.sub(r"\W+", "-", where.rpartition(":")[2]).lower()
    if signature.form in ("tokens", "sequence"):
        raise InputError("networks for sequences cannot be cut down yet", "leave --model out and give a --space")
    return elastic(load_model(where, weights or None), torch.zeros((2, *signature.inputs)), name=name)


def original(space: Space) -> Architecture | None:
    """The network as it was, of a space that `elastic` made; None for other spaces."""
    if not isinstance(getattr(space.root, "fn", None), Elastic):
        return None
    return space.decided(lambda decision: decision.first, np.random.default_rng(0))


class Elastic:
    """The program of an elastic network. Called with `decide`, it draws what is left of it; `made` builds that."""

    def __init__(self, model: nn.Module, example: torch.Tensor, title: str) -> None:
        self.model, self.example, self.title = model, example, title
        self.trace: Trace = trace(model, example)
        self.state = sorted_channels(self.trace)
        self.names = _words(self._keys())

    def __reduce__(self) -> tuple[Any, ...]:
        return Elastic, (self.model, self.example, self.title)

    def _keys(self) -> list[tuple[str, Any]]:
        found = self.trace
        return [
            *(("keep", branch) for branch in found.branches),
            *(("kernel", module) for module in found.kernels),
            *(("width", group) for group in found.free),
        ]

    def __call__(self, decide: Callable[[str, Any], Any]) -> Node:
        chosen: dict[str, Any] = {}

        def draw(kind: str, key: Any, options: Sequence[Any]) -> Any:
            word = self.names[kind, key]
            chosen[word] = decide(word, choice(*options)) if len(options) > 1 else options[0]
            return chosen[word]

        kept = {branch: draw("keep", branch, (True, False)) for branch in self.trace.branches}
        modules = self.trace.alive([branch for branch, keep in kept.items() if not keep])
        for module, sizes in self.trace.kernels.items():
            if module in modules:
                draw("kernel", module, sizes)
        for group in self.trace.free:
            if any(module in modules for module in self.trace.makers(group)):
                draw("width", group, widths(self.trace.sizes[group]))
        defaults = tuple((word, None) for word in self.names.values())
        return op("module", name=Factory(self.title, self.made, defaults), **chosen)

    def made(self, **values: Any) -> nn.Module:
        """The network with these values for its decisions; None: as it was."""
        given = {key: values.get(word) for key, word in self.names.items()}
        dropped = [key for (kind, key), value in given.items() if kind == "keep" and value is False]
        kernels = {key: value for (kind, key), value in given.items() if kind == "kernel" and value is not None}
        sizes = {key: value for (kind, key), value in given.items() if kind == "width" and value is not None}
        return slimmed(self.trace, self.state, dropped, kernels, sizes)


def widths(channels: int) -> tuple[int, ...]:
    """The channels that a layer may keep of so many, all of them first.

    >>> widths(64), widths(6)
    ((64, 48, 32, 16), (6, 4, 3, 2))
    """
    even = EVEN if channels >= 4 * EVEN else 1
    return tuple(dict.fromkeys(max(1, round(share * channels / even) * even) for share in SHARES))


def _words(keys: Sequence[tuple[str, Any]]) -> dict[tuple[str, Any], str]:
    """Names for decisions: what they decide, and where."""
    words: dict[tuple[str, Any], str] = {}
    for kind, key in keys:
        place = re.sub(r"[^a-z0-9]+", "_", str(key).lower()).strip("_")
        word = f"{kind}_{place}"[:58]
        words[kind, key] = word if word not in words.values() else f"{word}_{len(words)}"
    return words
