"""Where evaluations run: `inline` in this process, `processes` in workers beside it, `ray` and `slurm` on a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from netwright.executors.base import Event, Executor, Failed, Finished, Job, Report
from netwright.executors.evaluate import Load, load_task
from netwright.executors.inline import Inline
from netwright.executors.processes import Processes, refuse_in_worker
from netwright.executors.settings import NAMES, ExecutorSettings, Site, executor_settings

__all__ = [
    "NAMES",
    "Event",
    "Executor",
    "ExecutorSettings",
    "Failed",
    "Finished",
    "Inline",
    "Job",
    "Processes",
    "Report",
    "Site",
    "executor_settings",
    "make_executor",
    "refuse_in_worker",
]


def make_executor(
    name: str,
    task_directory: Path,
    directory: Path,
    workers: int = 2,
    memory_mb: float | None = None,
    load: Load = load_task,
    settings: Mapping[str, Any] | None = None,
) -> Executor:
    """The executor of a name, for the task in `task_directory`; `directory` is the search's, `settings` are its own.

    `inline` has one worker and watches no memory, whatever is asked. Raises InputError for an unknown name or setting,
    MissingExtra where a package is not installed.
    """
    wanted = executor_settings(name, settings)
    wanted.check()
    return wanted.executor(Site(task_directory, directory, workers, memory_mb, load))
