"""Layers that look at how many places the network's input has, which may be fewer than in the task: at low resolution,
or where a batch of sequences is cut off."""

from __future__ import annotations

import math

from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch import layers
from netwright.operations import Shape
from netwright.operations.places import halved

Sizes = tuple[int, ...]


class OfInput(nn.Module):
    """A layer that is called with its input and the places of the network's."""


def places_of(x: Tensor) -> Sizes:
    """Along each axis, of a network's input: images (B, C, H, W), sequences (B, C, T), tokens (B, T)."""
    return tuple(int(size) for size in x.shape[min(2, x.ndim - 1) :])


class Upsample(OfInput):
    """(B, C, *places) -> the same with `factor` times as many along each axis, or with as many as `halvings` layers of
    stride 2 leave of the input's. mode: "linear" or "nearest"."""

    def __init__(self, factor: int, halvings: int | None, mode: str) -> None:
        super().__init__()
        self.factor, self.halvings, self.mode = factor, halvings, mode

    def forward(self, x: Tensor, places: Sizes) -> Tensor:
        if self.halvings is None:
            sizes = tuple(self.factor * size for size in places_of(x))
        else:
            sizes = tuple(halved(size, self.halvings) for size in places)
        return resized(x, sizes, self.mode)


class HeadOfPlaces(OfInput):
    """(B, C, *fewer places) -> (B, outputs, *the input's places)."""

    def __init__(self, shape: Shape, outputs: int, dropout: float) -> None:
        super().__init__()
        self.dropout = layers.dropout(dropout)
        self.conv = layers.conv(len(shape) - 1, shape[0], outputs, 1)
        bound = 1.0 / math.sqrt(shape[0])
        nn.init.uniform_(self.conv.weight, -bound, bound)

    def forward(self, x: Tensor, places: Sizes) -> Tensor:
        if self.dropout is not None:
            x = self.dropout(x)
        return resized(self.conv(x), places, "linear")


def resized(x: Tensor, sizes: Sizes, mode: str) -> Tensor:
    """(B, C, *places) -> (B, C, *sizes). mode: "linear" or "nearest"."""
    if tuple(x.shape[2:]) == tuple(sizes):
        return x
    if mode == "nearest":
        return F.interpolate(x, size=sizes, mode="nearest")
    return F.interpolate(x, size=sizes, mode="bilinear" if x.ndim == 4 else "linear", align_corners=False)
