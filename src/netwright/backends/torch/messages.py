"""Layers of graph networks in plain torch: gather along edges, add up at their targets."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from netwright.backends.torch import layers
from netwright.backends.torch.layers import Linear
from netwright.operations import Shape, Signature
from netwright.operations.messages import maps

FEW = 0.3
"""Share of features up to which those that are not zero are few."""


@dataclass(frozen=True, eq=False)
class World:
    """The graph that a network's nodes live in.

    features: (N, F); source, target: (E,) of each edge, in both directions; degree: (N,); filled: places of the
    features that are not zero, where these are few."""

    features: Tensor
    source: Tensor
    target: Tensor
    degree: Tensor
    filled: Tensor | None = None

    @classmethod
    def of(cls, features: Any, edges: Any, device: torch.device | str = "cpu") -> World:
        """edges: (2, E); arrays, or features as a tensor."""
        x = features if isinstance(features, Tensor) else torch.from_numpy(np.array(features, dtype=np.float32))
        source, target = torch.from_numpy(np.array(edges, dtype=np.int64)).to(device)
        ones = torch.ones(len(target), device=device)
        degree = torch.zeros(len(x), device=device).index_add_(0, target, ones)
        filled = x.flatten().nonzero()[:, 0].to(device)
        few = len(filled) < FEW * x.numel()
        return cls(x.to(device), source, target, degree, filled if few else None)

    def dropped(self, rate: float) -> Tensor:
        """The features after dropout. Where most are zero, chance is only asked for the others."""
        if self.filled is None:
            return nn.functional.dropout(self.features, rate)
        flat = self.features.flatten()
        kept = nn.functional.dropout(flat[self.filled], rate)
        return flat.scatter(0, self.filled, kept).reshape(self.features.shape)

    def __len__(self) -> int:
        return len(self.features)

    def __deepcopy__(self, memo: Any) -> World:
        return self

    def gathered(self, x: Tensor, weights: Tensor | None = None) -> Tensor:
        """The sum of (N, D) over each node's neighbours. weights: (E, 1) of each edge."""
        sent = x[self.source]
        if weights is not None:
            sent = sent * weights
        return torch.zeros_like(x).scatter_add(0, self.target.unsqueeze(1).expand(-1, x.shape[1]), sent)

    def balanced(self, x: Tensor, loops: bool) -> Tensor:
        """The symmetrically normalised adjacency times x; loops: every node is its own neighbour as well."""
        scale = (self.degree + float(loops)).clamp(min=1.0).rsqrt().unsqueeze(1)
        scaled = x * scale
        around = self.gathered(scaled)
        return (around + scaled if loops else around) * scale


class MessageLayer(nn.Module):
    """(N, F) -> (N, units). Without a world, every node is alone."""

    def __init__(self, kind: str, attrs: Mapping[str, Any], features: int) -> None:
        super().__init__()
        units = attrs["units"]
        self.kind, self.heads = kind, attrs.get("heads", 1)
        self.maps = nn.ModuleList(nn.Linear(features, units, bias=False) for _ in range(maps(kind, attrs)))
        for one in self.maps:
            nn.init.xavier_uniform_(one.weight)  # type: ignore[arg-type]
        self.bias = nn.Parameter(torch.zeros(units))
        if kind == "gat":
            bound = math.sqrt(6 / (1 + units // self.heads))
            self.sender = nn.Parameter(torch.empty(self.heads, units // self.heads).uniform_(-bound, bound))
            self.receiver = nn.Parameter(torch.empty(self.heads, units // self.heads).uniform_(-bound, bound))
        if kind == "gin":
            self.own = nn.Parameter(torch.zeros(1))
            self.second = Linear(units, units)

    def forward(self, x: Tensor, world: World | None) -> Tensor:
        parts = [one(x) for one in self.maps]
        mixed: Tensor = getattr(self, f"_{self.kind.replace('-', '_')}")(parts, world)
        return mixed

    def _gcn(self, parts: list[Tensor], world: World | None) -> Tensor:
        return (parts[0] if world is None else world.balanced(parts[0], loops=True)) + self.bias

    def _sage(self, parts: list[Tensor], world: World | None) -> Tensor:
        if world is None:
            return parts[0] + self.bias
        return parts[0] + world.gathered(parts[1]) / world.degree.clamp(min=1.0).unsqueeze(1) + self.bias

    def _k_gnn(self, parts: list[Tensor], world: World | None) -> Tensor:
        return parts[0] + (0.0 if world is None else world.gathered(parts[1])) + self.bias

    def _arma(self, parts: list[Tensor], world: World | None) -> Tensor:
        around = 0.0 if world is None else world.balanced(parts[0], loops=False)
        return (around + parts[1] + self.bias).relu()

    def _gin(self, parts: list[Tensor], world: World | None) -> Tensor:
        summed = (1 + self.own) * parts[0] + (0.0 if world is None else world.gathered(parts[0]))
        second: Tensor = self.second((summed + self.bias).relu())
        return second

    def _cheb(self, parts: list[Tensor], world: World | None) -> Tensor:
        """Clenshaw's sum of polynomials in minus the normalised adjacency, the Laplacian scaled to [-1, 1]."""

        def laplacian(x: Tensor) -> Tensor:
            return torch.zeros_like(x) if world is None else -world.balanced(x, loops=False)

        later, latest = torch.zeros_like(parts[0]), torch.zeros_like(parts[0])
        for part in reversed(parts[1:]):
            later, latest = part + 2 * laplacian(later) - latest, later
        return parts[0] + laplacian(later) - latest + self.bias

    def _gat(self, parts: list[Tensor], world: World | None) -> Tensor:
        if world is None:
            return parts[0] + self.bias
        x = parts[0].reshape(-1, self.heads, self.sender.shape[1])
        sent, received = (x * self.sender).sum(2), (x * self.receiver).sum(2)
        along = nn.functional.leaky_relu(sent[world.source] + received[world.target], 0.2)
        alone = nn.functional.leaky_relu(sent + received, 0.2)
        most = torch.maximum(along.amax(), alone.amax()).detach()
        along, alone = (along - most).exp(), (alone - most).exp()
        place = world.target.unsqueeze(1)
        total = alone.scatter_add(0, place.expand(-1, self.heads), along).clamp(min=1e-16)
        values = (x[world.source] * along.unsqueeze(2)).flatten(1)
        mixed = (x * alone.unsqueeze(2)).flatten(1).scatter_add(0, place.expand(-1, values.shape[1]), values)
        return mixed / total.repeat_interleave(x.shape[2], 1) + self.bias


class Messages(nn.Module):
    """A layer of messages, then activation and dropout."""

    def __init__(self, kind: str, attrs: Mapping[str, Any], features: int) -> None:
        super().__init__()
        self.layer = MessageLayer(kind, attrs, features)
        self.after = layers.sequence(
            activation=layers.activation(attrs["activation"]), dropout=layers.dropout(attrs["dropout"])
        )

    def forward(self, x: Tensor, world: World | None = None) -> Tensor:
        found: Tensor = self.after(self.layer(x, world))
        return found


def messages(kind: str, attrs: Mapping[str, Any], shape: Shape, signature: Signature) -> nn.Module:
    return Messages(kind, attrs, shape[0])
