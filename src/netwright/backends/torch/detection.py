"""The head of detectors; see `netwright.operations.detection`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from netwright.backends.torch import layers
from netwright.operations import Shape, Signature
from netwright.operations.base import SIDES

FIRST_SCORE, FIRST_REACH = 0.1, 2.0
"""What an untrained head answers: the score of every class in every cell (Lin et al. 2017, "Focal Loss",
https://arxiv.org/abs/1708.02002), and how many cells the sides of a box are away."""
SPREAD = 0.01
"""Deviation of the first weights before the answers."""


class DetectionHead(nn.Module):
    """(B, C, h, w) -> (B, K + 4, h, w): logits of classes, then logarithms of how many cells a box's left, top, right
    and bottom are away from the middle of the cell."""

    def __init__(self, attrs: Mapping[str, Any], shape: Shape, classes: int) -> None:
        super().__init__()
        dims, last = len(shape) - 1, (attrs["channels"] or shape[0]) if attrs["depth"] else shape[0]
        self.trunk = _trunk(attrs, shape)
        self.sides_trunk = None if attrs["shared"] else _trunk(attrs, shape)
        self.classes = _answering(dims, last, classes, -math.log(1 / FIRST_SCORE - 1))
        self.sides = _answering(dims, last, SIDES, math.log(FIRST_REACH))

    def forward(self, x: Tensor) -> Tensor:
        seen = self.trunk(x)
        beside = seen if self.sides_trunk is None else self.sides_trunk(x)
        return torch.cat((self.classes(seen), self.sides(beside)), 1)


def _trunk(attrs: Mapping[str, Any], shape: Shape) -> nn.Sequential:
    row, width, dims, kernel = nn.Sequential(), shape[0], len(shape) - 1, attrs["kernel"]
    channels, bias = attrs["channels"] or shape[0], attrs["norm"] == "none"
    for _ in range(attrs["depth"]):
        depthwise, size = None, kernel
        if attrs["separable"]:
            depthwise = layers.conv(dims, width, width, kernel, 1, kernel // 2, groups=width, bias=False)
            size = 1
        part = layers.sequence(
            depthwise=depthwise,
            conv=layers.conv(dims, width, channels, size, 1, size // 2, bias=bias),
            norm=layers.norm(attrs["norm"], channels, dims),
            activation=layers.activation(attrs["activation"]),
        )
        row.append(part)
        width = channels
    return row


def _answering(dims: int, before: int, after: int, first: float) -> nn.Module:
    made = layers.conv(dims, before, after, 1)
    nn.init.normal_(made.weight, 0.0, SPREAD)
    assert made.bias is not None
    nn.init.constant_(made.bias, first)
    return made


def detection_head(attrs: Mapping[str, Any], shape: Shape, signature: Signature) -> nn.Module:
    return DetectionHead(attrs, shape, signature.outputs)
