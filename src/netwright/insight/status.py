"""Where a search stands: what `netwright status DIR` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netwright.insight.ledger import PHASES
from netwright.insight.record import Record, contest, read
from netwright.store import Store, open_in
from netwright.trial import Trial


def status(directory: Path | str, store: Store | None = None) -> dict[str, Any]:
    """The state of the search in a folder, running or not.

    trials: {status: count}; phases: {phase: {status: count}}; phase: the one under way, "done" when the search has its
    summary; elapsed: seconds on the search's clock at its last event; incumbent: the best so far or None;
    running: [{trial, phase, architecture, origin, started, progress}]; failures: the last few messages.
    store: when already open. Raises InputError when the folder holds no search.
    """
    directory = Path(directory)
    opened = store or open_search(directory)
    record, done = read(opened, directory), opened.get("summary") is not None
    return {
        "schema": "netwright.status/1",
        "directory": str(directory),
        "phase": "done" if done else _phase(record),
        "budget": record.settings.get("budget"),
        "method": record.settings.get("method"),
        "elapsed": round(record.elapsed, 3),
        "trials": dict(Counter(trial.status for trial in record.trials)),
        "phases": {phase: dict(Counter(trial.status for trial in record.phase(phase))) for phase in PHASES},
        "incumbent": _incumbent(record),
        "running": _running(record, opened.progresses()),
        "failures": [_failure(trial) for trial in record.trials if trial.status == "failed"][-5:],
    }


def open_search(directory: Path) -> Store:
    """The store of a search folder; InputError when there is none."""
    return open_in(directory)


def _phase(record: Record) -> str | None:
    """The phase of what runs, else the latest one that has trials."""
    active = [trial.phase for trial in record.trials if trial.status in ("pending", "running")]
    known = active or [trial.phase for trial in record.trials]
    return max(known, key=PHASES.index, default=None)


def _incumbent(record: Record) -> dict[str, Any] | None:
    best = contest(record).best
    if best is None:
        return None
    metrics = {objective.metric: best.lead.metric(objective.metric) for objective in record.objectives.objectives}
    return {
        "trial": best.lead.number,
        "phase": best.lead.phase,
        "key": best.key,
        "architecture": best.lead.proposal.architecture.describe(),
        "validation": best.validation(),
        "metrics": metrics,
        "params": best.size("params"),
    }


def _running(record: Record, progresses: Mapping[int, Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [
        {
            "trial": trial.number,
            "phase": trial.phase,
            "architecture": trial.proposal.architecture.describe(),
            "origin": trial.proposal.origin,
            "started": trial.started,
            "progress": dict(progresses.get(trial.number) or {}),
        }
        for trial in record.trials
        if trial.status == "running"
    ]


def _failure(trial: Trial) -> dict[str, Any]:
    reason = trial.failure.reason if trial.failure else "error"
    return {"trial": trial.number, "reason": reason, "message": trial.failure.message if trial.failure else ""}
