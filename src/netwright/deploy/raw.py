"""A network with its task's preparation around it: from pixels to answers in one module."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from netwright.deploy.metadata import Metadata


class FromRaw(nn.Module):
    """Takes a task's x as it is and answers in the task's own unit.

    Images uint8 (B, C, H, W) are normalised by the training split's mean and standard deviation; encoded tables float32
    (B, F) pass. Classification gives logits (B, K); regression gives values (B, 1) in the target's unit.
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, network: nn.Module, metadata: Metadata) -> None:
        super().__init__()
        self.network = network
        self.images, self.regression = metadata.images, metadata.regression
        prepare: Any = metadata.prepare
        if self.images:
            mean = torch.tensor(prepare["mean"], dtype=torch.float32).view(1, -1, 1, 1)
            std = torch.tensor(prepare["std"], dtype=torch.float32).view(1, -1, 1, 1)
            self.register_buffer("mean", mean * 255)
            self.register_buffer("scale", 1 / (std * 255))
        if self.regression:
            self.target_mean, self.target_std = float(prepare["target_mean"]), float(prepare["target_std"])

    def forward(self, x: Tensor) -> Tensor:
        if self.images:
            x = (x.float() - self.mean) * self.scale
        answers: Tensor = self.network(x)
        return answers * self.target_std + self.target_mean if self.regression else answers
