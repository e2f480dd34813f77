"""A pool of workers on this machine, for jobs that come as bytes: each worker is a process of its own that may die
without harm to the others."""

from __future__ import annotations

import time
from collections.abc import Sequence
from multiprocessing.connection import wait as wait_for
from pathlib import Path
from types import TracebackType

from netwright.errors import NetwrightError
from netwright.executors.accelerators import gpus, seen_by
from netwright.executors.base import Event
from netwright.executors.care import Care
from netwright.executors.limits import Ticket
from netwright.executors.process import Worker
from netwright.executors.setup import Setup
from netwright.executors.watch import Watch

_LOOK_S = 0.1
"""How often to look whether a worker has died, beside listening to its pipe."""


class Pool:
    """One worker for each file of `logs`, which takes what it prints, and sees one of this machine's GPUs. Workers die
    with this process.

    A job that overruns its time is killed, and one whose processes together hold more than `memory_mb` MiB; a worker
    that is killed or dies is replaced. Enter it in a thread that lives as long as it does: workers die with the thread
    that started them.
    """

    def __init__(self, setup: Setup, logs: Sequence[Path], memory_mb: float | None = None) -> None:
        self.memory_mb = memory_mb
        self._setup, self._logs = setup, tuple(logs)
        self._gpus = gpus()
        self._workers: list[Worker] = []
        self._care: Care | None = None
        self._watch: Watch | None = None

    def submit(self, ticket: Ticket, payload: bytes) -> None:
        """Starts a pickled job."""
        slot = next((slot for slot, worker in enumerate(self._workers) if worker.job is None), None)
        if slot is None:
            busy = f"all {len(self._logs)} workers are busy, or closed"
            raise NetwrightError(f"job {ticket.number} was submitted while {busy}")
        if not self._workers[slot].alive:
            self._replace(slot)
        self._workers[slot].submit(ticket, payload, self.memory_mb)

    @property
    def running(self) -> frozenset[int]:
        return frozenset(worker.job.number for worker in self._workers if worker.job is not None)

    def wait(self, timeout: float) -> list[Event]:
        """Events since the last call; blocks up to `timeout` seconds for the first."""
        until = time.monotonic() + timeout
        while True:
            events = self._receive()
            left = until - time.monotonic()
            if events or left <= 0 or not self.running:
                return events
            wait_for([worker.connection for worker in self._busy()], min(left, _LOOK_S))

    def cancel(self, number: int) -> None:
        """Kills a running job; no event follows."""
        for slot, worker in enumerate(self._workers):
            if worker.job is not None and worker.job.number == number:
                self._replace(slot)

    def __enter__(self) -> Pool:
        for log in self._logs:
            log.parent.mkdir(parents=True, exist_ok=True)
        self._care = Care()
        try:
            for slot in range(len(self._logs)):
                self._workers.append(self._start(slot))
        except BaseException:
            self.close()
            raise
        self._watch = Watch(lambda: tuple(self._workers))
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kills what still runs."""
        if self._watch is not None:
            self._watch.stop()
        for worker in self._workers:
            worker.kill()
        if self._care is not None:
            self._care.end()
        self._workers = []
        self._watch = self._care = None

    def _busy(self) -> list[Worker]:
        return [worker for worker in self._workers if worker.job is not None]

    def _receive(self) -> list[Event]:
        events: list[Event] = []
        for slot, worker in enumerate(self._workers):
            if worker.job is None:
                continue
            events += worker.receive()
            if worker.job is None and not worker.alive:
                self._replace(slot)
        return events

    def _replace(self, slot: int) -> None:
        """Puts a new worker in place of a dead or unwanted one."""
        old = self._workers[slot]
        old.kill()
        assert self._care is not None
        self._care.release(old.pid)
        self._workers[slot] = self._start(slot)

    def _start(self, slot: int) -> Worker:
        assert self._care is not None
        worker = Worker(self._logs[slot], self._setup, seen_by(slot, self._gpus))
        self._care.take(worker.pid)
        return worker
