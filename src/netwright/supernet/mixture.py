"""The network of a relaxed space: sums and operations scaled by the weights of options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from netwright.backends.steps import Step
from netwright.backends.torch.network import Network


class Mixture(Network):
    """weighed: for each decision the weights of its options, (options,), as numbers where no gradient is wanted; to be
    set before each forward pass."""

    weighed: Mapping[str, Tensor | list[float]]

    def made(self, step: Step, parts: list[Tensor], x: Tensor) -> Tensor:
        if not step.weights:
            return super().made(step, parts, x)
        weights = [self.weighed[name][place] for name, place in step.weights]
        if step.kind == "sum":
            return _weighed_sum(weights, parts)
        value = super().made(step, parts, x)
        for weight in weights:
            value = value * weight
        return value


def _weighed_sum(weights: Sequence[Tensor | float], parts: Sequence[Tensor]) -> Tensor:
    total = weights[0] * parts[0]
    for weight, part in zip(weights[1:], parts[1:], strict=True):
        if isinstance(weight, Tensor):
            total = total + weight * part
        elif weight:
            total = torch.add(total, part, alpha=weight)
    return total
