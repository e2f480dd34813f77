"""Children of chosen parents, by crossover and mutation: what the genetic algorithms share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture, Space
from netwright.strategies.memory import Memory
from netwright.trial import Proposal, Trial

Pick = Callable[[np.random.Generator], Trial]
"""Chooses a parent."""


@dataclass(frozen=True)
class Breeding:
    """crossover_rate: share of children with two parents; mutation_rate: share of those that are mutated as well
    (one-parent children always are)."""

    crossover_rate: float
    mutation_rate: float

    def __post_init__(self) -> None:
        for label, rate in (("crossover_rate", self.crossover_rate), ("mutation_rate", self.mutation_rate)):
            if not 0 <= rate <= 1:
                raise InputError(f"{label} must lie between 0 and 1, got {rate}")

    def ask(self, memory: Memory, n: int, founders: int, pick: Pick | None) -> list[Proposal]:
        """Up to `n` children. The first `founders` of a search, and all where there is no parent to pick, are
        random."""
        rng = memory.generator()
        proposals: dict[str, Proposal] = {}
        for _ in range(n):
            parents: list[Trial] = []
            draws = []
            if pick is not None and memory.asked + len(proposals) >= founders:
                draws.append(self._child(memory.space, rng, pick, parents))
            found = memory.unseen(proposals, rng, *draws)
            if found is None:
                break
            child, place = found
            born = bool(draws) and place == 0
            proposals[child.key] = Proposal(
                child,
                parents=tuple(parent.number for parent in parents) if born else (),
                origin=("crossover" if len(parents) == 2 else "mutation") if born else "random",
            )
        return list(proposals.values())

    def _child(
        self, space: Space, rng: np.random.Generator, pick: Pick, parents: list[Trial]
    ) -> Callable[[], Architecture]:
        """A draw of one child; `parents` holds those of the last one drawn. Each further draw, made because the last
        child was known already, is likelier to be mutated and mutated more."""
        changes = 0

        def draw() -> Architecture:
            nonlocal changes
            changes += 1
            crossed = rng.random() < self.crossover_rate
            parents[:] = [pick(rng) for _ in range(2 if crossed else 1)]
            child = parents[0].proposal.architecture
            if crossed:
                child = space.crossover(child, parents[1].proposal.architecture, rng)
            if not crossed or rng.random() < changes * self.mutation_rate:
                child = space.mutate(child, rng, changes)
            return child

        return draw
