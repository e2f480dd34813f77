"""Results of an earlier search in the terms of this one: its networks in this space, its values as they would be
here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from netwright.objectives import METRICS, Objectives
from netwright.predictors import kendall
from netwright.space import Architecture, Decision, Space, Value
from netwright.trial import Measurement, Trial


class _Missing(Exception):
    """The architecture has no counterpart."""


def translated(architecture: Architecture, space: Space) -> Architecture | None:
    """The architecture of `space` that makes the same decisions, by name and by what the values stand for, so that
    options may have moved. None where one is missing, impossible here or left over."""
    bare = replace(space, constraints=())
    try:
        found = bare.decided(lambda decision: _value(decision, architecture), np.random.default_rng(0))
    except _Missing:
        return None
    if found.choices.keys() != architecture.choices.keys() or not space.allows(found):
        return None
    return space.architecture(found.to_dict())


def _value(decision: Decision, architecture: Architecture) -> Value:
    if decision.name not in architecture.choices:
        raise _Missing
    meaning = architecture.decisions[decision.name].resolve(architecture.choices[decision.name])
    value: object = meaning
    if decision.kind == "choice":
        value = _place(decision, meaning)
    elif decision.kind == "subset":
        value = tuple(sorted(_place(decision, one) for one in meaning)) if isinstance(meaning, tuple) else None
    if not decision.allows(value):
        raise _Missing
    return value  # type: ignore[return-value]


def _place(decision: Decision, meaning: object) -> int:
    for place, option in enumerate(decision.options):
        if type(option) is type(meaning) and option == meaning:
            return place
    raise _Missing


@dataclass(frozen=True)
class Line:
    """value -> here + slope * (value - there): the Theil-Sen line (Sen 1968,
    https://doi.org/10.1080/01621459.1968.10480934), which outliers hardly move. slope: at least 0."""

    there: float
    here: float
    slope: float

    @classmethod
    def fitted(cls, earlier: np.ndarray, new: np.ndarray) -> Line:
        """(n,), (n,) values of the same networks."""
        slopes = [
            (new[i] - new[j]) / (earlier[i] - earlier[j])
            for i, j in combinations(range(len(new)), 2)
            if earlier[i] != earlier[j]
        ]
        slope = max(0.0, float(np.median(slopes))) if slopes else 0.0
        return cls(float(np.median(earlier)), float(np.median(new)), slope)

    def at(self, value: float) -> float:
        return self.here + self.slope * (value - self.there)


def agreement(pairs: Sequence[tuple[Trial, Trial]], objectives: Objectives) -> float:
    """Kendall's rank correlation of (earlier, new) results of the same networks, the mean over the objectives that
    depend on the task; 1 where none does.

    NaN for fewer than three pairs.
    """
    if len(pairs) < 3:
        return float("nan")
    names = [one.metric for one in objectives.objectives if METRICS[one.metric].source != "analytic"]
    return float(np.mean([kendall(*_columns(pairs, name)) for name in names])) if names else 1.0


def lines(pairs: Sequence[tuple[Trial, Trial]], objectives: Objectives) -> dict[str, Line]:
    """For each metric asked for that depends on the task or the machine, how earlier values become values here."""
    names = sorted(name for name in objectives.names if METRICS[name].source != "analytic")
    return {name: Line.fitted(*_columns(pairs, name)) for name in names}


def foretold(trial: Trial, by: Mapping[str, Line]) -> Trial:
    """The trial with values as they would be here."""
    metrics = {} if trial.measurement is None else trial.measurement.metrics
    here = {name: by[name].at(value) if name in by else value for name, value in metrics.items()}
    return replace(trial, measurement=Measurement(here))


def _columns(pairs: Sequence[tuple[Trial, Trial]], name: str) -> tuple[np.ndarray, np.ndarray]:
    earlier, new = np.array([[one.metric(name), other.metric(name)] for one, other in pairs]).T
    return earlier, new
