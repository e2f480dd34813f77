"""What networks that were not trained are worth, foretold from those that a search measured."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netwright import surrogates
from netwright.errors import InputError
from netwright.insight.record import Record, read
from netwright.insight.status import open_search
from netwright.loop.feasibility import Feasible, Scored, distinct, restrict
from netwright.objectives import METRICS
from netwright.operations import Signature
from netwright.space import Architecture, Space
from netwright.store import Store
from netwright.surrogates import Describer, calibrate
from netwright.tasks import Task
from netwright.trial import UNTRAINED, Trial


@dataclass(frozen=True)
class Guess:
    """value, low, high: of the metric, expected and with the interval's ends; measured: where it was, else NaN."""

    architecture: Architecture
    value: float
    low: float
    high: float
    params: float
    measured: float = math.nan


@dataclass(frozen=True)
class Forecast:
    """guesses: the best first; metric: what is foretold; learnt_from: measured networks; tau: Kendall's rank
    correlation of values known with values foretold from the others; covered: the share of them inside their
    intervals."""

    guesses: tuple[Guess, ...]
    metric: str
    surrogate: str
    learnt_from: int
    tau: float
    covered: float
    coverage: float

    def to_dict(self) -> dict[str, Any]:
        return {
            "schema": "netwright.forecast/1",
            "metric": self.metric,
            "surrogate": self.surrogate,
            "learnt_from": self.learnt_from,
            "kendall_tau": self.tau,
            "coverage": {"aimed_at": self.coverage, "cross_validated": self.covered},
            "networks": [
                {
                    "key": guess.architecture.key,
                    "architecture": guess.architecture.to_dict(),
                    "value": guess.value,
                    "interval": [guess.low, guess.high],
                    "params": guess.params,
                    "measured": guess.measured,
                }
                for guess in self.guesses
            ],
        }


def forecast(
    directory: Path,
    given: Sequence[Mapping[str, Any]] = (),
    *,
    sample: int = 20,
    surrogate: str = surrogates.DEFAULT,
    coverage: float = 0.9,
    seed: int = 0,
) -> Forecast:
    """Foretells the quality of networks of a search's space.

    given: choices of architectures; where there are none, as many random networks that meet the constraints as
    `sample`. Raises InputError where the search measured fewer than five networks, or its space is not kept with it.
    """
    with open_search(directory) as store:
        record, space, task = read(store, directory), _space(store, directory), Task.load(directory / "data")
    known = _measured(record, space)
    if len(known) < 5:
        raise InputError(f"{directory} has measured {len(known)} networks", "five are needed to foretell others")
    scores = Scored(task.signature)
    describe = Describer(space, scores)
    sign = 1.0 if METRICS[record.quality].maximise else -1.0
    values = np.array([sign * trial.metric(record.quality) for trial in known])
    described = describe([trial.proposal.architecture for trial in known])
    model = calibrate(surrogates.get(surrogate), described, values, coverage, seed)
    wanted = [space.architecture(dict(one)) for one in given] or _drawn(record, space, task.signature, sample, seed)
    found = model(describe(wanted))
    measured = {trial.key: trial.metric(record.quality) for trial in known}
    low, high = (found.low, found.high) if sign > 0 else (-found.high, -found.low)
    metric = METRICS[record.quality]
    ends = np.clip(np.stack([sign * found.value, low, high], 1), metric.least, metric.most).tolist()
    guesses = [
        Guess(one, value, least, most, scores(one)["params"], measured.get(one.key, math.nan))
        for one, (value, least, most) in zip(wanted, ends, strict=True)
    ]
    guesses.sort(key=lambda guess: -sign * guess.value)
    name = record.quality
    return Forecast(tuple(guesses), name, surrogate, len(known), model.tau, model.covered, coverage)


def _space(store: Store, directory: Path) -> Space:
    spaces, name = store.spaces(), store.get("space")
    if name not in spaces:
        raise InputError(
            f"the search in {directory} used a space made by Python code", "it is not kept with the search"
        )
    return spaces[name]


def _measured(record: Record, space: Space) -> list[Trial]:
    """One trained trial of each network of the space, those at the fidelity that most have."""
    done = [
        trial
        for trial in record.phase("search", "control")
        if trial.status == "completed"
        and trial.proposal.architecture.space.name == space.name
        and trial.proposal.fidelity != UNTRAINED
        and math.isfinite(trial.metric(record.quality))
    ]
    fidelities = [trial.proposal.fidelity for trial in done]
    usual = max(set(fidelities), key=fidelities.count, default=None)
    return list({trial.key: trial for trial in done if trial.proposal.fidelity == usual}.values())


def _drawn(record: Record, space: Space, signature: Signature, count: int, seed: int) -> list[Architecture]:
    """Distinct random networks that meet the constraints."""
    allowed = restrict(space, Feasible(signature, record.objectives.analytic))
    drawn = distinct(allowed, count, seed, 10 * count)
    return [space.architecture(one.to_dict()) for one in drawn]
