"""Layers from characters to frames of sound; see `netwright.operations.speaking`."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch.layers import Linear
from netwright.backends.torch.sequences import FAR, present

FASTEST, SLOWEST = 4.0, 400.0
"""Frames in which the waves that tell frames apart to begin with come round once."""
GOLDEN = (math.sqrt(5) - 1) / 2


class Stretch(nn.Module):
    """Each frame looks for its characters, by a vector that is learnt, and keeps that vector beside what it finds.
    (B, C, T) -> (B, C, steps)."""

    def __init__(self, channels: int, heads: int, steps: int, dropout: float, padded: bool) -> None:
        super().__init__()
        self.heads, self.padded, self.dropout = heads, padded, dropout
        self.norm = nn.LayerNorm(channels)
        self.key, self.value, self.out = (Linear(channels, channels) for _ in range(3))
        self.queries = nn.Parameter(waves(steps, channels))

    def forward(self, x: Tensor) -> Tensor:
        steps = self.norm(x.transpose(1, 2))
        key, value = (self._parted(layer(steps)) for layer in (self.key, self.value))
        query = self._parted(self.queries.unsqueeze(0)).expand(x.shape[0], -1, -1, -1).to(key.dtype)
        mask = ((~present(x)).to(key.dtype) * FAR).unsqueeze(1) if self.padded else None
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        made = F.dropout(self.out(seen.transpose(1, 2).flatten(2)), self.dropout, self.training)
        return (made + self.queries).transpose(1, 2)

    def _parted(self, steps: Tensor) -> Tensor:
        """(B, T, C) -> (B, heads, T, C / heads)."""
        return steps.reshape(steps.shape[0], steps.shape[1], self.heads, -1).transpose(1, 2)


def waves(steps: int, channels: int) -> Tensor:
    """(steps, channels): sines and cosines, so that frames begin like their neighbours (Vaswani et al. 2017,
    https://arxiv.org/abs/1706.03762). The first channels alone have fast and slow ones as well: each next period is a
    golden section further."""
    places = torch.arange(channels)
    periods = FASTEST * (SLOWEST / FASTEST) ** torch.remainder(places // 2 * GOLDEN, 1.0)
    turns = torch.arange(steps).unsqueeze(1) / periods
    return torch.sin(2 * math.pi * turns + (places % 2) * (math.pi / 2))


class FramesHead(nn.Module):
    """(B, C, F) -> (B, outputs, F)."""

    def __init__(self, channels: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.linear = Linear(channels, outputs)

    def forward(self, x: Tensor) -> Tensor:
        frames = F.dropout(x.transpose(1, 2), self.dropout, self.training)
        made: Tensor = self.linear(frames)
        return made.transpose(1, 2)
