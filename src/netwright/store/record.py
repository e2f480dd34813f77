"""One line of the log, and how trials go into payloads and come back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from netwright.trial import Failure, Measurement, Trial

Ended = Literal["completed", "failed"]
Kind = Literal["proposed"] | Ended
KINDS = ("proposed", "completed", "failed")


@dataclass(frozen=True, slots=True)
class Record:
    """What happened to a trial, as it was then. seq: 1, 2, … without gaps, in the order of writing."""

    seq: int
    kind: Kind
    trial: Trial


def proposed(trial: Trial) -> dict[str, Any]:
    """The payload of a "proposed" record."""
    return {"phase": trial.phase, "proposal": trial.proposal.to_dict()}


def ended(trial: Trial, worker: str, started: float | None) -> dict[str, Any]:
    """The payload of a "completed" or "failed" record. worker, started: where the trial itself does not say."""
    payload: dict[str, Any] = {
        "worker": trial.worker or worker,
        "started": started if trial.started is None else trial.started,
        "finished": trial.finished,
    }
    if trial.measurement is not None:
        payload["measurement"] = trial.measurement.to_dict()
    if trial.failure is not None:
        payload["failure"] = {"reason": trial.failure.reason, "message": trial.failure.message}
    return payload


def end(trial: Trial, kind: Ended, payload: Mapping[str, Any]) -> Trial:
    """The pending `trial` as the payload of its end says."""
    found, failed = payload.get("measurement"), payload.get("failure")
    return replace(
        trial,
        status=kind,
        worker=payload["worker"],
        started=payload["started"],
        finished=payload["finished"],
        measurement=None if found is None else Measurement.from_dict(found),
        failure=None if failed is None else Failure(**failed),
    )
