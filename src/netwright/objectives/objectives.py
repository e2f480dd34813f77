"""What "good" means in a search: objectives and constraints, the incumbent, the Pareto front."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from netwright.errors import InputError
from netwright.objectives.fronts import first_front
from netwright.objectives.metric import METRICS
from netwright.objectives.objective import Constraint, Objective
from netwright.trial import Trial


@dataclass(frozen=True)
class Objectives:
    """One or more objectives under constraints.

    Comparisons are constraint-dominated (Deb et al. 2002, NSGA-II): feasible before infeasible, less violation before
    more, then the objectives.
    """

    objectives: tuple[Objective, ...]
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        if not self.objectives:
            raise InputError("no objective", "for example --objective accuracy")
        if len(set(self.objectives)) < len(self.objectives):
            raise InputError("an objective is given twice", f"got {', '.join(map(str, self.objectives))}")
        for lower in self.constraints:
            for upper in self.constraints:
                if lower.metric == upper.metric and upper.upper and not lower.upper and _empty(lower, upper):
                    raise InputError(f"{lower} contradicts {upper}", "no network can meet both")

    @property
    def names(self) -> frozenset[str]:
        """Every metric that is asked for."""
        parts: tuple[Objective | Constraint, ...] = (*self.objectives, *self.constraints)
        return frozenset(part.metric for part in parts)

    @property
    def analytic(self) -> tuple[Constraint, ...]:
        """The constraints that are decided before training."""
        return tuple(c for c in self.constraints if METRICS[c.metric].source == "analytic")

    def losses(self, trial: Trial) -> np.ndarray:
        """(objectives,) float64 to minimise; inf where nothing was measured."""
        return np.array(self._losses(trial))

    def violation(self, trial: Trial) -> float:
        """Sum of the constraints' relative violations; 0 when feasible, inf for a trial without a measurement."""
        if trial.status != "completed":
            return math.inf
        return math.fsum(constraint.violation(trial.metric(constraint.metric)) for constraint in self.constraints)

    def feasible(self, trial: Trial) -> bool:
        """Completed and within every constraint."""
        return self.violation(trial) == 0.0

    def valid(self, trial: Trial) -> bool:
        """Completed, with a finite value for every objective and a value for every constraint."""
        return all(map(math.isfinite, self._losses(trial))) and self.violation(trial) < math.inf

    def rank_key(self, trial: Trial) -> tuple[float, float, int]:
        """Sorts the best first by the first objective: violation, loss, number."""
        return self.violation(trial), self._losses(trial)[0], trial.number

    def incumbent(self, trials: Iterable[Trial]) -> Trial | None:
        """The best by the first objective, feasible ones first; never one without a finite value."""
        return min(filter(self.valid, trials), key=self.rank_key, default=None)

    def front(self, trials: Iterable[Trial]) -> list[Trial]:
        """The trials that no other dominates, one a network (its earliest), sorted by the first objective."""
        earliest: dict[str, Trial] = {}
        for trial in sorted(filter(self.valid, trials), key=lambda trial: trial.number):
            earliest.setdefault(trial.key, trial)
        each = list(earliest.values())
        if not each:
            return []
        places = first_front(np.array([self._losses(t) for t in each]), np.array([self.violation(t) for t in each]))
        return sorted((each[place] for place in places), key=self.rank_key)

    def _losses(self, trial: Trial) -> list[float]:
        if trial.status != "completed":
            return [math.inf] * len(self.objectives)
        return [objective.loss(trial.metric(objective.metric)) for objective in self.objectives]


def _empty(lower: Constraint, upper: Constraint) -> bool:
    if lower.bound == upper.bound:
        return not (lower.op == ">=" and upper.op == "<=")
    return lower.bound > upper.bound
