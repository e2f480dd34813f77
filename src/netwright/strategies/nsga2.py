"""NSGA-II: Deb et al. 2002, "A Fast and Elitist Multiobjective Genetic Algorithm: NSGA-II",
https://doi.org/10.1109/4235.996017; for networks Lu et al. 2019, "NSGA-Net", https://arxiv.org/abs/1810.03522.

Parents win binary tournaments by front, then by crowding distance; the same order decides who survives a generation.
Generations are asynchronous (see `generations`). The papers' populations of 40 to 100 suit thousands of trials; left
open, the size grows with the search.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netwright.strategies.base import Problem
from netwright.strategies.breeding import Breeding
from netwright.strategies.generations import LEAST, Generations, check_size
from netwright.strategies.memory import Memory
from netwright.strategies.selection import order
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class NSGA2:
    """population_size: of a generation, None: by the rule of `Generations`; crossover_rate: share of children with two
    parents; mutation_rate: share of those that are mutated as well (one-parent children always are)."""

    population_size: int | None = None
    crossover_rate: float = 0.9
    mutation_rate: float = 0.6
    name: ClassVar[str] = "nsga2"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_size(self.population_size)
        self._breeding()

    def init(self, problem: Problem) -> Generations:
        return Generations(Memory(problem))

    def ask(self, state: Generations, n: int) -> Sequence[Proposal]:
        def pick(rng: np.random.Generator) -> Trial:
            """The winner of two: parents stand in order, best first."""
            return state.parents[int(rng.choice(len(state.parents), size=2, replace=False).min())]

        parents = pick if state.parents else None
        return self._breeding().ask(state.memory, n, self.population_size or LEAST, parents)

    def tell(self, state: Generations, trials: Sequence[Trial]) -> Generations:
        def survive(competitors: list[Trial], size: int, _: Trial) -> list[Trial]:
            return [competitors[place] for place in order(competitors, state.memory.objectives)[:size]]

        state.tell(trials, self.population_size, survive)
        return state

    def _breeding(self) -> Breeding:
        return Breeding(self.crossover_rate, self.mutation_rate)
