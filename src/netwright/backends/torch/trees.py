"""Many decision trees at once: all of them walk from split to split in step."""

from __future__ import annotations

import torch
from torch import Tensor

from netwright.backends.torch.unfitted import Holder


class Trees(Holder):
    """(B, F) -> (B, T, V): what each of T trees answers.

    Splits 0 to S - 1 of a tree are numbered so that children come after their parents; S + i is its leaf i. An example
    goes left where its feature is at most the threshold. values: (T, L, V), of the leaves.
    """

    feature: Tensor
    threshold: Tensor
    left: Tensor
    right: Tensor
    values: Tensor

    def __init__(self, trees: int, leaves: int, values: int, features: int) -> None:
        super().__init__()
        self.splits, self.leaves, self.features, self.levels = leaves - 1, leaves, features, 1
        self.hold("feature", trees, self.splits, dtype=torch.int32)
        self.hold("threshold", trees, self.splits)
        self.hold("left", trees, self.splits, dtype=torch.int32)
        self.hold("right", trees, self.splits, dtype=torch.int32)
        self.hold("values", trees, leaves, values)

    def filled(self) -> None:
        """Counts the levels. Raises InputError for trees that could not be walked."""
        own = torch.arange(self.splits, dtype=torch.int32)
        used, deepest = torch.zeros(self.left.shape, dtype=torch.int32), 0
        used[:, 0] = 1
        for child in (self.left, self.right):
            onward = (child > own) & (child < self.splits + self.leaves)
            self.refuse_unless(bool((onward | (child == 0)).all()))
        self.refuse_unless(bool(((self.feature >= 0) & (self.feature < self.features)).all()))
        trees = torch.arange(len(self.left))
        for split in range(self.splits):
            depth = used[:, split]
            deepest = max(deepest, int(depth.max()))
            for child in (self.left[:, split], self.right[:, split]):
                inner = (depth > 0) & (child < self.splits)
                used[trees[inner], child[inner].long()] = depth[inner] + 1
        self.levels = deepest

    def forward(self, x: Tensor) -> Tensor:
        count, splits, leaves = len(self.left), self.splits, self.leaves
        tree = torch.arange(count, device=x.device)
        feature, threshold = self.feature.flatten().long(), self.threshold.flatten()
        left, right = self.left.flatten().long(), self.right.flatten().long()
        at = torch.zeros((x.shape[0], count), dtype=torch.long, device=x.device)
        for _ in range(self.levels):
            split = at.clamp(max=splits - 1) + tree * splits
            goes_left = x.gather(1, feature[split]) <= threshold[split]
            at = torch.where(at < splits, torch.where(goes_left, left[split], right[split]), at)
        return self.values.flatten(0, 1)[(at - splits).clamp(min=0) + tree * leaves]
