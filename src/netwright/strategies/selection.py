"""Choosing parents: tournaments under one or several objectives."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from netwright.objectives import Objectives, crowding, fronts
from netwright.trial import Trial


def tournament(population: Sequence[Trial], size: int, objectives: Objectives, rng: np.random.Generator) -> Trial:
    """The best of `size` members drawn without replacement."""
    drawn = rng.choice(len(population), size=min(size, len(population)), replace=False)
    return best([population[place] for place in drawn], objectives)


def best(trials: Sequence[Trial], objectives: Objectives) -> Trial:
    """By the objective, feasible first; with several objectives the least crowded of the first front."""
    if len(objectives.objectives) == 1:
        return min(trials, key=objectives.rank_key)
    return trials[order(trials, objectives)[0]]


def order(trials: Sequence[Trial], objectives: Objectives) -> list[int]:
    """Places from best to worst: by front, then by crowding distance (Deb et al. 2002, NSGA-II)."""
    if len(objectives.objectives) == 1:
        return sorted(range(len(trials)), key=lambda place: objectives.rank_key(trials[place]))
    losses = np.array([objectives.losses(trial) for trial in trials])
    violations = np.array([objectives.violation(trial) for trial in trials])
    places: list[int] = []
    for front in fronts(losses, violations):
        far = crowding(losses[front])
        places += [int(front[place]) for place in np.argsort(-far, kind="stable")]
    return places
