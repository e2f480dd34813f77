"""Where evaluations run: `inline` in this process, `processes` in workers beside it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netwright.errors import unknown
from netwright.executors.base import Event, Executor, Failed, Finished, Job, Report
from netwright.executors.evaluate import Load, load_task
from netwright.executors.inline import Inline
from netwright.executors.processes import Processes, refuse_in_worker

__all__ = [
    "NAMES",
    "Event",
    "Executor",
    "Failed",
    "Finished",
    "Inline",
    "Job",
    "Processes",
    "Report",
    "make_executor",
    "refuse_in_worker",
]

_Make = Callable[[Path, Path, int, float | None, Load], Executor]

_MAKERS: dict[str, _Make] = {
    "inline": lambda task, directory, workers, memory_mb, load: Inline(task, directory, load),
    "processes": Processes,
}

NAMES = tuple(sorted(_MAKERS))


def make_executor(
    name: str,
    task_directory: Path,
    directory: Path,
    workers: int = 2,
    memory_mb: float | None = None,
    load: Load = load_task,
) -> Executor:
    """The executor of a name, for the task in `task_directory`; `directory` is the search's.

    `inline` has one worker and watches no memory, whatever is asked. Raises InputError for an unknown name.
    """
    if name not in _MAKERS:
        raise unknown("executor", name, NAMES)
    return _MAKERS[name](task_directory, directory, workers, memory_mb, load)
