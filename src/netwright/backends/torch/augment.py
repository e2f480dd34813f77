"""Augmentation of whole batches: no per-sample Python.

A policy is plain data: {"flip": true, "shift": 2, "cutout": 8}. For images, flip: mirror left-right with probability
1/2; shift: move by up to that many pixels each way; cutout: blank a square of that side
(DeVries & Taylor 2017, https://arxiv.org/abs/1708.04552). For tokens, unknown: the share of them that become 1, the
unknown token. For sequences, later: move by up to that many positions each way, zeros coming in; hidden: blank up to
that share of the positions in a row, and of the channels (Park et al. 2019, https://arxiv.org/abs/1904.08779).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


def augment(images: Tensor, policy: Mapping[str, Any], random: torch.Generator) -> Tensor:
    """Images uint8 or float (B, C, H, W), in channels-last memory, tokens (B, T) or sequences (B, C, T) -> the same."""
    if policy.get("flip"):
        images = _flip(images, random)
    if shift := int(policy.get("shift", 0)):
        images = _shift(images, shift, random)
    if cutout := int(policy.get("cutout", 0)):
        images = _cutout(images, cutout, random)
    if rate := float(policy.get("unknown", 0)):
        images = _unknown(images, rate, random)
    if later := int(policy.get("later", 0)):
        images = _later(images, later, random)
    if share := float(policy.get("hidden", 0)):
        images = _hidden(images, share, random)
    return images


def scaled(policy: Mapping[str, Any], strength: float) -> dict[str, Any]:
    """The policy made weaker or stronger, whole numbers rounded down; strength 0 is no augmentation.

    >>> scaled({"flip": True, "shift": 2}, 0.5)
    {'flip': True, 'shift': 1}
    """
    if strength <= 0:
        return {}
    return {name: value if isinstance(value, bool) else type(value)(value * strength) for name, value in policy.items()}


def _flip(images: Tensor, random: torch.Generator) -> Tensor:
    chosen = torch.rand(len(images), generator=random) < 0.5
    return torch.where(chosen[:, None, None, None].to(images.device), images.flip(3), images)


def _shift(images: Tensor, reach: int, random: torch.Generator) -> Tensor:
    count, _, height, width = images.shape
    padded = F.pad(images, (reach,) * 4)
    down, right = torch.randint(0, 2 * reach + 1, (2, count), generator=random)
    rows = (down[:, None] + torch.arange(height)).to(images.device)
    columns = (right[:, None] + torch.arange(width)).to(images.device)
    sample = torch.arange(count, device=images.device)[:, None, None]
    return padded[sample, :, rows[:, :, None], columns[:, None, :]].permute(0, 3, 1, 2)


def _cutout(images: Tensor, side: int, random: torch.Generator) -> Tensor:
    count, _, height, width = images.shape
    top = torch.randint(0, height, (count,), generator=random)
    left = torch.randint(0, width, (count,), generator=random)
    rows = (torch.arange(height) - top[:, None]).abs() * 2 < side
    columns = (torch.arange(width) - left[:, None]).abs() * 2 < side
    hole = (rows[:, :, None] & columns[:, None, :]).to(images.device)
    return images.masked_fill(hole[:, None], 0)


def _unknown(tokens: Tensor, rate: float, random: torch.Generator) -> Tensor:
    chosen = (torch.rand(tokens.shape, generator=random) < rate).to(tokens.device)
    return torch.where(chosen & (tokens > 1), 1, tokens)


def _later(sequences: Tensor, reach: int, random: torch.Generator) -> Tensor:
    count, channels, length = sequences.shape
    places = torch.randint(0, 2 * reach + 1, (count, 1), generator=random) + torch.arange(length)
    return F.pad(sequences, (reach, reach)).gather(2, places.to(sequences.device)[:, None].expand(-1, channels, -1))


def _hidden(sequences: Tensor, share: float, random: torch.Generator) -> Tensor:
    count, channels, length = sequences.shape
    for axis, size in ((1, channels), (2, length)):
        width = (torch.rand(count, 1, generator=random) * share * size).long()
        begin = (torch.rand(count, 1, generator=random) * (size - width + 1)).long()
        places = torch.arange(size)
        hole = ((places >= begin) & (places < begin + width)).to(sequences.device)
        sequences = sequences.masked_fill(hole.unsqueeze(2 if axis == 1 else 1), 0)
    return sequences
