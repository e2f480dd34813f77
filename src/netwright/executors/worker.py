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
from netwright.executors.script import Script

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
    script: Script = pickle.loads(connection.recv_bytes())
    task = _Task(connection.recv_bytes(), script)
    with contextlib.suppress(BaseException):  # the first job meets it again, and reports it
        task.get()
    while True:
        number: int = connection.recv()
        payload = connection.recv_bytes()
        connection.send_bytes(_packed(_outcome(number, payload, script, task, connection)))


class _Task:
    """The task, loaded when the first job needs it and kept."""

    def __init__(self, payload: bytes, script: Script) -> None:
        self._payload, self._script = payload, script
        self._loaded: Any = None

    def get(self) -> Any:
        if self._loaded is None:
            self._script.adopt(self._payload)
            load: Load
            load, directory = pickle.loads(self._payload)
            self._loaded = load(Path(directory))
        return self._loaded


def _outcome(number: int, payload: bytes, script: Script, task: _Task, connection: Connection) -> Finished | Failed:
    """Whatever happens, an answer."""

    def report(data: Mapping[str, Any]) -> None:
        connection.send_bytes(pickle.dumps(Report(number, dict(data))))

    try:
        script.adopt(payload)
        job: Job = pickle.loads(payload)
        loaded = task.get()
        prepare(job.evaluator)
        _use_one_thread()
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


def _use_one_thread() -> None:
    """The environment says so already, to all libraries that ask it; torch may have been told otherwise since."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.get_num_threads() != 1:
        torch.set_num_threads(1)
