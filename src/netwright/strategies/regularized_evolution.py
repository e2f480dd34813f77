"""Regularised (aging) evolution: Real et al. 2019, "Regularized Evolution for Image Classifier Architecture Search",
https://arxiv.org/abs/1802.01548.

A population of the newest networks; the best of a random sample of it becomes a parent, its mutated child joins, the
oldest dies. The paper's population of 100 suits thousands of trials; left open, the sizes grow with the search instead:
a population of a quarter of the trials done, between 10 and 100, and a tournament among four fifths of it in the first
hundred trials, a quarter later.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture, Space
from netwright.strategies.base import Problem
from netwright.strategies.memory import Memory
from netwright.strategies.selection import tournament
from netwright.trial import Proposal, Trial

LEAST, MOST = 10, 100


@dataclass(frozen=True)
class RegularizedEvolution:
    """population_size, sample_size: the paper's P and S, None: by the rule above; mutations: decisions changed in a
    child."""

    population_size: int | None = None
    sample_size: int | None = None
    mutations: int = 1
    name: ClassVar[str] = "regularized-evolution"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        for label, value in (("population_size", self.population_size), ("sample_size", self.sample_size)):
            if value is not None and value < 1:
                raise InputError(f"{label} must be at least 1, got {value}")
        if self.mutations < 1:
            raise InputError(f"mutations must be at least 1, got {self.mutations}")

    def init(self, problem: Problem) -> EvolutionState:
        return EvolutionState(Memory(problem))

    def ask(self, state: EvolutionState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        founders = self.population_size or LEAST
        proposals: dict[str, Proposal] = {}
        for _ in range(n):
            born = memory.asked + len(proposals)
            parent = self._parent(state, rng) if born >= founders and state.population else None
            draws = [] if parent is None else [self._mutation(memory.space, parent, rng)]
            found = memory.unseen(proposals, rng, *draws)
            if found is None:
                break
            child, place = found
            mutated = parent is not None and place == 0
            proposals[child.key] = Proposal(
                child,
                parents=(parent.number,) if parent is not None and mutated else (),
                origin="mutation" if mutated else "random",
            )
        return list(proposals.values())

    def tell(self, state: EvolutionState, trials: Sequence[Trial]) -> EvolutionState:
        for trial in trials:
            state.memory.note(trial)
            if trial.status == "completed" and np.isfinite(state.memory.objectives.losses(trial)).all():
                state.completed += 1
                state.population.append(trial)
        while len(state.population) > self._population(state.completed):
            state.population.popleft()
        return state

    def _population(self, completed: int) -> int:
        return self.population_size or min(MOST, max(LEAST, completed // 4))

    def _parent(self, state: EvolutionState, rng: np.random.Generator) -> Trial:
        share = 0.8 if state.completed < MOST else 0.25
        size = self.sample_size or max(2, round(share * len(state.population)))
        return tournament(state.population, size, state.memory.objectives, rng)

    def _mutation(self, space: Space, parent: Trial, rng: np.random.Generator) -> Callable[[], Architecture]:
        return lambda: space.mutate(parent.proposal.architecture, rng, self.mutations)


@dataclass
class EvolutionState:
    """population: completed trials, oldest first."""

    memory: Memory
    completed: int = 0
    population: deque[Trial] = field(default_factory=deque)
