"""The frozen data that everything passes on: Proposal, Fidelity, Measurement, Cost, Trial.

A strategy makes a `Proposal`; an evaluator answers with a `Measurement`; a `Trial` is both under one number,
with its status. All of it goes to plain data and back (`to_dict`, `from_dict`), which is what the store keeps.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from netwright.space import Architecture, Space

Status = Literal["pending", "running", "completed", "failed"]
Phase = Literal["screening", "sharing", "search", "control", "promotion", "final"]


@dataclass(frozen=True, slots=True)
class Fidelity:
    """How much of the full evaluation to pay for. `None` epochs: the evaluator's own default.

    epochs: passes over the (sub-sampled) training data; data: fraction of the training split in (0, 1];
    resolution: fraction of the input's height and width in (0, 1]; width: fraction of the channels in (0, 1]; seconds:
    of training and scoring, which the evaluator turns into as many epochs on as much data as the network at hand, slow
    or fast, has time for; then `epochs` is the most, as passes over all training data.
    """

    epochs: float | None = None
    data: float = 1.0
    resolution: float = 1.0
    seconds: float | None = None
    width: float = 1.0


UNTRAINED = Fidelity(epochs=0.0)
"""Of networks that are judged without being trained."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a strategy wants evaluated.

    parents: trial numbers it descends from; origin: how it came about, for people ("mutation", "baseline: lenet-s");
    seed: training seed; None lets the loop derive one from the search's seed and the trial's number; inherit: training
    begins with the weights that the parents left, where operations are the same.
    """

    architecture: Architecture
    fidelity: Fidelity = Fidelity()
    parents: tuple[int, ...] = ()
    origin: str = ""
    seed: int | None = None
    inherit: bool = False

    def to_dict(self) -> dict[str, Any]:
        return {
            "space": self.architecture.space.name,
            "choices": self.architecture.to_dict(),
            "fidelity": asdict(self.fidelity),
            "parents": list(self.parents),
            "origin": self.origin,
            "seed": self.seed,
            "inherit": self.inherit,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any], spaces: Mapping[str, Space], key: str | None = None) -> Proposal:
        """`spaces`: name -> Space, to rebuild the architecture in; key: the architecture's, if known."""
        return cls(
            architecture=spaces[data["space"]].architecture(data["choices"], key),
            fidelity=Fidelity(**data["fidelity"]),
            parents=tuple(data["parents"]),
            origin=data["origin"],
            seed=data["seed"],
            inherit=data.get("inherit", False),
        )


@dataclass(frozen=True, slots=True)
class Cost:
    """What an evaluation took. Seconds, MiB, watt-hours; None where it could not be read."""

    wall_s: float = 0.0
    cpu_s: float = 0.0
    gpu_s: float = 0.0
    peak_memory_mb: float | None = None
    energy_wh: float | None = None


@dataclass(frozen=True, slots=True)
class Measurement:
    """What an evaluation found.

    metrics: validation quality, sizes and speeds by metric name (see `netwright.objectives.METRICS`);
    test: the same quality metrics on the test split, present only for final trainings;
    curve: one dict an epoch ({"epoch": 1, "loss": …, "accuracy": …}); fidelity: what was really paid
    (epochs run before a deadline, …); artifacts: name -> path relative to the search folder.
    """

    metrics: Mapping[str, float]
    test: Mapping[str, float] = field(default_factory=dict)
    curve: tuple[Mapping[str, float], ...] = ()
    cost: Cost = Cost()
    fidelity: Fidelity = Fidelity()
    artifacts: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        data = asdict(self)
        data["curve"] = [dict(point) for point in self.curve]
        data["notes"] = list(self.notes)
        return data

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Measurement:
        fields = dict(data)
        fields["curve"] = tuple(fields["curve"])
        fields["notes"] = tuple(fields["notes"])
        fields["cost"] = Cost(**fields["cost"])
        fields["fidelity"] = Fidelity(**fields["fidelity"])
        return cls(**fields)


FailureReason = Literal["error", "timeout", "memory", "not-a-number", "killed", "invalid"]


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a trial gave no measurement: the reason in a word, the message for people."""

    reason: FailureReason
    message: str


def folder_name(number: int) -> str:
    """Of a trial's folder, beside those of the others."""
    return f"{number:06d}"


@dataclass(frozen=True, slots=True)
class Trial:
    """One evaluation, from proposal to outcome. `number` counts from 0 within a search, over all phases.

    started, finished: seconds since the search began (budget clock), None before.
    """

    number: int
    proposal: Proposal
    phase: Phase = "search"
    status: Status = "pending"
    measurement: Measurement | None = None
    failure: Failure | None = None
    started: float | None = None
    finished: float | None = None
    worker: str = ""

    @property
    def key(self) -> str:
        """The architecture's canonical identity."""
        return self.proposal.architecture.key

    @property
    def folder(self) -> str:
        """Where its artifacts lie, relative to the search's folder."""
        return f"trials/{folder_name(self.number)}"

    def metric(self, name: str) -> float:
        """The measured value of a metric, NaN where there is none."""
        if self.measurement is None:
            return math.nan
        return float(self.measurement.metrics.get(name, math.nan))

    def begin(self, started: float) -> Trial:
        return replace(self, status="running", started=started)

    def complete(self, measurement: Measurement, finished: float | None = None) -> Trial:
        return replace(self, status="completed", measurement=measurement, finished=finished)

    def fail(self, failure: Failure, finished: float | None = None) -> Trial:
        return replace(self, status="failed", failure=failure, finished=finished)
