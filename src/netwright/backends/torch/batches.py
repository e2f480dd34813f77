"""A split as tensors in memory, handed out in batches: shuffled, augmented, normalised, on the device."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from netwright.backends.torch.augment import augment
from netwright.tasks import Split, Task


def subset(targets: np.ndarray, fraction: float, classes: int) -> np.ndarray:
    """Indices of a fixed, class-balanced sample of a split; a smaller fraction's sample lies within a larger one's.

    targets: (N,); classes: number of classes, 0 for regression.
    """
    order = np.random.default_rng(0).permutation(len(targets))
    count = max(1, round(len(targets) * fraction))
    if count >= len(targets):
        return np.arange(len(targets))
    if classes:
        labels = np.asarray(targets)[order]
        rank = np.empty(len(order))
        for label in range(classes):
            where = np.flatnonzero(labels == label)
            rank[where] = (np.arange(len(where)) + 0.5) / max(1, len(where))
        order = order[np.argsort(rank, kind="stable")]
    return np.sort(order[:count])


class Batches:
    """Examples of one split. `resolution`: fraction of the images' height and width."""

    def __init__(self, task: Task, split: Split, device: torch.device, fraction: float = 1.0, resolution: float = 1.0):
        chosen = subset(split.y, fraction, len(task.classes))
        x, y = np.asarray(split.x[chosen]), np.asarray(split.y[chosen])
        self.images = x.ndim == 4
        self.x = torch.from_numpy(x.copy()).to(device)
        self.y = torch.from_numpy(y.copy()).to(device)
        self.targets = y
        self.resolution = resolution
        if self.images:
            self.x = self.x.contiguous(memory_format=torch.channels_last)
            self._mean = torch.tensor(task.prepare["mean"], dtype=torch.float32, device=device).view(1, -1, 1, 1) * 255
            self._scale = 1 / (
                torch.tensor(task.prepare["std"], dtype=torch.float32, device=device).view(1, -1, 1, 1) * 255
            )
        if task.kind.endswith("regression"):
            self.y = (self.y - task.prepare["target_mean"]) / task.prepare["target_std"]

    def __len__(self) -> int:
        return len(self.y)

    def prepared(self, x: Tensor) -> Tensor:
        """Raw batch -> what the network takes: images as float32 (B, C, H, W), all else as it is."""
        if not self.images:
            return x
        x = (x.float() - self._mean) * self._scale
        if self.resolution != 1.0:
            size = [max(4, round(side * self.resolution)) for side in x.shape[2:]]
            x = F.interpolate(x, size=size, mode="area")
        return x.contiguous(memory_format=torch.channels_last)

    def shuffled(
        self, batch_size: int, policy: Mapping[str, Any], random: torch.Generator
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """One pass in random order. A last batch of fewer than two examples is left out (batch norm needs two)."""
        order = torch.randperm(len(self), generator=random).to(self.x.device)
        for chosen in torch.split(order, min(batch_size, len(self))):
            if len(chosen) < min(2, len(self)):
                continue
            x = self.x[chosen]
            if policy:
                x = augment(x, policy, random)
            yield self.prepared(x), self.y[chosen]

    def in_order(self, batch_size: int = 512) -> Iterator[Tensor]:
        for x in torch.split(self.x, batch_size):
            yield self.prepared(x)
