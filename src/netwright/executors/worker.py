"""The worker's side: loads the task once, then evaluates the jobs that come through the pipe, until it ends.

Messages are pickles of our own driver's, over a socket pair that nobody else holds.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from netwright.executors.base import Failed, Finished, Job, Report
from netwright.executors.evaluate import Load, evaluate, failed, prepare
from netwright.executors.setup import Setup

_PR_SET_PDEATHSIG = 1
INSIDE = "NETWRIGHT_WORKER"
"""Set in the environment of workers."""


class Started:
    """Sent when a worker has unpacked a job and loaded its task: the job's limit counts from here."""


def serve(descriptor: int, driver: int) -> None:
    """A worker's whole life. descriptor: its end of the pipe; driver: the process id of the other end."""
    die_with(driver)
    connection = Connection(descriptor)
    os.set_inheritable(descriptor, False)
    os.register_at_fork(after_in_child=lambda: _orphan(connection))
    try:
        _work(connection)
    except (EOFError, ConnectionError):
        return


def die_with(parent: int) -> None:
    """On Linux, lets the kernel kill this process when its parent dies."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(0)


def _orphan(connection: Connection) -> None:
    """In a process forked by an evaluator: the pipe is not its own, and it goes when the worker goes."""
    connection.close()
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def _work(connection: Connection) -> None:
    setup: Setup = connection.recv()
    task = _Task(setup)
    with contextlib.suppress(BaseException):  # the first job meets it again, and reports it
        task.get()
    while True:
        number: int = connection.recv()
        payload = connection.recv_bytes()
        connection.send_bytes(_packed(_outcome(number, payload, setup, task, connection)))


class _Task:
    """The task, loaded when the first job needs it and kept."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self._loaded: Any = None

    def get(self) -> Any:
        if self._loaded is None:
            self._setup.script.adopt(self._setup.load)
            load: Load = pickle.loads(self._setup.load)
            self._loaded = load(Path(self._setup.task_directory))
        return self._loaded


def _outcome(number: int, payload: bytes, setup: Setup, task: _Task, connection: Connection) -> Finished | Failed:
    """Whatever happens, an answer."""

    def report(data: Mapping[str, Any]) -> None:
        connection.send_bytes(pickle.dumps(Report(number, dict(data))))

    try:
        setup.script.adopt(payload)
        job: Job = pickle.loads(payload)
        loaded = task.get()
        prepare(job.evaluator)
        _use_threads(setup.threads)
        connection.send(Started())
        return evaluate(job, loaded, report)
    except BaseException as error:
        return failed(number, error)


def _packed(outcome: Finished | Failed) -> bytes:
    """The outcome as a pickle; a failure where the evaluator's measurement cannot be pickled."""
    try:
        return pickle.dumps(outcome)
    except Exception as error:
        return pickle.dumps(failed(outcome.number, TypeError(f"the measurement cannot be pickled: {error}")))


def _use_threads(number: int) -> None:
    """The environment says so already, to all libraries that ask it; torch may have been told otherwise since."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != number:
        torch.set_num_threads(number)
