"""Modules that hold what other libraries have fitted: trees, linear models, neighbours, and what prepares features.

They are networks like any other: built from their operation, filled with tensors, saved, exported and timed in the same
way. Before they are filled they hold zeros. Classes are answered as log-probabilities, values in standard deviations
from the target's mean. (B, F) -> (B, outputs), or (B, features) for what prepares them.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch.trees import Trees
from netwright.backends.torch.unfitted import Fitted
from netwright.operations import Shape, Signature
from netwright.operations.shallow import channels, kept, most_leaves

Attrs = Mapping[str, Any]
LEAST = 1e-6
"""Probabilities below are none: the shares of trees and neighbours are no finer than this."""
DOUBT = 0.1
"""Votes that are spread over all classes beside those of the neighbours."""
ABSENT = 1e12
"""Squared distance of an example that is not there."""


class Boosted(Fitted):
    """Sums of trees on top of a base (outputs)."""

    base: Tensor

    def __init__(self, attrs: Attrs, features: int, signature: Signature) -> None:
        super().__init__(attrs, signature)
        self.channels = channels(signature)
        self.trees = Trees(attrs["iterations"] * self.channels, most_leaves(attrs), 1, features)
        self.hold("base", signature.outputs)

    def forward(self, x: Tensor) -> Tensor:
        each = self.trees(x).reshape(x.shape[0], -1, self.channels)
        sums: Tensor = each.sum(1)
        if self.classes and self.channels == 1:
            sums = torch.cat([torch.zeros_like(sums), sums], 1)
        answers: Tensor = sums + self.base
        return answers.log_softmax(1) if self.classes else answers


class Forest(Fitted):
    """The mean of trees."""

    def __init__(self, attrs: Attrs, features: int, signature: Signature) -> None:
        super().__init__(attrs, signature)
        self.trees = Trees(attrs["trees"], most_leaves(attrs), signature.outputs, features)

    def forward(self, x: Tensor) -> Tensor:
        shares: Tensor = self.trees(x).mean(1)
        return shares.clamp(min=LEAST).log() if self.classes else shares


class LinearModel(Fitted):
    weight: Tensor
    bias: Tensor

    def __init__(self, attrs: Attrs, features: int, signature: Signature) -> None:
        super().__init__(attrs, signature)
        self.hold("weight", signature.outputs, features)
        self.hold("bias", signature.outputs)

    def forward(self, x: Tensor) -> Tensor:
        answers = F.linear(x, self.weight, self.bias)
        return answers.log_softmax(1) if self.classes else answers


class Neighbours(Fitted):
    """examples (N, F) with their targets (N, outputs), of which the first are `present`.

    A vote falls with the squared distance, to nothing at that of the next example further away: which of several
    equally distant ones is taken does not matter.
    """

    examples: Tensor
    targets: Tensor
    present: Tensor

    def __init__(self, attrs: Attrs, features: int, signature: Signature) -> None:
        super().__init__(attrs, signature)
        self.count = min(attrs["neighbours"] + 1, attrs["examples"])
        self.hold("examples", attrs["examples"], features)
        self.hold("targets", attrs["examples"], signature.outputs)
        self.hold("present", attrs["examples"])

    def forward(self, x: Tensor) -> Tensor:
        distances = squared_distances(x, self.examples) + (1 - self.present) * ABSENT
        nearest, places = distances.topk(self.count, dim=1, largest=False)
        furthest = nearest[:, -1:].clamp(min=LEAST)
        votes = (1 - nearest / furthest).clamp(min=0.0) * self.present[places]
        found = (votes.unsqueeze(2) * self.targets[places]).sum(1)
        total = votes.sum(1, keepdim=True)
        if not self.classes:
            return found / (total + LEAST)
        return ((found + DOUBT / self.signature.outputs) / (total + DOUBT)).log()


class Quantiles(Fitted):
    """Piecewise linear maps: knots (F, Q), rising, to values (F, Q)."""

    knots: Tensor
    values: Tensor

    def __init__(self, attrs: Attrs, features: int, signature: Signature) -> None:
        super().__init__(attrs, signature)
        self.count = attrs["knots"]
        self.hold("knots", features, self.count)
        self.hold("values", features, self.count)

    def forward(self, x: Tensor) -> Tensor:
        above = (x.unsqueeze(2) > self.knots).sum(2).clamp(1, self.count - 1)
        above = above + torch.arange(x.shape[1], device=x.device) * self.count
        knots, values = self.knots.flatten(), self.values.flatten()
        left, right = knots[above - 1], knots[above]
        share = ((x - left) / (right - left).clamp(min=1e-12)).clamp(0.0, 1.0)
        return values[above - 1] + share * (values[above] - values[above - 1])


class Components(Fitted):
    weight: Tensor
    bias: Tensor

    def __init__(self, attrs: Attrs, features: int, signature: Signature) -> None:
        super().__init__(attrs, signature)
        self.hold("weight", attrs["count"], features)
        self.hold("bias", attrs["count"])

    def forward(self, x: Tensor) -> Tensor:
        return F.linear(x, self.weight, self.bias)


class KernelFeatures(Fitted):
    """Likeness with centres (M, F), then a matrix (M, M)."""

    centres: Tensor
    matrix: Tensor

    def __init__(self, attrs: Attrs, features: int, signature: Signature) -> None:
        super().__init__(attrs, signature)
        self.gamma = attrs["sharpness"] / features
        self.hold("centres", attrs["count"], features)
        self.hold("matrix", attrs["count"], attrs["count"])

    def forward(self, x: Tensor) -> Tensor:
        return F.linear((-self.gamma * squared_distances(x, self.centres)).exp(), self.matrix)


class Select(Fitted):
    """Some of the features, by their places."""

    places: Tensor

    def __init__(self, attrs: Attrs, features: int, signature: Signature) -> None:
        super().__init__(attrs, signature)
        self.features = features
        self.hold("places", kept(attrs, features), dtype=torch.int32)

    def filled(self) -> None:
        self.refuse_unless(bool(((self.places >= 0) & (self.places < self.features)).all()))

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.places.long()]


def squared_distances(x: Tensor, to: Tensor) -> Tensor:
    """(B, F), (N, F) -> (B, N)."""
    lengths = x.square().sum(1, keepdim=True) + to.square().sum(1)
    return (lengths - 2 * F.linear(x, to)).clamp(min=0.0)


KINDS: Mapping[str, type[Any]] = {
    "gradient-boosting": Boosted,
    "lightgbm": Boosted,
    "forest": Forest,
    "linear-model": LinearModel,
    "neighbours": Neighbours,
    "quantiles": Quantiles,
    "components": Components,
    "kernel-features": KernelFeatures,
    "select": Select,
}
"""Operation -> its module, made of its attributes, the number of features and the signature."""


def fitted(operation: str, attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    made: Fitted = KINDS[operation](attrs, math.prod(shape), signature)
    made.operation = operation
    return made
