"""Codes for positions and class tokens; see `netwright.operations.positions`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch import layers
from netwright.backends.torch.blocks import Residual
from netwright.operations import Shape, Signature
from netwright.operations.positions import REACH

Attrs = Mapping[str, Any]
SLOWEST = 10_000.0
"""By how much the slowest waves of a code are slower than the fastest."""


class LearnedPositions(nn.Module):
    """Adds a learnt vector to each position. (B, C, H, W) or (B, C, T) -> the same.

    Images of another size get the vectors of the places between; sequences that are shorter the first ones."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.code = nn.Parameter(torch.empty(shape))
        nn.init.normal_(self.code, std=0.1)

    def forward(self, x: Tensor) -> Tensor:
        code: Tensor = self.code
        if x.ndim == 3:
            code = code[:, : x.shape[2]]
        elif code.shape[1:] != x.shape[2:]:
            code = F.interpolate(code.unsqueeze(0), x.shape[2:], mode="bilinear", align_corners=False)[0]
        return x + code.to(x.dtype)


class SinusoidalPositions(nn.Module):
    """Adds waves of falling frequency along each axis. (B, C, H, W) or (B, C, T) -> the same.

    sizes: of the images that it was made for; others are looked at as if they were stretched to these."""

    def __init__(self, sizes: Shape) -> None:
        super().__init__()
        self.sizes = sizes

    def forward(self, x: Tensor) -> Tensor:
        return x + self.code(x.shape[1], x.shape[2:], x.device).to(x.dtype)

    def code(self, channels: int, sizes: Shape, device: torch.device) -> Tensor:
        """(C, H, W) or (C, T)"""
        count = math.ceil(channels / (2 * len(sizes)))
        speeds = SLOWEST ** (-torch.arange(count, device=device) / count)
        parts = []
        for axis, (size, made) in enumerate(zip(sizes, self.sizes, strict=True)):
            stretch = 1.0 if len(sizes) == 1 else made / size
            places = (torch.arange(size, device=device) + 0.5) * stretch - 0.5
            angles = speeds.unsqueeze(1) * places
            shape = [count, *(size if axis == own else 1 for own in range(len(sizes)))]
            parts += [wave.reshape(shape).expand(count, *sizes) for wave in (angles.sin(), angles.cos())]
        return torch.cat(parts)[:channels]


class ClassToken(nn.Module):
    """Puts a learnt vector before all positions. (B, C, H, W) or (B, C, T) -> (B, C, positions + 1)"""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.token = nn.Parameter(torch.empty(channels))
        nn.init.normal_(self.token, std=0.1)

    def forward(self, x: Tensor) -> Tensor:
        steps = x.flatten(2).transpose(1, 2)
        token = self.token.to(x.dtype).expand(x.shape[0], 1, -1)
        return torch.cat([token, steps], 1).transpose(1, 2)


def positions(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    channels, *sizes = shape
    if attrs["kind"] == "conditional":
        dims = len(sizes)
        conv = layers.conv(dims, channels, channels, REACH, 1, REACH // 2, groups=channels)
        return Residual(layers.sequence(conv=conv))
    if attrs["kind"] == "none":
        return nn.Identity()
    return LearnedPositions(shape) if attrs["kind"] == "learned" else SinusoidalPositions(tuple(sizes))


def class_token(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return ClassToken(shape[0])
