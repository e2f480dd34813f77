"""What a run had found at any point: the incumbent's test quality, its regret, the hypervolume of the front."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np

from netwright.benchmarks.run import Run, Setting
from netwright.benchmarks.table import Floats, Table
from netwright.objectives import hypervolume
from netwright.objectives.fronts import first_front

NEAR = 0.1
"""Points within which a test quality counts as the optimum."""
MARGIN = 0.1
"""How far beyond the worst of the true front the reference point of the hypervolume lies, by the front's extent."""
Axis = Literal["spent", "times"]


@dataclass(frozen=True)
class Judge:
    """Reads runs against the table that they were made on.

    Only full evaluations count. Before the first one that succeeded nothing is known: then the regret is that of an
    architecture drawn blindly, the mean of the table, and the hypervolume is 0.
    """

    table: Table
    setting: Setting

    @cached_property
    def feasible(self) -> np.ndarray:
        """(N,) bool."""
        return ~self.setting.condition.region(self.table)

    @cached_property
    def optimum(self) -> float:
        """The best test quality of all feasible rows, in the metric's own unit."""
        return float(self.table.test[self.feasible][self.table.losses[self.feasible].argmin()])

    @cached_property
    def regrets(self) -> Floats:
        """(N + 1,) regret of each row in points; last that of nothing found."""
        losses = (self.table.losses - self.table.losses[self.feasible].min()) * self.table.scale
        return np.append(losses, losses[self.feasible].mean())

    @property
    def floor(self) -> float:
        """Regret of the architecture that validates best: where a search that finds everything ends."""
        validation = np.where(self.feasible, self.table.validation[-1], -np.inf if self.maximise else np.inf)
        return float(self.regrets[validation.argmax() if self.maximise else validation.argmin()])

    def incumbents(self, run: Run) -> list[int]:
        """The row of the incumbent after each trial; -1 where there is none."""
        full, sign = len(self.table.fidelities) - 1, -1.0 if self.maximise else 1.0
        found, best, row = [], np.inf, -1
        for place, rung, told in zip(run.rows, run.rungs, run.told, strict=True):
            if rung == full and told is not None and sign * told < best:
                best, row = sign * told, place
            found.append(row)
        return found

    def regret(self, run: Run, at: Sequence[float], axis: Axis = "spent") -> Floats:
        """(len(at),) regret when so much was spent, or so much time had passed."""
        rows = np.array([-1, *self.incumbents(run)])
        return np.asarray(self.regrets[rows[self._places(run, at, axis)]])

    def first_near(self, run: Run, chosen: bool = True) -> float:
        """Full evaluations spent until the incumbent is within `NEAR` points of the optimum for the first time; not
        `chosen`: until such an architecture has been evaluated at all. inf: never."""
        full = len(self.table.fidelities) - 1
        rows = (
            self.incumbents(run)
            if chosen
            else [
                row if rung == full and told is not None else -1
                for row, rung, told in zip(run.rows, run.rungs, run.told, strict=True)
            ]
        )
        near = np.flatnonzero([row >= 0 and self.regrets[row] <= NEAR + 1e-9 for row in rows])
        return run.spent[near[0]] if len(near) else np.inf

    def hypervolume(self, run: Run, at: Sequence[float], axis: Axis = "spent") -> Floats:
        """(len(at),) share of the true front's hypervolume that the front found has. Found by what was told, measured
        by what is reported."""
        places = self._places(run, at, axis)
        full = len(self.table.fidelities) - 1
        known: dict[int, float] = {}
        volumes, done = dict[int, float](), 0
        for stop in sorted({int(place) for place in places}):
            for place in range(done, stop):
                told = run.told[place]
                if told is not None and run.rungs[place] == full:
                    known[run.rows[place]] = told
            done = stop
            volumes[stop] = self._volume(known)
        return np.array([volumes[int(place)] for place in places])

    def _volume(self, known: dict[int, float]) -> float:
        if not known:
            return 0.0
        rows = np.array(list(known))
        told = self._losses[rows].copy()
        told[:, 0] = np.array(list(known.values())) * (-1.0 if self.maximise else 1.0)
        found = rows[first_front(told)]
        return hypervolume(self._losses[found], self._reference) / self._whole

    @property
    def maximise(self) -> bool:
        """Whether higher quality is better."""
        return self.setting.objectives.objectives[0].maximise

    def _places(self, run: Run, at: Sequence[float], axis: Axis) -> np.ndarray:
        """How many trials had ended then."""
        return np.searchsorted(np.array(getattr(run, axis)), np.asarray(at) + 1e-9, side="right")

    @cached_property
    def _losses(self) -> Floats:
        """(N, M): the test quality and the other objectives, to be made small; inf where unknown."""
        others = [self.table.metrics[one.metric] for one in self.setting.objectives.objectives[1:]]
        losses = np.stack([self.table.losses, *others], axis=1)
        return np.where(np.isfinite(losses), losses, np.inf)

    @cached_property
    def _true_front(self) -> Floats:
        losses = self._losses[self.feasible & np.isfinite(self._losses).all(axis=1)]
        return np.asarray(losses[first_front(losses)])

    @cached_property
    def _reference(self) -> Floats:
        low, high = self._true_front.min(axis=0), self._true_front.max(axis=0)
        return np.asarray(high + MARGIN * np.where(high > low, high - low, 1.0))

    @cached_property
    def _whole(self) -> float:
        return hypervolume(self._true_front, self._reference)
