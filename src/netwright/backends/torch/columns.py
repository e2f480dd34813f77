"""Layers that know the columns of a table."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch import layers
from netwright.backends.torch.layers import Linear
from netwright.operations import Shape, Signature
from netwright.operations.columns import Layout, layout, transformer_hidden

Attrs = Mapping[str, Any]


class ColumnEmbedding(nn.Module):
    """(B, F) -> (B, columns, width), first the numbers, then the categories."""

    def __init__(self, where: Layout, width: int, kind: str, waves: int, sigma: float) -> None:
        super().__init__()
        self.kind, count = kind, len(where.numbers)
        self.numbers = list(where.numbers)
        self.places = [place for start, wide in where.categories for place in range(start, start + wide)]
        self.owners = [
            [float(owner == own) for owner in range(len(where.categories))]
            for own, (_, wide) in enumerate(where.categories)
            for _ in range(wide)
        ]
        self.bias = nn.Parameter(torch.empty(where.count, width))
        self.categories = nn.Parameter(torch.empty(where.wide, width)) if where.wide else None
        inputs = 2 * waves if kind == "periodic" else 1
        self.waves = nn.Parameter(torch.randn(count, waves) * sigma) if kind == "periodic" and count else None
        self.weight = nn.Parameter(torch.empty(count, inputs, width)) if count else None
        bound = 1 / math.sqrt(width)
        nn.init.uniform_(self.bias, -bound, bound)
        for weight, fan_in in ((self.categories, width), (self.weight, inputs if inputs > 1 else width)):
            if weight is not None:
                nn.init.uniform_(weight, -1 / math.sqrt(fan_in), 1 / math.sqrt(fan_in))

    def forward(self, x: Tensor) -> Tensor:
        parts = []
        if self.weight is not None:
            parts.append(self._of_numbers(x[:, torch.tensor(self.numbers, device=x.device)], self.weight))
        if self.categories is not None:
            owners = torch.tensor(self.owners, device=x.device)
            mixed = (owners.unsqueeze(2) * self.categories.unsqueeze(1)).flatten(1)
            chosen = x[:, torch.tensor(self.places, device=x.device)]
            parts.append((chosen @ mixed).reshape(x.shape[0], owners.shape[1], -1))
        found = torch.cat(parts, 1) + self.bias
        return found if self.kind == "linear" else F.relu(found)

    def _of_numbers(self, x: Tensor, weight: Tensor) -> Tensor:
        if self.waves is None:
            return x.unsqueeze(2) * weight[:, 0]
        angles = 2 * math.pi * x.unsqueeze(2) * self.waves
        waves = torch.cat([angles.cos(), angles.sin()], 2)
        return torch.bmm(waves.transpose(0, 1), weight).transpose(0, 1)


class Attention(nn.Module):
    """Every token looks at all. (B, T, D) -> the same."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query, self.key, self.value, self.out = (Linear(width, width) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        query, key, value = (
            part(x).reshape(*x.shape[:2], self.heads, -1).transpose(1, 2) for part in (self.query, self.key, self.value)
        )
        found = F.scaled_dot_product_attention(query, key, value, dropout_p=self.dropout if self.training else 0.0)
        mixed: Tensor = self.out(found.transpose(1, 2).flatten(2))
        return mixed


class ReGLU(nn.Module):
    """Widen to two halves of which one gates the other, narrow (Shazeer 2020, https://arxiv.org/abs/2002.05202)."""

    def __init__(self, width: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.widen, self.narrow = Linear(width, 2 * hidden), Linear(hidden, width)
        self.dropout = dropout

    def forward(self, x: Tensor) -> Tensor:
        value, gate = self.widen(x).chunk(2, -1)
        found: Tensor = self.narrow(F.dropout(value * F.relu(gate), self.dropout, self.training))
        return found


class FTTransformer(nn.Module):
    """(B, F) -> (B, width): what the token for the answer has gathered."""

    def __init__(self, attrs: Attrs, where: Layout) -> None:
        super().__init__()
        width, dropout = attrs["width"], attrs["dropout"]
        self.embedding = column_vectors(attrs, where)
        bound = 1 / math.sqrt(width)
        self.answer = nn.Parameter(torch.empty(width).uniform_(-bound, bound))
        self.attention, self.forwards = nn.ModuleList(), nn.ModuleList()
        for _ in range(attrs["layers"]):
            attention = Attention(width, attrs["heads"], dropout)
            self.attention.append(layers.sequence(norm=nn.LayerNorm(width), attention=attention))
            inner = ReGLU(width, transformer_hidden(attrs), dropout)
            self.forwards.append(layers.sequence(norm=nn.LayerNorm(width), forward_=inner))
        self.norm = nn.LayerNorm(width)

    def forward(self, x: Tensor) -> Tensor:
        columns = self.embedding(x)
        answer = self.answer.expand(columns.shape[0], 1, -1)
        tokens = torch.cat([columns, answer], 1)
        for attention, inner in zip(self.attention, self.forwards, strict=True):
            tokens = tokens + attention(tokens)
            tokens = tokens + inner(tokens)
        return F.relu(self.norm(tokens[:, -1]))


def column_vectors(attrs: Attrs, where: Layout) -> ColumnEmbedding:
    return ColumnEmbedding(where, attrs["width"], attrs["embedding"], attrs["waves"], attrs["sigma"])


def column_embedding(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return layers.sequence(embedding=column_vectors(attrs, layout(shape, signature)), flatten=nn.Flatten())


def ft_transformer(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return FTTransformer(attrs, layout(shape, signature))
