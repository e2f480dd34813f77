"""PyGlove's regularised evolution at its defaults (Peng et al. 2020, https://arxiv.org/abs/2101.08809)."""

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
class PygloveEvolution:
    """population_size and tournament_size as in PyGlove."""

    population_size: int = 100
    tournament_size: int = 10
    name: ClassVar[str] = "pyglove-evolution"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def init(self, problem: Problem) -> PygloveState:
        import pyglove as pg

        names = [decision.name for decision in problem.space.decisions()]
        space = pg.List([pg.oneof(list(range(options(decision)))) for decision in problem.space.decisions()])
        algorithm = pg.evolution.regularized_evolution(
            population_size=self.population_size, tournament_size=self.tournament_size, seed=problem.seed
        )
        algorithm.setup(pg.dna_spec(space))
        return PygloveState(problem, algorithm, names)

    def ask(self, state: PygloveState, n: int) -> Sequence[Proposal]:
        rng = np.random.default_rng(state.problem.seed)
        proposals = []
        for _ in range(n):
            dna = state.algorithm.propose()
            wanted = dict(zip(state.names, dna.to_numbers(), strict=True))

            def decide(decision: Decision, wanted: dict[str, Any] = wanted) -> int:
                return int(wanted[decision.name])

            proposals.append(state.waiting.add(state.problem.space.decided(decide, rng), dna))
        return proposals

    def tell(self, state: PygloveState, trials: Sequence[Trial]) -> PygloveState:
        for trial in trials:
            if trial.status == "pending":
                continue
            dna = state.waiting.take(trial)
            loss = float(state.problem.objectives.losses(trial)[0])
            if np.isfinite(loss):
                state.algorithm.feedback(dna, -loss)
        return state


@dataclass
class PygloveState:
    problem: Problem
    algorithm: Any
    names: list[str]
    waiting: Waiting = field(default_factory=Waiting)
