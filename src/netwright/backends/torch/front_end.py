"""What a recogniser makes of frames of bands before it learns anything from them."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch.sequences import present
from netwright.backends.torch.spec_augment import FAINT

LEAST = 0.1
"""Added to the variance of a band, that silence is not blown up."""


class FrontEnd(nn.Module):
    """(B, C, T) -> (B, C / merge * (1 + deltas), ceil(T / every)); zeros after the end stay zeros."""

    def __init__(self, merge: int, every: int, deltas: int, normalise: bool) -> None:
        super().__init__()
        self.merge, self.every, self.deltas, self.normalise = merge, every, deltas, normalise

    def forward(self, x: Tensor) -> Tensor:
        there = present(x).to(x.dtype)
        if self.merge > 1:
            x = torch.unflatten(x, 1, (-1, self.merge)).mean(2)
        if self.normalise:
            count = there.sum(2, keepdim=True).clamp(min=1.0)
            x = (x - x.sum(2, keepdim=True) / count) * there
            x = x / ((x * x).sum(2, keepdim=True) / count + LEAST).sqrt()
        if self.every > 1:
            missing = -x.shape[2] % self.every
            x, there = (torch.unflatten(F.pad(one, (0, missing)), 2, (-1, self.every)).sum(3) for one in (x, there))
            x, there = x / there.clamp(min=1.0), there.clamp(max=1.0)
        made = [x]
        for _ in range(self.deltas):
            made.append((made[-1] - F.pad(made[-1][:, :, :-1], (1, 0))) * there)
        x = torch.cat(made, 1)
        return torch.where(x != 0, x, FAINT * there)
