"""Differentiable architecture search, second order: Liu et al. 2019, "DARTS: Differentiable Architecture Search",
https://arxiv.org/abs/1806.09055.

Preferences learn on the weights that one more training step would give: what they change in that step counts as well,
found by finite differences as in the paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from netwright.errors import InputError
from netwright.supernet.policies.darts import DARTS

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.supernet.mixture import Mixture
    from netwright.supernet.sharing import Sharing

APART = 0.01
"""Length of the step between the two points of a finite difference."""


@dataclass(frozen=True)
class SecondOrderDARTS(DARTS):
    """ahead: length of the training step that is looked ahead, as a learning rate; else see `Differentiable`."""

    ahead: float = 0.025
    name: ClassVar[str] = "darts2"

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.ahead <= 0:
            raise InputError(f"{self.name} needs ahead > 0", f"got {self.ahead:g}; 'darts' does not look ahead")

    def prefer(
        self, net: Sharing, mixture: Mixture, learnt: tuple[Tensor, Tensor], held: tuple[Tensor, Tensor]
    ) -> None:
        import torch

        weights = [weight for weight in mixture.parameters() if weight.requires_grad]
        preferences = list(net.bank.preferences.values())
        before = [weight.detach().clone() for weight in weights]

        def moved(direction: tuple[Tensor | None, ...], by: float) -> None:
            """The weights, a step from where they were."""
            with torch.no_grad():
                for weight, origin, way in zip(weights, before, direction, strict=True):
                    weight.copy_(origin if way is None else origin + by * way)

        def slopes(batch: tuple[Tensor, Tensor], of: list[torch.nn.Parameter]) -> tuple[Tensor | None, ...]:
            loss = net.loss_of(mixture, *batch)
            found: tuple[Tensor | None, ...] = torch.autograd.grad(loss, of, allow_unused=True, retain_graph=True)
            return found

        moved(slopes(learnt, weights), -self.ahead)
        both = slopes(held, [*preferences, *weights])
        direct, onward = both[: len(preferences)], both[len(preferences) :]
        length = float(torch.stack([way.norm() for way in onward if way is not None]).norm())
        apart = APART / max(length, 1e-12)
        ends = []
        for sign in (1, -1):
            moved(onward, sign * apart)
            ends.append(slopes(learnt, preferences))
        moved((None,) * len(weights), 0.0)
        loss = self.fine(net)
        for preference, here, up, down in zip(preferences, direct, *ends, strict=True):
            if here is not None and up is not None and down is not None:
                slope = here - self.ahead * (up - down) / (2 * apart)
                loss = loss + (slope * preference).sum()
        if not isinstance(loss, float):
            net.prefer(loss, self.rate)
