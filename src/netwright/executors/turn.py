"""A Slurm job: one evaluation, under the node's own watch, that tells its driver through a file.

It runs in the process that submitit starts on a node, and keeps a worker there, as everywhere else. When Slurm wants
the node back, there are two ways: with the signal that submitit asks for (SIGUSR2), the job is queued again and begins
anew, a few times; with SIGTERM alone it fails as "killed", which a search tries once more.
"""

from __future__ import annotations

import os
import platform
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from netwright.executors.base import Failed, Finished
from netwright.executors.limits import Ticket
from netwright.executors.pool import Pool
from netwright.executors.pulse import Listener
from netwright.executors.setup import Setup
from netwright.executors.spool import Spool
from netwright.trial import Failure, FailureReason

_LOOK_S = 0.5
_NEARLY = 0.8
"""Of the job's time: an interruption after that is its end, and not another job that goes before."""


@dataclass(frozen=True)
class Began:
    """Told when a job begins on a node, once for each time that it was queued."""

    node: str


@dataclass
class Turn:
    """What submitit sends to the node and calls there. Paths are absolute, on storage that the driver sees.

    payload: the pickled job; spool: the file to tell through; pulse: the driver's sign of life; log: takes what the
    worker prints; memory_mb: MiB, None for no limit but Slurm's; minutes: of the Slurm job; requeues: how often it may
    begin again.
    """

    setup: Setup
    ticket: Ticket
    payload: bytes
    spool: str
    pulse: str
    log: str
    memory_mb: float | None
    minutes: int
    requeues: int
    _since: float = field(default=0.0, init=False)

    def __call__(self) -> None:
        self._since = time.monotonic()
        spool = Spool(Path(self.spool))
        if any(isinstance(record, (Finished, Failed)) for record in spool.read()):
            return  # Slurm queued again what had ended already: it counts once
        spool.mend()
        spool.write(Began(platform.node()))
        self._run(spool, _Signals())

    def checkpoint(self) -> Any:
        """Called by submitit when Slurm interrupts the job: what to queue instead, None for nothing."""
        spool = Spool(Path(self.spool))
        begun = sum(isinstance(record, Began) for record in spool.read())
        passed = time.monotonic() - self._since
        if passed > _NEARLY * 60.0 * self.minutes:
            way_out = "give more: --executor-setting time=MINUTES"
            self._fail(spool, "timeout", f"Slurm's limit of {self.minutes} minutes came before its own: {way_out}")
            return None
        if begun > self.requeues:
            self._fail(spool, "killed", f"Slurm interrupted it {begun} times")
            return None
        return import_module("submitit").helpers.DelayedSubmission(self)

    def _run(self, spool: Spool, signals: _Signals) -> None:
        driver = Listener(Path(self.pulse))
        with Pool(self.setup, [Path(self.log)], self.memory_mb) as pool:
            pool.submit(self.ticket, self.payload)
            while pool.running:
                for event in pool.wait(_LOOK_S):
                    spool.write(event)
                if not pool.running:
                    return
                signals.obey()
                if signals.ended:
                    self._fail(spool, "killed", "Slurm took its node back (SIGTERM)")
                    return
                if driver.silent:
                    self._fail(spool, "killed", "its driver gave no sign of life")
                    return

    def _fail(self, spool: Spool, reason: FailureReason, message: str) -> None:
        spool.write(Failed(self.ticket.number, Failure(reason, message)))


class _Signals:
    """Slurm's signals, kept until it is safe to obey them: nothing is written by halves."""

    def __init__(self) -> None:
        self._caught: list[int] = []
        self._interrupt: int = getattr(signal, f"SIG{os.environ.get('SUBMITIT_PREEMPT_SIGNAL', 'USR2')}")
        theirs = signal.getsignal(self._interrupt)
        self._submitit: Callable[[int, Any], Any] | None = theirs if callable(theirs) else None
        for number in (self._interrupt, signal.SIGTERM):
            signal.signal(number, lambda caught, frame: self._caught.append(caught))

    @property
    def ended(self) -> bool:
        return signal.SIGTERM in self._caught

    def obey(self) -> None:
        """Lets submitit queue the job again where it was interrupted: then this process ends."""
        if self._interrupt in self._caught and not self.ended and self._submitit is not None:
            self._submitit(self._interrupt, None)
