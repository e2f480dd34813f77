"""Chooses a strategy by the size of the space, the budget, the fidelities and the objectives, and says why."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from netwright.strategies.base import AnyStrategy, Problem
from netwright.trial import Proposal, Trial

FEW, MANY = 10, 2000
"""Full evaluations: up to FEW a model has nothing to learn from; from MANY on it costs more time than it saves."""


class Case(NamedTuple):
    """What a choice depends on. trials: full evaluations that the budget allows, math.inf when not known; rungs: of the
    ladder of fidelities."""

    size: float
    trials: float
    several: bool
    rungs: int

    @classmethod
    def of(cls, problem: Problem) -> Case:
        several = len(problem.objectives.objectives) > 1
        return cls(problem.space.size(), problem.trials, several, len(problem.fidelities))


class Rule(NamedTuple):
    """reason: one sentence; {size} and {trials} stand for the numbers."""

    holds: Callable[[Case], bool]
    strategy: str
    reason: str


RULES = (
    Rule(
        lambda case: case.size <= case.trials < math.inf,
        "random",
        "the budget allows to measure all {size:,.0f} networks of the space, so nothing has to be guessed",
    ),
    Rule(
        lambda case: case.trials <= FEW and case.rungs > 1,
        "successive-halving",
        "for {trials:.0f} full evaluations only, many short trainings say more than a model could learn",
    ),
    Rule(
        lambda case: case.trials <= FEW,
        "random",
        "{trials:.0f} evaluations are too few to learn anything from",
    ),
    Rule(
        lambda case: case.several and MANY <= case.trials < math.inf,
        "nsga2",
        "with {trials:,.0f} evaluations evolution finds the front, and a model would take more time than it saves",
    ),
    Rule(
        lambda case: case.several,
        "ehvi",
        "evaluations are dear, and a model of each objective finds the front with the fewest",
    ),
    Rule(
        lambda case: MANY <= case.trials < math.inf,
        "regularized-evolution",
        "with {trials:,.0f} evaluations evolution gets there, and a model would take more time than it saves",
    ),
    Rule(
        lambda case: True,
        "npenas",
        "evaluations are dear, and evolution guided by a model of all results so far needs the fewest",
    ),
)


def choose(problem: Problem) -> tuple[AnyStrategy, str]:
    """The strategy for a problem, and the reason in a sentence.

    >>> from netwright.objectives import Objective, Objectives
    >>> from netwright.space import Space, choice, op
    >>> space, objectives = Space(op("conv", kernel=choice(3, 5, 7))), Objectives((Objective("accuracy"),))
    >>> choose(Problem(space, objectives, trials=100))[1]
    'the budget allows to measure all 3 networks of the space, so nothing has to be guessed'
    """
    from netwright.strategies import get

    case = Case.of(problem)
    rule = next(rule for rule in RULES if rule.holds(case))
    return get(rule.strategy), rule.reason.format(size=case.size, trials=case.trials)


@dataclass(frozen=True)
class Auto:
    """Delegates to the strategy that `choose` names for the problem."""

    name: ClassVar[str] = "auto"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = True

    def init(self, problem: Problem) -> AutoState:
        strategy, reason = choose(problem)
        return AutoState(strategy, reason, strategy.init(problem))

    def ask(self, state: AutoState, n: int) -> Sequence[Proposal]:
        return state.strategy.ask(state.inner, n)

    def tell(self, state: AutoState, trials: Sequence[Trial]) -> AutoState:
        state.inner = state.strategy.tell(state.inner, trials)
        return state


@dataclass
class AutoState:
    """strategy, reason: as chosen; inner: the strategy's state."""

    strategy: AnyStrategy
    reason: str
    inner: Any
