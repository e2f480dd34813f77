"""How long a job may run and how much memory its processes may hold."""

from __future__ import annotations

import math
from dataclasses import dataclass

import psutil

from netwright.errors import InputError
from netwright.executors.base import Job
from netwright.trial import Failure

START_S = 120.0
"""What a new worker may take to start, load its task and unpack its first job."""
MEMORY_SHARE = 0.85
"""Of a machine's memory, for all workers on it together, where nothing else is asked for."""


@dataclass(frozen=True)
class Ticket:
    """What must be known of a job by those who only carry it, as bytes: its number, and how long it may take (see
    `Job`)."""

    number: int
    seconds: float
    grace: float

    @classmethod
    def of(cls, job: Job) -> Ticket:
        return cls(job.number, job.seconds, job.grace)


@dataclass
class Limits:
    """Of one job. ends: `time.monotonic()` instant after which it is killed; memory_mb: MiB, None for no limit."""

    job: Ticket
    ends: float
    memory_mb: float | None
    started: bool = False

    def start(self, now: float) -> None:
        self.started = True
        self.ends = now + self.job.seconds + self.job.grace

    def broken(self, pid: int, now: float) -> Failure | None:
        """Why the job must be killed now, if it must."""
        if now > self.ends:
            return Failure("timeout", self._late())
        if self.memory_mb is None:
            return None
        held = tree_memory_mb(pid)
        if held <= self.memory_mb:
            return None
        return Failure("memory", f"its processes held {held:.0f} MiB; the limit is {self.memory_mb:.0f} MiB a worker")

    def _late(self) -> str:
        if not self.started:
            return f"the worker did not start the job within {START_S:.0f} s"
        return f"still running {self.job.grace:g} s after its limit of {self.job.seconds:g} s"


def check_limits(workers: int, memory_mb: float | None) -> None:
    """InputError where there can be no such workers."""
    if workers < 1:
        raise InputError(f"workers must be at least 1, got {workers}", "for example workers=2")
    if memory_mb is not None and memory_mb <= 0:
        raise InputError(f"memory_mb must be more than 0, got {memory_mb}", "leave it out for no limit")


def memory_share_mb(part: float) -> float:
    """MiB for a worker that has this part of the machine, from 0 to 1."""
    return MEMORY_SHARE * part * float(psutil.virtual_memory().total) / 2**20


def tree_memory_mb(pid: int) -> float:
    """MiB of resident memory of a process and all its descendants."""
    return math.fsum(_resident(process) for process in tree(pid)) / 2**20


def tree(pid: int) -> list[psutil.Process]:
    """A process and all its descendants, those of another group or session included."""
    try:
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    except psutil.Error:
        return []


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.Error:
        return 0
