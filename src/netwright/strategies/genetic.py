"""A genetic algorithm over architectures: tournament selection, crossover, mutation, elitist survival.

Holland 1975; for networks Xie & Yuille 2017, "Genetic CNN", https://arxiv.org/abs/1703.01513. Steady state instead of
generations, so that workers never wait for each other: each child is born from the best found so far. With several
objectives survival is NSGA-II's (Deb et al. 2002).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.strategies.base import Problem
from netwright.strategies.breeding import Breeding
from netwright.strategies.memory import Memory
from netwright.strategies.selection import order, tournament
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class GeneticAlgorithm:
    """population_size: how many of the best survive, and how many random founders there are; crossover_rate: share of
    children with two parents; mutation_rate: share of those that are mutated as well (one-parent children always are);
    sample_size: of a tournament."""

    population_size: int = 10
    crossover_rate: float = 0.7
    mutation_rate: float = 0.6
    sample_size: int = 5
    name: ClassVar[str] = "genetic"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.population_size < 2 or self.sample_size < 1:
            raise InputError("population_size must be at least 2 and sample_size at least 1", f"got {self}")
        self._breeding()

    def init(self, problem: Problem) -> GeneticState:
        return GeneticState(Memory(problem))

    def ask(self, state: GeneticState, n: int) -> Sequence[Proposal]:
        def pick(rng: np.random.Generator) -> Trial:
            return tournament(state.population, self.sample_size, state.memory.objectives, rng)

        parents = pick if len(state.population) > 1 else None
        return self._breeding().ask(state.memory, n, self.population_size, parents)

    def tell(self, state: GeneticState, trials: Sequence[Trial]) -> GeneticState:
        for trial in trials:
            state.memory.note(trial)
            if trial.status == "completed" and np.isfinite(state.memory.objectives.losses(trial)).all():
                state.population.append(trial)
                if len(state.population) > self.population_size:
                    del state.population[order(state.population, state.memory.objectives)[-1]]
        return state

    def _breeding(self) -> Breeding:
        return Breeding(self.crossover_rate, self.mutation_rate)


@dataclass
class GeneticState:
    """population: the best completed trials."""

    memory: Memory
    population: list[Trial] = field(default_factory=list)
