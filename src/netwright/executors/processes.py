"""The processes executor: workers that stay, each a process of its own that may die without harm to the others."""

from __future__ import annotations

import os
import pickle
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from types import TracebackType

from netwright.errors import InputError, NetwrightError
from netwright.executors.base import Event, Failed, Job
from netwright.executors.care import Care
from netwright.executors.evaluate import Load, load_task
from netwright.executors.process import Worker
from netwright.executors.watch import Watch
from netwright.executors.worker import INSIDE
from netwright.trial import Failure

_LOOK_S = 0.1
"""How often to look whether a worker has died, beside listening to its pipe."""


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
        _check(workers, memory_mb)
        self.workers, self.memory_mb = workers, memory_mb
        self._logs = Path(directory) / "logs"
        self._setup = pickle.dumps((load, str(Path(task_directory).absolute())))
        self._pool: list[Worker] = []
        self._early: list[Event] = []
        self._care: Care | None = None
        self._watch: Watch | None = None

    def submit(self, job: Job) -> None:
        if job.number in self.running:
            raise NetwrightError(f"job {job.number} is running already")
        slot = next((slot for slot, worker in enumerate(self._pool) if worker.job is None), None)
        if slot is None:
            raise NetwrightError(f"job {job.number} was submitted while all {self.workers} workers are busy, or closed")
        try:
            payload = pickle.dumps(job)
        except Exception as error:
            message = f"it cannot be sent to a worker: {error} (define classes and functions at the top of a module)"
            self._early.append(Failed(job.number, Failure("error", message)))
            return
        if not self._pool[slot].alive:
            self._replace(slot)
        self._pool[slot].submit(job, payload, self.memory_mb)

    @property
    def running(self) -> frozenset[int]:
        early = {event.number for event in self._early}
        return frozenset(early | {worker.job.number for worker in self._pool if worker.job is not None})

    def wait(self, timeout: float) -> Sequence[Event]:
        until = time.monotonic() + timeout
        while True:
            events, self._early = [*self._early, *self._receive()], []
            left = until - time.monotonic()
            if events or left <= 0 or not self.running:
                return events
            wait_for([worker.connection for worker in self._busy()], min(left, _LOOK_S))

    def cancel(self, number: int) -> None:
        self._early = [event for event in self._early if event.number != number]
        for slot, worker in enumerate(self._pool):
            if worker.job is not None and worker.job.number == number:
                self._replace(slot)

    def __enter__(self) -> Processes:
        self._logs.mkdir(parents=True, exist_ok=True)
        self._care = Care()
        try:
            for slot in range(self.workers):
                self._pool.append(self._start(slot))
        except BaseException:
            self._close()
            raise
        self._watch = Watch(lambda: tuple(self._pool))
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._close()

    def _close(self) -> None:
        if self._watch is not None:
            self._watch.stop()
        for worker in self._pool:
            worker.kill()
        if self._care is not None:
            self._care.end()
        self._pool, self._early = [], []
        self._watch = self._care = None

    def _busy(self) -> list[Worker]:
        return [worker for worker in self._pool if worker.job is not None]

    def _receive(self) -> list[Event]:
        events: list[Event] = []
        for slot, worker in enumerate(self._pool):
            if worker.job is None:
                continue
            events += worker.receive()
            if worker.job is None and not worker.alive:
                self._replace(slot)
        return events

    def _replace(self, slot: int) -> None:
        """Puts a new worker in place of a dead or unwanted one."""
        old = self._pool[slot]
        old.kill()
        assert self._care is not None
        self._care.release(old.pid)
        self._pool[slot] = self._start(slot)

    def _start(self, slot: int) -> Worker:
        assert self._care is not None
        worker = Worker(self._logs / f"worker-{slot}.log", self._setup)
        self._care.take(worker.pid)
        return worker


def _check(workers: int, memory_mb: float | None) -> None:
    if workers < 1:
        raise InputError(f"workers must be at least 1, got {workers}", "for example workers=2")
    if memory_mb is not None and memory_mb <= 0:
        raise InputError(f"memory_mb must be more than 0, got {memory_mb}", "leave it out for no limit")
    if sys.platform == "win32":
        raise InputError("the processes executor needs Linux or macOS", "use executor='inline'")
    refuse_in_worker()


def refuse_in_worker() -> None:
    """Raises InputError within a worker: a script that starts a search whenever it is imported would start them all."""
    if os.environ.get(INSIDE):
        raise InputError(
            "a worker was about to start workers of its own",
            "in your script, put what starts the search under: if __name__ == '__main__':",
        )
