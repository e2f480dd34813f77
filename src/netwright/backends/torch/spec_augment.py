"""SpecAugment as a layer: in training it hides stretches of bands and of frames, else it passes everything on."""

from __future__ import annotations

import torch
from torch import Tensor, nn

FAINT = 1e-3
"""What hidden values are, so that a position stays one, unlike those after the end."""
STRETCHES = 2


class SpecAugment(nn.Module):
    """(B, C, T) -> the same. bands, frames: how many of them a stretch has at most."""

    def __init__(self, bands: int, frames: int) -> None:
        super().__init__()
        self.bands, self.frames = bands, frames

    def forward(self, x: Tensor) -> Tensor:
        if not self.training:
            return x
        for axis, most in ((1, self.bands), (2, self.frames)):
            for _ in range(STRETCHES if most else 0):
                x = torch.where(_stretch(x, axis, most) & (x != 0), FAINT, x)
        return x


def _stretch(x: Tensor, axis: int, most: int) -> Tensor:
    """(B, C, 1) or (B, 1, T): for each example a random stretch along an axis."""
    size = x.shape[axis]
    width, begin = torch.rand(2, len(x), 1, device=x.device)
    width = (width * (min(most, size) + 1)).long()
    begin = (begin * (size - width + 1)).long()
    places = torch.arange(size, device=x.device)
    chosen: Tensor = (places >= begin) & (places < begin + width)
    return chosen.unsqueeze(3 - axis)
