"""A genetic algorithm over architectures: tournament selection, crossover, mutation, elitist survival.

Holland 1975; for networks Xie & Yuille 2017, "Genetic CNN", https://arxiv.org/abs/1703.01513. Steady state instead of
generations, so that workers never wait for each other: each child is born from the best found so far. With several
objectives survival is NSGA-II's (Deb et al. 2002).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture
from netwright.strategies.base import Problem
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

    def __post_init__(self) -> None:
        if self.population_size < 2 or self.sample_size < 1:
            raise InputError("population_size must be at least 2 and sample_size at least 1", f"got {self}")
        for label, rate in (("crossover_rate", self.crossover_rate), ("mutation_rate", self.mutation_rate)):
            if not 0 <= rate <= 1:
                raise InputError(f"{label} must lie between 0 and 1, got {rate}")

    def init(self, problem: Problem) -> GeneticState:
        return GeneticState(Memory(problem))

    def ask(self, state: GeneticState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        proposals: dict[str, Proposal] = {}
        for _ in range(n):
            breed = memory.asked + len(proposals) >= self.population_size and len(state.population) > 1
            parents: list[Trial] = []
            draws = [self._child(state, rng, parents)] if breed else []
            found = memory.unseen(proposals, rng, *draws)
            if found is None:
                break
            child, place = found
            born = breed and place == 0
            proposals[child.key] = Proposal(
                child,
                parents=tuple(parent.number for parent in parents) if born else (),
                origin=("crossover" if len(parents) == 2 else "mutation") if born else "random",
            )
        return list(proposals.values())

    def _child(self, state: GeneticState, rng: np.random.Generator, parents: list[Trial]) -> Callable[[], Architecture]:
        """A draw of one child; `parents` holds those of the last one drawn. Each further draw, made because the last
        child was known already, is likelier to be mutated and mutated more."""
        space, objectives = state.memory.space, state.memory.objectives
        changes = 0

        def draw() -> Architecture:
            nonlocal changes
            changes += 1
            crossed = rng.random() < self.crossover_rate
            parents[:] = [
                tournament(state.population, self.sample_size, objectives, rng) for _ in range(2 if crossed else 1)
            ]
            child = parents[0].proposal.architecture
            if crossed:
                child = space.crossover(child, parents[1].proposal.architecture, rng)
            if not crossed or rng.random() < changes * self.mutation_rate:
                child = space.mutate(child, rng, changes)
            return child

        return draw

    def tell(self, state: GeneticState, trials: Sequence[Trial]) -> GeneticState:
        for trial in trials:
            state.memory.note(trial)
            if trial.status == "completed" and np.isfinite(state.memory.objectives.losses(trial)).all():
                state.population.append(trial)
                if len(state.population) > self.population_size:
                    del state.population[order(state.population, state.memory.objectives)[-1]]
        return state


@dataclass
class GeneticState:
    """population: the best completed trials."""

    memory: Memory
    population: list[Trial] = field(default_factory=list)
