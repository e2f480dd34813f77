"""Runs one job where it is called: what the inline executor and every worker have in common."""

from __future__ import annotations

import math
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from netwright.evaluation.base import Context, Evaluator
from netwright.executors.base import Failed, Finished, Job
from netwright.executors.failures import checked, failure_of
from netwright.tasks import Task

Load = Callable[[Path], Any]
"""Makes the task from its folder; must be picklable."""


def load_task(directory: Path) -> Task:
    """The task that `Task.save` left in a folder; its arrays stay on disk until used."""
    return Task.load(directory)


def prepare(evaluator: Evaluator) -> None:
    """Lets an evaluator that has a `prepare()` import what it needs, before the clock of its first job starts."""
    ready = getattr(evaluator, "prepare", None)
    if ready is not None:
        ready()


def evaluate(job: Job, task: Task, report: Callable[[Mapping[str, Any]], None]) -> Finished | Failed:
    """The outcome of a job. No Exception passes; the traceback of a failure goes to stderr, in a worker to its log."""
    context = Context(
        seed=job.seed,
        deadline=time.monotonic() + job.seconds if math.isfinite(job.seconds) else math.inf,
        report=report,
        directory=Path(job.directory) if job.directory else None,
    )
    try:
        return Finished(job.number, checked(job.evaluator.evaluate(job.proposal, task, context)))
    except Exception as error:
        return failed(job.number, error)


def failed(number: int, error: BaseException) -> Failed:
    """The outcome of a job that raised."""
    traceback.print_exception(error)
    return Failed(number, failure_of(error))
