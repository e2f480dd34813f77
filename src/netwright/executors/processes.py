"""The processes executor: workers that stay, each a process of its own on this machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType

from netwright.errors import InputError, NetwrightError
from netwright.executors.base import Event, Failed, Job
from netwright.executors.evaluate import Load, load_task
from netwright.executors.limits import Ticket, check_limits
from netwright.executors.payload import packed
from netwright.executors.pool import Pool
from netwright.executors.setup import Setup
from netwright.executors.worker import INSIDE


class Processes:
    """Runs jobs in `workers` processes. They load the task once, use one thread each, and die with this process.

    A job that overruns its time is killed `grace` seconds later, one whose processes together hold more than
    `memory_mb` MiB at once; a worker that is killed or dies is replaced. What workers print goes to
    `directory`/logs/worker-N.log. Ctrl-C in the terminal does not reach them.

    load: makes the task from its folder; a function that a worker can import. Enter it in a thread that lives as long
    as it does: workers die with the thread that started them.
    """

    def __init__(
        self,
        task_directory: Path,
        directory: Path,
        workers: int = 2,
        memory_mb: float | None = None,
        load: Load = load_task,
    ) -> None:
        check_limits(workers, memory_mb)
        if sys.platform == "win32":
            raise InputError("the processes executor needs Linux or macOS", "use executor='inline'")
        refuse_in_worker()
        self.workers, self.memory_mb = workers, memory_mb
        logs = [Path(directory) / "logs" / f"worker-{slot}.log" for slot in range(workers)]
        self._pool = Pool(Setup.here(load, task_directory), logs, memory_mb)
        self._early: list[Event] = []

    def submit(self, job: Job) -> None:
        if job.number in self.running:
            raise NetwrightError(f"job {job.number} is running already")
        payload = packed(job)
        if isinstance(payload, Failed):
            self._early.append(payload)
        else:
            self._pool.submit(Ticket.of(job), payload)

    @property
    def running(self) -> frozenset[int]:
        return self._pool.running | {event.number for event in self._early}

    def wait(self, timeout: float) -> Sequence[Event]:
        events, self._early = self._early, []
        return events or self._pool.wait(timeout)

    def cancel(self, number: int) -> None:
        self._early = [event for event in self._early if event.number != number]
        self._pool.cancel(number)

    def __enter__(self) -> Processes:
        self._pool.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.close()
        self._early = []


def refuse_in_worker() -> None:
    """Raises InputError within a worker: a script that starts a search whenever it is imported would start them all."""
    if os.environ.get(INSIDE):
        raise InputError(
            "a worker was about to start workers of its own",
            "in your script, put what starts the search under: if __name__ == '__main__':",
        )
