"""The inline executor: one job after another, in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from netwright.errors import NetwrightError
from netwright.executors.base import Event, Job, Report
from netwright.executors.evaluate import Load, evaluate, failed, load_task


class Inline:
    """Runs a job within `wait`. For debugging and for small machines.

    Limits are the evaluator's to keep: it is given the deadline, but nothing kills it, and memory is not watched.
    """

    workers = 1

    def __init__(self, task_directory: Path, directory: Path, load: Load = load_task) -> None:
        self.task_directory, self.directory, self._load = task_directory, directory, load
        self._task: Any = None
        self._job: Job | None = None

    def submit(self, job: Job) -> None:
        if self._job is not None:
            raise NetwrightError(f"job {job.number} was submitted while {self._job.number} is running")
        self._job = job

    @property
    def running(self) -> frozenset[int]:
        return frozenset() if self._job is None else frozenset({self._job.number})

    def wait(self, timeout: float) -> Sequence[Event]:
        job = self._job
        if job is None:
            return []
        events: list[Event] = []

        def report(data: Mapping[str, Any]) -> None:
            events.append(Report(job.number, dict(data)))

        try:
            events.append(self._run(job, report))
        finally:
            self._job = None
        return events

    def _run(self, job: Job, report: Callable[[Mapping[str, Any]], None]) -> Event:
        try:
            if self._task is None:
                self._task = self._load(self.task_directory)
        except Exception as error:
            return failed(job.number, error)
        return evaluate(job, self._task, report)

    def cancel(self, number: int) -> None:
        if self._job is not None and self._job.number == number:
            self._job = None

    def __enter__(self) -> Inline:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._job = self._task = None
