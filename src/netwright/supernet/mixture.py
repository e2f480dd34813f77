"""The network of a relaxed space: sums and operations scaled by the weights of options."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from netwright.backends.torch.network import Network, Step


class Mixture(Network):
    """weighed: for each decision the weights of its options, (options,); to be set before each forward pass."""

    weighed: Mapping[str, Tensor]

    def made(self, step: Step, parts: list[Tensor], x: Tensor) -> Tensor:
        if not step.weights:
            return super().made(step, parts, x)
        weights = [self.weighed[name][place] for name, place in step.weights]
        if step.kind == "sum":
            total = weights[0] * parts[0]
            for weight, part in zip(weights[1:], parts[1:], strict=True):
                total = total + weight * part
            return total
        value = super().made(step, parts, x)
        for weight in weights:
            value = value * weight
        return value
