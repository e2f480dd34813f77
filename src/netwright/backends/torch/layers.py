"""The layers that operations are made of: initialised for training from scratch, fast in channels-last memory."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Conv(nn.Conv2d):
    """Convolution with Kaiming initialisation by fan-out (He et al. 2015, https://arxiv.org/abs/1502.01852). In mixed
    precision on a CPU one with groups stays in float32: their gradients take up to eight times as long in bfloat16.

    One of single points with a stride takes these points first: for fewer than eight channels in channels-last memory,
    oneDNN's gradient of its weights writes beyond their end on CPUs with AVX2."""

    def forward(self, x: Tensor) -> Tensor:
        if self.kernel_size == (1, 1) and self.stride != (1, 1) and self.padding == (0, 0) and x.device.type == "cpu":
            points = x[..., :: self.stride[0], :: self.stride[1]]
            return F.conv2d(points, self.weight, self.bias, groups=self.groups)
        if self.groups > 1 and x.device.type == "cpu" and torch.is_autocast_enabled("cpu"):
            with torch.autocast("cpu", enabled=False):
                return super().forward(x.float())
        return super().forward(x)

    def reset_parameters(self) -> None:
        fan_out = self.out_channels // self.groups * self.kernel_size[0] * self.kernel_size[1]
        with torch.no_grad():
            self.weight.normal_(0.0, math.sqrt(2.0 / fan_out))
            if self.bias is not None:
                self.bias.zero_()


class Conv1d(nn.Conv1d):
    """Convolution along a sequence, initialised in the same way."""

    def reset_parameters(self) -> None:
        fan_out = self.out_channels // self.groups * self.kernel_size[0]
        with torch.no_grad():
            self.weight.normal_(0.0, math.sqrt(2.0 / fan_out))
            if self.bias is not None:
                self.bias.zero_()


class CausalConv1d(Conv1d):
    """Convolution along a sequence with all its zeros before the first position: none sees later ones."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(F.pad(x, (self.dilation[0] * (self.kernel_size[0] - 1), 0)))


def conv(dims: int, *settings: Any, causal: bool = False, **named: Any) -> Conv | Conv1d:
    """A convolution over images (dims 2) or along sequences (1), with the settings of torch's; a causal one without
    padding."""
    if dims == 2:
        return Conv(*settings, **named)
    return CausalConv1d(*settings, **named) if causal else Conv1d(*settings, **named)


class Linear(nn.Linear):
    """Linear layer with weights uniform in ±1/sqrt(features) and no bias to begin with."""

    def reset_parameters(self) -> None:
        bound = 1.0 / math.sqrt(self.in_features)
        with torch.no_grad():
            self.weight.uniform_(-bound, bound)
            self.bias.zero_()


class ChannelNorm(nn.LayerNorm):
    """Layer norm over the channels of each position. (B, C, ...) -> the same."""

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim == 3:
            return super().forward(x.transpose(1, 2)).transpose(1, 2)
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ChannelSplit(nn.Module):
    """(B, C, ...) -> (B, C / parts, ...), or with `others` the rest of the channels."""

    def __init__(self, parts: int, part: int, others: bool) -> None:
        super().__init__()
        self.parts, self.part, self.others = parts, part, others

    def forward(self, x: Tensor) -> Tensor:
        size = x.shape[1] // self.parts
        begin = self.part * size
        if not self.others:
            return x.narrow(1, begin, size)
        kept = (x[:, :begin], x[:, begin + size :])
        return kept[1] if begin == 0 else kept[0] if begin + size == x.shape[1] else torch.cat(kept, 1)


class ChannelShuffle(nn.Module):
    """(B, C, ...) -> the same, one channel of each group in turn."""

    def __init__(self, groups: int) -> None:
        super().__init__()
        self.groups = groups

    def forward(self, x: Tensor) -> Tensor:
        dealt = x.reshape(x.shape[0], self.groups, -1, *x.shape[2:])
        return dealt.transpose(1, 2).flatten(1, 2)


class FactorizedReduce(nn.Module):
    """Every so many points through one convolution of single points, those half a stride aside through another, the
    results side by side. (B, C, ...) -> (B, C', ...), sizes divided by the stride and rounded up."""

    def __init__(self, straight: nn.Module, aside: nn.Module | None, stride: int) -> None:
        super().__init__()
        self.straight, self.aside, self.stride = straight, aside, stride

    def forward(self, x: Tensor) -> Tensor:
        straight: Tensor = self.straight(_points(x, 0, self.stride))
        if self.aside is None:
            return straight
        shift = self.stride // 2
        further = F.pad(x, (0, shift) * (x.ndim - 2))
        return torch.cat([straight, self.aside(_points(further, shift, self.stride))], 1)


def _points(x: Tensor, begin: int, step: int) -> Tensor:
    """One in `step` positions along each axis."""
    points = x[:, :, begin::step]
    return points[..., begin::step] if x.ndim == 4 else points


class GlobalPool(nn.Module):
    """(B, C, H, W) or (B, C, T) -> (B, C); vectors pass as they are. padded: positions of a sequence that are all zero
    are left out."""

    def __init__(self, kind: str, padded: bool = False) -> None:
        super().__init__()
        self.kind, self.padded = kind, padded

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim == 2:
            return x
        if self.kind == "first":
            return x.flatten(2)[:, :, 0]
        if self.padded and x.ndim == 3:
            there = (x != 0).any(1, keepdim=True)
            if self.kind == "avg":
                return x.sum(2) / there.sum(2).clamp(min=1)
            return torch.where(there.any(2), x.masked_fill(~there, torch.finfo(x.dtype).min).amax(2), 0.0)
        places = tuple(range(2, x.ndim))
        return x.mean(places) if self.kind == "avg" else x.amax(places)


class SqueezeExcite(nn.Module):
    """Scales channels by a gate in (0, 1) that sees the mean of all of them. (B, C, H, W) or (B, C, T) -> the same."""

    def __init__(self, channels: int, narrow: int, dims: int = 2, padded: bool = False) -> None:
        super().__init__()
        self.pool = GlobalPool("avg", padded)
        self.narrow = conv(dims, channels, narrow, 1)
        self.widen = conv(dims, narrow, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        mean = self.pool(x).reshape(x.shape[0], x.shape[1], *[1] * (x.ndim - 2))
        gate: Tensor = self.widen(F.relu(self.narrow(mean)))
        return x * gate.sigmoid()


_ACTIVATIONS: dict[str, Callable[[], nn.Module]] = {
    "relu": nn.ReLU,
    "relu6": nn.ReLU6,
    "leaky-relu": nn.LeakyReLU,
    "elu": nn.ELU,
    "selu": nn.SELU,
    "gelu": nn.GELU,
    "silu": nn.SiLU,
    "mish": nn.Mish,
    "hardswish": nn.Hardswish,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


def activation(name: str) -> nn.Module | None:
    """The module, None for "none"."""
    return None if name == "none" else _ACTIVATIONS[name]()


def norm(kind: str, channels: int, dims: int = 2) -> nn.Module | None:
    """The module, None for "none". dims: of space or time, 0 for vectors."""
    if kind == "none":
        return None
    if kind == "batch":
        return nn.BatchNorm2d(channels) if dims == 2 else nn.BatchNorm1d(channels)
    return ChannelNorm(channels) if dims else nn.LayerNorm(channels)


def dropout(rate: float) -> nn.Module | None:
    """The module, None for a rate of 0."""
    return nn.Dropout(rate) if rate else None


def sequence(**layers: nn.Module | None) -> nn.Sequential:
    """Layers in a row under their names, those that are None left out."""
    return extend(nn.Sequential(), **layers)


def extend(row: nn.Sequential, **layers: nn.Module | None) -> nn.Sequential:
    """Adds layers to the end of the row, those that are None left out; returns the row."""
    for name, layer in layers.items():
        if layer is not None:
            row.add_module(name, layer)
    return row
