"""The sandwich rule with in-place distillation: Yu et al. 2020, "BigNAS: Scaling Up Neural Architecture Search with Big
Single-Stage Models", https://arxiv.org/abs/2003.11142.

Each step trains the largest network on the labels, and the smallest and some random ones on what the largest answers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.errors import InputError

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.supernet.sharing import Sharing


@dataclass(frozen=True)
class Sandwich:
    """between: random networks a step."""

    between: int = 2
    name: ClassVar[str] = "bignas"
    prefers: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.between < 0:
            raise InputError(f"between must not be negative, got {self.between}")

    def learn(self, net: Sharing, x: Tensor, y: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        teacher, loss = net.run(net.largest, x, lambda answers: net.loss(answers, y))
        for student in (*(net.space.sample(rng) for _ in range(self.between)), net.smallest):
            net.run(student, x, lambda answers: net.loss.distilled(answers, teacher))
        return loss
