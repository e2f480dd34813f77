"""The driver's side of one worker: starts it, talks to it, kills it with everything that it started."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from multiprocessing import Pipe
from pathlib import Path
from types import MappingProxyType
from typing import Any

import psutil

from netwright.executors.base import Event, Failed, Finished, Report
from netwright.executors.failures import failure_of_exit
from netwright.executors.limits import START_S, Limits, Ticket, tree
from netwright.executors.setup import Setup
from netwright.executors.worker import INSIDE, Started
from netwright.trial import Failure

_BOOT = "import sys; sys.path[:] = {path!r}; from netwright.executors.worker import serve; serve({fd}, {driver})"

_THREADS = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
    "NPROC",
)
"""What the numerical libraries ask for their number of threads: few, so that trials do not fight for cores."""

_OURS = {INSIDE: "1", "PYTHONUNBUFFERED": "1"}

_MOST_MESSAGES = 1000
"""That are taken from a worker at once, however fast it talks."""

_REAP_S = 30.0


class Worker:
    """One process, and the job it is on. All but `enforce` belong to the driver's own thread."""

    def __init__(self, log: Path, setup: Setup, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        """log: file that takes what it prints; environment: beside this process's."""
        self.connection, far = Pipe()
        boot = _BOOT.format(path=list(setup.path), fd=far.fileno(), driver=os.getpid())
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-c", boot],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env=os.environ | dict.fromkeys(_THREADS, str(setup.threads)) | _OURS | dict(environment),
                pass_fds=(far.fileno(),),
                start_new_session=True,
            )
        far.close()
        self.pid = self._process.pid
        self._setup: Setup | None = setup
        self._lock = threading.Lock()
        self._limits: Limits | None = None
        self._verdict: Failure | None = None

    @property
    def job(self) -> Ticket | None:
        return None if self._limits is None else self._limits.job

    @property
    def alive(self) -> bool:
        return self._verdict is None and self._process.poll() is None and not self.connection.closed

    def submit(self, job: Ticket, payload: bytes, memory_mb: float | None) -> None:
        """Hands a pickled job over. A worker that dies of it is found dead by `receive`."""
        with self._lock:
            self._limits = Limits(job, time.monotonic() + START_S, memory_mb)
        with contextlib.suppress(ConnectionError):
            if self._setup is not None:
                self.connection.send(self._setup)
                self._setup = None
            self.connection.send(job.number)
            self.connection.send_bytes(payload)

    def receive(self) -> list[Event]:
        """What it has sent since. When it has died, its job has failed; it cannot be used again."""
        events: list[Event] = []
        dead = self._verdict is not None or self._process.poll() is not None
        if dead:  # what it sent before is in the pipe by now
            self._end()
        if self._drain(events, everything=dead) or dead:
            self.kill()
            if self.job is not None:
                failure = self._verdict or failure_of_exit(self._process.returncode)
                self._take(Failed(self.job.number, failure), events)
        return events

    def enforce(self, now: float) -> None:
        """Kills it when its job has broken a limit. Called by the watch, from another thread."""
        with self._lock:
            if self._limits is None or self._verdict is not None or self._process.returncode is not None:
                return
            self._verdict = self._limits.broken(self.pid, now)
            if self._verdict is not None:
                self._kill_all()

    def kill(self) -> None:
        """Ends it, and every process that its evaluators started."""
        self._end()
        self.connection.close()

    def _end(self) -> None:
        with self._lock:
            self._kill_all()
        self._process.wait(_REAP_S)

    def _drain(self, events: list[Event], everything: bool) -> bool:
        """Takes what is in the pipe; True when the pipe has ended."""
        try:
            while self.connection.poll() and (everything or len(events) < _MOST_MESSAGES):
                self._take(self.connection.recv(), events)
        except (EOFError, OSError, pickle.UnpicklingError):
            return True
        return False

    def _take(self, message: Any, events: list[Event]) -> None:
        if isinstance(message, Started):
            with self._lock:
                if self._limits is not None:
                    self._limits.start(time.monotonic())
            return
        if isinstance(message, (Finished, Failed)):
            with self._lock:
                self._limits = None
        if isinstance(message, (Report, Finished, Failed)):
            events.append(message)

    def _kill_all(self) -> None:
        """The process group, and descendants that have left it."""
        others = tree(self.pid)[1:]
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        for process in others:
            with contextlib.suppress(psutil.Error):
                process.kill()
