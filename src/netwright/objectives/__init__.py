"""What "good" means: metrics, objectives, constraints, Pareto fronts."""

from __future__ import annotations

from netwright.objectives.fronts import crowding, dominates, first_front, fronts, hypervolume
from netwright.objectives.metric import METRICS, Metric
from netwright.objectives.objective import Constraint, Objective
from netwright.objectives.objectives import Objectives

__all__ = [
    "METRICS",
    "Constraint",
    "Metric",
    "Objective",
    "Objectives",
    "crowding",
    "dominates",
    "first_front",
    "fronts",
    "hypervolume",
]
