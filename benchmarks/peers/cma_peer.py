"""CatCMA with margin from the `cmaes` package at its defaults (Hamano et al. 2024, https://arxiv.org/abs/2405.09962)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import numpy as np

from netwright.space import Decision
from netwright.strategies import Problem
from netwright.trial import Proposal, Trial
from peers.waiting import Waiting, options


@dataclass(frozen=True)
class CatCma:
    """A distribution over categories, updated a population at a time; failures are told as the worst value so far."""

    name: ClassVar[str] = "catcma"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def init(self, problem: Problem) -> CmaState:
        from cmaes import CatCMAwM

        decisions = problem.space.decisions()
        space = np.array([options(decision) for decision in decisions])
        return CmaState(problem, CatCMAwM(c_space=space, seed=problem.seed), [decision.name for decision in decisions])

    def ask(self, state: CmaState, n: int) -> Sequence[Proposal]:
        rng = np.random.default_rng(state.problem.seed)
        proposals = []
        for _ in range(n):
            solution = state.optimizer.ask()
            wanted = {name: int(row.argmax()) for name, row in zip(state.names, solution.c, strict=True)}

            def decide(decision: Decision, wanted: dict[str, int] = wanted) -> int:
                return wanted[decision.name]

            proposals.append(state.waiting.add(state.problem.space.decided(decide, rng), solution))
        return proposals

    def tell(self, state: CmaState, trials: Sequence[Trial]) -> CmaState:
        for trial in trials:
            if trial.status == "pending":
                continue
            loss = float(state.problem.objectives.losses(trial)[0])
            state.worst = max(state.worst, loss) if np.isfinite(loss) else state.worst
            state.population.append((state.waiting.take(trial), loss))
            if len(state.population) == state.optimizer.population_size:
                told = [(one, value if np.isfinite(value) else state.worst) for one, value in state.population]
                state.optimizer.tell(told)
                state.population = []
        return state


@dataclass
class CmaState:
    problem: Problem
    optimizer: Any
    names: list[str]
    waiting: Waiting = field(default_factory=Waiting)
    population: list[tuple[Any, float]] = field(default_factory=list)
    worst: float = -np.inf
