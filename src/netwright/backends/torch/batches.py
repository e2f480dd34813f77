"""A split as tensors in memory, handed out in batches: shuffled, augmented, normalised, on the device."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from netwright.backends.torch.augment import augment, augment_alike
from netwright.backends.torch.boxes import moved
from netwright.tasks import Split, Task


def subset(targets: np.ndarray, fraction: float, classes: int) -> np.ndarray:
    """Indices of a fixed, class-balanced sample of a split; a smaller fraction's sample lies within a larger one's.

    targets: (N,), or where they are no classes of examples (N, …); classes: number of classes, 0 for others.
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


POOL, SHORTEST = 16, 8
"""Batches that sequences of like length are brought together in; positions that are left of them at least."""


MOST_PLACES, MOST_NUMBERS, MOST_ANSWERS = 2**18, 2**22, 2**24
"""Places that are answered, numbers that are looked at, and numbers that are answered, at a time: more than fit into a
processor's caches take longer."""


class Batches:
    """Examples of one split. `resolution`: fraction of the images' height and width; trims: batches of padded sequences
    end with the longest in them, and have sequences of like length; whole: all batches have one size, the last of a
    pass is filled up with the first of it."""

    trims = whole = False

    def __init__(self, task: Task, split: Split, device: torch.device, fraction: float = 1.0, resolution: float = 1.0):
        self.kind = task.signature.kind
        self.answer = max(1, math.prod(task.signature.answer))
        self.along = len(task.signature.places) == 1
        chosen = subset(split.y, fraction, len(task.classes) if self.kind == "classification" else 0)
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
        if self.kind == "regression":
            self.y = (self.y - task.prepare["target_mean"]) / task.prepare["target_std"]

    def __len__(self) -> int:
        return len(self.y)

    @property
    def at_a_time(self) -> int:
        """Examples that are answered at a time: few where targets have many places, or inputs or answers many
        numbers."""
        places, numbers = (max(1, int(np.prod(of.shape[1:]))) for of in (self.targets, self.x))
        return max(1, min(512, MOST_PLACES // places, MOST_NUMBERS // numbers, MOST_ANSWERS // self.answer))

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
        order = torch.randperm(len(self), generator=random)
        size = min(batch_size, len(self))
        if self.whole:
            order = torch.cat([order, order[: -len(order) % size]])
        parts = self._alike(order, size, random) if self.trims else torch.split(order.to(self.x.device), size)
        for chosen in parts:
            if len(chosen) < min(2, len(self)):
                continue
            x, y = self.x[chosen], self.y[chosen]
            if self.trims:
                length = max(SHORTEST, int(self._ends[chosen].max()))
                x, y = x[..., :length], y[..., :length] if self.along else y
            x, y = self._augmented(x, y, policy, random)
            x = self.prepared(x)
            yield x, (_at(y, x.shape[2:]) if self.kind == "segmentation" and self.images else y)

    def _augmented(
        self, x: Tensor, y: Tensor, policy: Mapping[str, Any], random: torch.Generator
    ) -> tuple[Tensor, Tensor]:
        """A batch changed at random, targets that lie in the image like the image."""
        if policy and self.kind == "detection":
            return moved(x, y, policy, random)
        if policy and self.kind == "segmentation" and self.images:
            return augment_alike(x, y, policy, random)
        return (augment(x, policy, random) if policy else x), y

    @cached_property
    def _ends(self) -> Tensor:
        """(N,) where each padded sequence ends."""
        there = self.x != 0 if self.x.ndim == 2 else (self.x != 0).any(1)
        places = torch.arange(1, self.x.shape[-1] + 1, device=self.x.device)
        return (there * places).amax(1)

    def _alike(self, order: Tensor, size: int, random: torch.Generator) -> list[Tensor]:
        """Batches of like length: of a random order, each few in a row sorted; then shuffled."""
        pools = [pool[self._ends[pool].argsort()] for pool in torch.split(order.to(self.x.device), POOL * size)]
        batches = [batch for pool in pools for batch in torch.split(pool, size)]
        return [batches[at] for at in torch.randperm(len(batches), generator=random).tolist()]

    def in_order(self, batch_size: int = 512) -> Iterator[Tensor]:
        for x in torch.split(self.x, batch_size):
            yield self.prepared(x)

    def to_score(self) -> Iterator[tuple[Tensor, np.ndarray]]:
        """Prepared inputs, and the targets as they are in the task, in order."""
        size = self.at_a_time
        for place, x in enumerate(self.in_order(size)):
            yield x, self.targets[place * size : (place + 1) * size]


def _at(masks: Tensor, size: Sequence[int]) -> Tensor:
    """Masks (B, H, W) at another size: the nearest places."""
    if tuple(masks.shape[1:]) == tuple(size):
        return masks
    for axis, wanted in enumerate(size, 1):
        places = ((torch.arange(wanted, device=masks.device) + 0.5) * (masks.shape[axis] / wanted)).long()
        masks = masks.index_select(axis, places)
    return masks
