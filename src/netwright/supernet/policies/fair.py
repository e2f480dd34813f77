"""Strict fairness: Chu et al. 2021, "FairNAS: Rethinking Evaluation Fairness of Weight Sharing Neural Architecture
Search", https://arxiv.org/abs/1907.01845.

Each step trains several networks, between which every option of every decision is taken equally often (as nearly as the
numbers of options allow), and updates the weights once for all of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture, Decision, Space

if TYPE_CHECKING:
    from torch import Tensor

    from netwright.space.decision import Value
    from netwright.supernet.sharing import Sharing

MOST_PATHS, MOST_DEALT = 8, 64
"""Networks a step where nothing else is asked for; options up to which a decision is dealt rather than drawn."""


@dataclass(frozen=True)
class Fair:
    """paths: networks a step; 0: as many as the decision with the most options has, up to MOST_PATHS."""

    paths: int = 0
    name: ClassVar[str] = "fairnas"
    prefers: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.paths < 0:
            raise InputError(f"paths must not be negative, got {self.paths}")

    def learn(self, net: Sharing, x: Tensor, y: Tensor, progress: float, rng: np.random.Generator) -> Tensor:
        return net.run_each(self.picked(net.space, rng), x, lambda answers: net.loss(answers, y))

    def picked(self, space: Space, rng: np.random.Generator) -> Iterator[Architecture]:
        """The networks of one step. A decision's options are dealt like cards: none comes again before all have."""
        most = max((decision.cardinality for decision in space.decisions()), default=1)
        decks: dict[str, list[Value]] = {}

        def deal(decision: Decision) -> Value:
            if decision.cardinality > MOST_DEALT:
                return decision.sample(rng)
            deck = decks.setdefault(decision.name, [])
            if not deck:
                values = list(decision.values())
                deck += [values[place] for place in rng.permutation(len(values))]
            return deck.pop()

        for _ in range(self.paths or int(min(most, MOST_PATHS))):
            yield space.decided(deal, rng)
