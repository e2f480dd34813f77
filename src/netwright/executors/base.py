"""The one protocol of all executors: where evaluations run.

with executor:
    executor.submit(Job(number, proposal, evaluator, seed))
    for event in executor.wait(timeout=1.0): ...   # Report, Finished or Failed
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, runtime_checkable

from netwright.evaluation.base import Evaluator
from netwright.trial import Failure, Measurement, Proposal


@dataclass(frozen=True)
class Job:
    """One evaluation to run. seconds: soft limit handed to the evaluator as its deadline; `grace` seconds later the
    worker's whole process group is killed. directory: absolute folder for its artifacts, "" for none."""

    number: int
    proposal: Proposal
    evaluator: Evaluator
    seed: int
    seconds: float = float("inf")
    grace: float = 10.0
    directory: str = ""


@dataclass(frozen=True)
class Report:
    """A line of progress from a running job (epoch, loss, …)."""

    number: int
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Finished:
    number: int
    measurement: Measurement


@dataclass(frozen=True)
class Failed:
    number: int
    failure: Failure


Event = Report | Finished | Failed


@runtime_checkable
class Executor(Protocol):
    """Runs jobs on one task. Built with the task's folder (see `Task.save`), so that workers load the data once."""

    workers: int

    def submit(self, job: Job) -> None:
        """Starts a job. Call only while fewer than `workers` jobs are running."""
        ...

    @property
    def running(self) -> frozenset[int]:
        """Numbers of jobs submitted and not yet finished or failed."""
        ...

    def wait(self, timeout: float) -> Sequence[Event]:
        """Events since the last call; blocks up to `timeout` seconds for the first. The inline executor runs its job
        here."""
        ...

    def cancel(self, number: int) -> None:
        """Kills a running job; no event follows."""
        ...

    def __enter__(self) -> Executor: ...

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Kills what still runs."""
        ...
