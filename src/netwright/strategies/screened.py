"""Any strategy behind a predictor: it proposes several times as many networks as are wanted, and those that a predictor
of quality thinks best are trained (Dudziak et al. 2020, "BRP-NAS", https://arxiv.org/abs/2007.08668).

The predictor is a Gaussian process over decisions and cheap scores. What it thinks best is drawn from what it believes,
so that it is not always the same, and with several objectives each counts in turn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.predictors import even
from netwright.strategies.base import AnyStrategy, Problem
from netwright.strategies.belief import Surrogates
from netwright.strategies.guided import evidence
from netwright.strategies.wrapping import Wrapping
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class Screened(Wrapping):
    """strategy: what proposes; ahead: how many proposals each that is trained is the best of; founders: measured
    networks from which on the predictor is asked. What the strategy can do is what the one inside can."""

    strategy: AnyStrategy
    ahead: int = 10
    founders: int = 8

    def __post_init__(self) -> None:
        if self.ahead < 1 or self.founders < 2:
            raise InputError(f"a screen needs ahead >= 1 and founders >= 2, got {self.ahead} and {self.founders}")
        super().__post_init__()

    def init(self, problem: Problem) -> ScreenState:
        known = Surrogates(evidence(problem, ("decisions", "scores")), even)
        return ScreenState(self.strategy.init(problem), known)

    def ask(self, state: ScreenState, n: int) -> Sequence[Proposal]:
        if len(state.known.evidence.measured) < self.founders:
            return self.strategy.ask(state.inner, n)
        pool = self.strategy.ask(state.inner, n * self.ahead)
        if len(pool) <= n:
            return pool
        belief = state.known.believe([one.architecture for one in pool])
        rng = state.known.evidence.memory.generator()
        objective = belief.losses[int(rng.integers(len(belief.losses)))]
        drawn = objective.mean + 0.5 * objective.deviation * rng.standard_normal(len(pool))
        worth = drawn - np.log(np.maximum(1e-9, belief.feasible()))
        return [pool[place] for place in np.argsort(worth, kind="stable")[:n]]

    def tell(self, state: ScreenState, trials: Sequence[Trial]) -> ScreenState:
        for trial in trials:
            state.known.evidence.note(trial)
        state.inner = self.strategy.tell(state.inner, trials)
        return state


@dataclass
class ScreenState:
    """inner: the strategy's state; known: what the predictor learns from."""

    inner: Any
    known: Surrogates
