"""The harness: runs what is not yet there, keeps it, and writes the results."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from netwright.benchmarks.folder import Folder, Label, opened
from netwright.benchmarks.plan import Plan
from netwright.benchmarks.pool import Task, outcomes
from netwright.benchmarks.results import summarise

RESULTS, REPORT = "results.json", "report.html"


@dataclass(frozen=True)
class Progress:
    """done, total: runs, those kept from before included; label: the one that has just ended; seconds_left: at the
    pace so far, None before the first; failure: why it gave no result, "" where it did."""

    done: int
    total: int
    label: Label | None = None
    seconds_left: float | None = None
    failure: str = ""


def _silent(_: Progress) -> None:
    return None


def benchmark(
    plan: Plan, directory: Path | str, *, jobs: int = 1, observer: Callable[[Progress], None] = _silent
) -> dict[str, Any]:
    """Runs every strategy of a plan with every seed under every condition, and returns the results (`results.json`).

    directory: where each run is kept when it ends, and the results and the report are written; what is there already
    is not run again. A strategy that raises an error is left out of the comparison and listed under "failed".
    """
    folder_path = Path(directory)
    with opened(folder_path, plan) as folder:
        failed = _run(plan, folder, jobs, observer)
        results = {**summarise(plan, folder.runs, failed), "directory": str(folder_path)}
        (folder_path / RESULTS).write_text(json.dumps(results, indent=1, allow_nan=False) + "\n", encoding="utf-8")
        from netwright.benchmarks.report.page import page

        (folder_path / REPORT).write_text(page(plan, folder.runs, results), encoding="utf-8")
    return results


def _run(plan: Plan, folder: Folder, jobs: int, observer: Callable[[Progress], None]) -> list[dict[str, Any]]:
    """Runs what is missing; the failures."""
    every = {label_of(plan, task): task for task in tasks_of(plan)}
    missing = {task: label for label, task in every.items() if label not in folder.runs}
    done, began, failed = len(every) - len(missing), time.monotonic(), list[dict[str, Any]]()
    observer(Progress(done, len(every)))
    for place, (task, outcome) in enumerate(outcomes(plan, list(missing), jobs), start=1):
        label, failure = missing[task], ""
        if isinstance(outcome, str):
            failure = outcome
            failed.append({**vars(label), "error": failure})
        else:
            folder.keep(label, outcome)
        left = (time.monotonic() - began) / place * (len(missing) - place)
        observer(Progress(done + place, len(every), label, left, failure))
    return failed


def tasks_of(plan: Plan) -> list[Task]:
    """All runs of a plan, the strategies side by side, so that what is there at any time can be compared."""
    return [
        (place, name, seed)
        for place in range(len(plan.settings))
        for seed in range(plan.seeds)
        for name in plan.strategies
    ]


def label_of(plan: Plan, task: Task) -> Label:
    place, name, seed = task
    return Label(plan.settings[place].condition.name, name, repr(plan.strategies[name]), seed)
