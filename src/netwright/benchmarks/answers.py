"""What a proposed trial comes to: looked up in a table, and made harder by wrappers around that."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from netwright.benchmarks.table import Table
from netwright.trial import Cost, Failure, Measurement, Trial


class Answers(Protocol):
    """Ends a trial. rng: this trial's own generator."""

    def end(self, trial: Trial, rng: np.random.Generator) -> Trial: ...


@dataclass(frozen=True)
class Lookup:
    """The table's results; a trial of which a metric is not known fails."""

    table: Table
    wanted: tuple[str, ...]

    def end(self, trial: Trial, rng: np.random.Generator) -> Trial:
        fidelity = trial.proposal.fidelity
        row, rung = self.table.row(trial.proposal.architecture), self.table.rung(fidelity)
        metrics = self.table.measured(row, rung)
        unknown = [name for name in self.wanted if not np.isfinite(metrics[name])]
        if unknown:
            return trial.fail(Failure("not-a-number", f"no {', '.join(unknown)} is known"))
        cost = Cost(wall_s=float(self.table.durations[row]) * self.table.share(rung))
        return trial.complete(Measurement(metrics=metrics, cost=cost, fidelity=fidelity))


@dataclass(frozen=True)
class Noisy:
    """Normal noise on one metric. deviation: in the metric's own unit."""

    inner: Answers
    metric: str
    deviation: float

    def end(self, trial: Trial, rng: np.random.Generator) -> Trial:
        ended = self.inner.end(trial, rng)
        if ended.measurement is None:
            return ended
        noise = float(rng.normal(0.0, self.deviation))
        metrics = {**ended.measurement.metrics, self.metric: ended.metric(self.metric) + noise}
        return replace(ended, measurement=replace(ended.measurement, metrics=metrics))


@dataclass(frozen=True)
class Failing:
    """Trials fail by chance. rate: the share of them."""

    inner: Answers
    rate: float

    def end(self, trial: Trial, rng: np.random.Generator) -> Trial:
        failed = rng.random() < self.rate
        return trial.fail(Failure("error", "failed by chance")) if failed else self.inner.end(trial, rng)


@dataclass(frozen=True)
class Infeasible:
    """Architectures of a region fail always, and nothing tells so before. region: (N,) bool, by the table's rows."""

    inner: Answers
    table: Table
    region: NDArray[np.bool_]

    def end(self, trial: Trial, rng: np.random.Generator) -> Trial:
        if self.region[self.table.row(trial.proposal.architecture)]:
            return trial.fail(Failure("invalid", "in the infeasible region"))
        return self.inner.end(trial, rng)
