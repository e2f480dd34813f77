"""Optuna's samplers at their defaults (Akiba et al. 2019, https://arxiv.org/abs/1907.10902), in memory."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

import numpy as np

from netwright.space import Decision
from netwright.strategies import Problem
from netwright.trial import Proposal, Trial
from peers.waiting import Waiting, options


@dataclass(frozen=True)
class OptunaPeer:
    """sampler: "tpe", "gp" or "nsga2"."""

    sampler: Literal["tpe", "gp", "nsga2"]
    name: ClassVar[str] = "optuna"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def init(self, problem: Problem) -> OptunaState:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        kind = {
            "tpe": optuna.samplers.TPESampler,
            "gp": optuna.samplers.GPSampler,
            "nsga2": optuna.samplers.NSGAIISampler,
        }[self.sampler]
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sampler = kind(seed=problem.seed)
        directions = ["minimize"] * len(problem.objectives.objectives)
        return OptunaState(problem, optuna.create_study(directions=directions, sampler=sampler))

    def ask(self, state: OptunaState, n: int) -> Sequence[Proposal]:
        rng = np.random.default_rng(state.problem.seed)
        proposals = []
        for _ in range(n):
            trial = state.study.ask()

            def decide(decision: Decision, trial: Any = trial) -> int:
                return int(trial.suggest_categorical(decision.name, range(options(decision))))

            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                proposals.append(state.waiting.add(state.problem.space.decided(decide, rng), trial))
        return proposals

    def tell(self, state: OptunaState, trials: Sequence[Trial]) -> OptunaState:
        import optuna

        for trial in trials:
            if trial.status == "pending":
                continue
            losses = [float(loss) for loss in state.problem.objectives.losses(trial)]
            if np.isfinite(losses).all():
                state.study.tell(state.waiting.take(trial), losses)
            else:
                state.study.tell(state.waiting.take(trial), state=optuna.trial.TrialState.FAIL)
        return state


@dataclass
class OptunaState:
    problem: Problem
    study: Any
    waiting: Waiting = field(default_factory=Waiting)
