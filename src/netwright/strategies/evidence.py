"""What a model-based strategy has been told, as arrays for predictors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netwright.objectives import Constraint
from netwright.predictors import Encodings, Rows
from netwright.space import Architecture
from netwright.strategies.memory import Memory
from netwright.strategies.selection import order
from netwright.trial import Trial

Floats = NDArray[np.float64]
Places = NDArray[np.int64]
ELITE = 50
FARTHEST = 3.0
"""How far from a constraint's bound, in bounds, makes no difference any more."""


@dataclass
class Evidence:
    """measured: completed trials with finite losses; rows: their encodings; losses: what they got; slacks: of each
    constraint, how far above it they are, in bounds (below 0: it holds); pending: by number, what is under way; elite:
    the best, best first."""

    memory: Memory
    encodings: Encodings = field(repr=False, compare=False)
    measured: list[Trial] = field(default_factory=list)
    rows: list[Rows] = field(default_factory=list)
    losses: list[Floats] = field(default_factory=list)
    slacks: list[Floats] = field(default_factory=list)
    pending: dict[int, Architecture] = field(default_factory=dict)
    elite: list[Trial] = field(default_factory=list)

    def note(self, trial: Trial) -> None:
        """Takes a trial in as it stands."""
        self.memory.note(trial)
        if trial.status == "pending":
            self.pending[trial.number] = trial.proposal.architecture
            return
        self.pending.pop(trial.number, None)
        losses = self.memory.objectives.losses(trial)
        if trial.status == "completed" and np.isfinite(losses).all():
            self.measured.append(trial)
            self.rows.append(self.encodings([trial.proposal.architecture]))
            self.losses.append(losses)
            self.slacks.append(np.array([slack(trial, one) for one in self.memory.objectives.constraints]))
            self.elite.append(trial)
            self.elite = [self.elite[place] for place in order(self.elite, self.memory.objectives)[:ELITE]]

    def broken(self) -> list[Floats]:
        """(N,) The slack of each constraint that was ever broken."""
        return [column for column in np.stack(self.slacks).T if column.max() > 0]

    def parts(self, places: Sequence[int] | Places) -> Rows:
        """The encodings of some of what was measured."""
        return tuple(np.concatenate(part) for part in zip(*(self.rows[place] for place in places), strict=True))


def slack(trial: Trial, constraint: Constraint) -> float:
    """How far a trial is above a constraint."""
    value = trial.metric(constraint.metric)
    if math.isnan(value):
        return FARTHEST
    away = (value - constraint.bound) / (abs(constraint.bound) or 1.0)
    return float(np.clip(away if constraint.upper else -away, -FARTHEST, FARTHEST))


def kept(values: Floats, most: int) -> Places:
    """Places of at most so many of the values: the lowest half of them, and the others spread over the rest.

    >>> kept(np.array([5.0, 1.0, 4.0, 0.0, 3.0]), 4).tolist()
    [0, 1, 2, 3]
    """
    count = len(values)
    if count <= most:
        return np.arange(count)
    ranked = np.argsort(values, kind="stable")
    best = most // 2
    spread = best + np.linspace(0, count - best - 1, most - best).round().astype(int)
    return np.asarray(np.sort(ranked[np.concatenate([np.arange(best), spread])]))


def milestone(count: int) -> int:
    """The largest of 2, 3, 4, 5, 6, 7, 8, 10, ... (a quarter more each time) that is not above `count`."""
    reached = 2
    while reached + max(1, reached // 4) <= count:
        reached += max(1, reached // 4)
    return reached
