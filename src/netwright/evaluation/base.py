"""The one protocol of all evaluators: how good is this architecture?

Evaluators are frozen, picklable settings; they run in a worker process and compose (`Cached(Training(...))`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from netwright.tasks import Task
from netwright.trial import Measurement, Proposal, folder_name


def _silent(_: Mapping[str, Any]) -> None:
    return None


@dataclass(frozen=True)
class Context:
    """What an evaluation may use.

    seed: of all its randomness; deadline: `time.monotonic()` instant to be done by (inf: none);
    report: called with a small dict after each epoch, seen live by the driver; directory: where it may leave files
    (None: nowhere), its artifacts' paths are relative to it.
    """

    seed: int = 0
    deadline: float = float("inf")
    report: Callable[[Mapping[str, Any]], None] = _silent
    directory: Path | None = None

    @property
    def seconds_left(self) -> float:
        return self.deadline - time.monotonic()

    def left_by(self, trials: Sequence[int], name: str) -> list[Path]:
        """The files of a name that some other trials left, in the order of these."""
        if self.directory is None:
            return []
        files = (self.directory.parent / folder_name(number) / name for number in trials)
        return [file for file in files if file.is_file()]


@runtime_checkable
class Evaluator(Protocol):
    """Measures a proposal on a task.

    Raises any exception to fail the trial (MemoryError, FloatingPointError for NaN). An evaluator may have a
    `prepare()` that imports what it needs before the clock of a worker's first trial starts. One that reads files has
    their absolute paths as `files`, and `moved(places)`: itself with the paths that these have on another machine.
    """

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement: ...
