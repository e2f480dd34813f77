"""The slurm executor: each evaluation a job of its own in Slurm's queue, through submitit
(https://github.com/facebookincubator/submitit), on storage that all nodes see.

For trainings that take minutes: every job waits its turn in the queue, and starts Python and torch anew.
"""

from __future__ import annotations

import contextlib
import math
import os
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any

from netwright.errors import MissingExtra, NetwrightError
from netwright.executors.base import Event, Failed, Finished, Job, Report
from netwright.executors.limits import START_S, Ticket, check_limits
from netwright.executors.payload import packed
from netwright.executors.processes import refuse_in_worker
from netwright.executors.pulse import Pulse
from netwright.executors.settings import Site, SlurmSettings
from netwright.executors.setup import Setup
from netwright.executors.spool import Spool
from netwright.executors.turn import Turn
from netwright.trial import Failure, FailureReason

_DAY_MIN = 24 * 60
"""Of a job whose evaluation has no limit."""
_LOOK_S, _ASK_S, _FORCE_S = 0.1, 1.0, 60.0
"""Seconds between looks at a job's file; between questions whether it is over; whether Slurm itself says so."""
_SETTLE_S, _STRANDED_S = {"slurm": 10.0, "local": 1.0}, 300.0
"""What a file system may need to show the last words of a job that is over; how long one that gave way to others may
yet come back."""
_CLOSE_S = 5.0
_MEMORY_SHARE = 0.95
"""Of a job's memory, for the evaluation: beyond it, the node's watch ends it and says why, before Slurm does."""
_REASONS: dict[str, FailureReason] = {"OUT_OF_MEMORY": "memory", "TIMEOUT": "timeout"}
_STRANDED = ("PREEMPTED",)
"""States that submitit takes for a pause, and that may be an end."""


@dataclass
class _Sent:
    """A job in the queue or on a node. slot: which log is its own; times by the monotonic clock."""

    job: Job
    handle: Any
    spool: Spool
    slot: int
    asked: float = 0.0
    forced: float = field(default_factory=time.monotonic)
    over: float | None = None
    patience: float = 0.0


class Slurm:
    """Runs each job as a Slurm job, `site.workers` at a time in the queue or on nodes.

    The evaluation is watched on its node: its time (the Slurm job has a little more), and its memory, where `mem` or
    `memory_mb` is given. A job that ends without a word (its node died, Slurm killed it) fails, with Slurm's state and
    the end of what it printed. When this process dies, its jobs end by themselves. What workers print goes to
    logs/worker-N.log in the search's folder, what submitit keeps to slurm/ there.
    """

    def __init__(self, site: Site, settings: SlurmSettings | None = None) -> None:
        self.settings = settings or SlurmSettings()
        share = _MEMORY_SHARE * 1024 * self.settings.mem or None
        self.workers, self.memory_mb = site.workers, site.memory_mb or share
        check_limits(self.workers, self.memory_mb)
        refuse_in_worker()
        self._setup = Setup.here(site.load, site.task_directory, self.settings.cpus)
        self._logs = Path(site.directory).absolute() / "logs"
        self._folder = Path(site.directory).absolute() / "slurm" / uuid.uuid4().hex[:8]
        self._queue: Any = None
        self._pulse: Pulse | None = None
        self._sent: list[_Sent] = []
        self._early: list[Event] = []
        self._ending: list[Any] = []

    def submit(self, job: Job) -> None:
        if job.number in self.running:
            raise NetwrightError(f"job {job.number} is running already")
        if self._queue is None or len(self.running) >= self.workers:
            raise NetwrightError(f"job {job.number} was submitted while all {self.workers} workers are busy, or closed")
        payload = packed(job)
        if isinstance(payload, Failed):
            self._early.append(payload)
            return
        slot = next(number for number in range(self.workers) if all(one.slot != number for one in self._sent))
        spool = Spool(self._folder / f"{job.number}-{uuid.uuid4().hex[:8]}.events")
        minutes = self._minutes(job)
        turn = Turn(
            setup=self._setup,
            ticket=Ticket.of(job),
            payload=payload,
            spool=str(spool.path),
            pulse=str(self._folder / "driver"),
            log=str(self._logs / f"worker-{slot}.log"),
            memory_mb=self.memory_mb,
            minutes=minutes,
            requeues=self.settings.requeues,
        )
        self._sent.append(_Sent(job, self._queued(turn, minutes), spool, slot))

    @property
    def running(self) -> frozenset[int]:
        return frozenset({event.number for event in self._early} | {one.job.number for one in self._sent})

    def wait(self, timeout: float) -> Sequence[Event]:
        until = time.monotonic() + timeout
        while True:
            events, self._early = [*self._early, *self._receive()], []
            left = until - time.monotonic()
            if events or left <= 0 or not self.running:
                return events
            time.sleep(min(left, _LOOK_S))

    def cancel(self, number: int) -> None:
        self._early = [event for event in self._early if event.number != number]
        for one in [one for one in self._sent if one.job.number == number]:
            self._end(one)
            self._sent.remove(one)

    def __enter__(self) -> Slurm:
        self._logs.mkdir(parents=True, exist_ok=True)
        self._folder.mkdir(parents=True)
        self._queue = _executor(self._folder, self.settings)
        self._pulse = Pulse(self._folder / "driver")
        self._pulse.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pulse is not None:
            self._pulse.stop()
        for one in self._sent:
            self._end(one)
        self._sent, self._early, self._queue, self._pulse = [], [], None, None
        until = time.monotonic() + _CLOSE_S
        while self._unreaped() and time.monotonic() < until:
            time.sleep(_LOOK_S)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _end(self, one: _Sent) -> None:
        one.handle.cancel(check=False)
        self._ending.append(one.handle)

    def _unreaped(self) -> bool:
        """Are there processes of this one, in place of a cluster, that have not ended yet?"""
        here = self.settings.cluster == "local"
        self._ending = [handle for handle in self._ending if here and not handle.done()]
        return bool(self._ending)

    def _receive(self) -> list[Event]:
        self._unreaped()
        events: list[Event] = []
        for one in list(self._sent):
            told = [record for record in one.spool.read() if isinstance(record, (Report, Finished, Failed))]
            if not told and self._ended(one):
                told = [Failed(one.job.number, self._failure(one))]
            for event in told:
                events.append(event)
                if not isinstance(event, Report):
                    self._sent.remove(one)
                    self._ending.append(one.handle)
                    self._tidy(one)
                    break
        return events

    def _ended(self, one: _Sent) -> bool:
        """Is it over, without a last word that could still come?"""
        now = time.monotonic()
        if now - one.asked >= _ASK_S:
            one.asked, force = now, now - one.forced > _FORCE_S
            one.forced = now if force else one.forced
            stranded = str(one.handle.state).upper() in _STRANDED
            over = one.handle.done(force_check=force) or stranded
            one.over = (one.over or now) if over else None
            one.patience = _STRANDED_S if stranded else _SETTLE_S[self.settings.cluster]
        return one.over is not None and now - one.over > one.patience

    def _failure(self, one: _Sent) -> Failure:
        """Of a job that ended without a word. What submitit and Slurm printed of it goes to its log."""
        state = (str(one.handle.state).upper().split() or ["UNKNOWN"])[0]
        one.handle.cancel(check=False)  # where Slurm queues it again by itself
        try:
            printed = Path(one.handle.paths.stderr).read_text("utf-8", "replace").strip()
        except OSError:
            printed = ""
        with (self._logs / f"worker-{one.slot}.log").open("a", encoding="utf-8") as log:
            log.write(f"{printed}\n")
        words = f": {printed.splitlines()[-1][:300]}" if printed else ""
        message = f"the Slurm job {one.handle.job_id} ended ({state}) without a result{words}"
        return Failure(_REASONS.get(state, "killed"), message)

    def _minutes(self, job: Job) -> int:
        """Of the Slurm job: more than the evaluation may take, which ends it itself and says so."""
        if self.settings.time:
            return self.settings.time
        return _DAY_MIN if math.isinf(job.seconds) else math.ceil((job.seconds + job.grace + 2 * START_S) / 60)

    def _queued(self, turn: Turn, minutes: int) -> Any:
        """submitit's job. Raises NetwrightError where Slurm does not take it."""
        self._queue.update_parameters(timeout_min=minutes)
        try:
            with _search_path(turn.setup):
                return self._queue.submit(turn)
        except (OSError, RuntimeError) as error:
            raise NetwrightError(f"Slurm does not take the job: {str(error).strip()}") from error

    def _tidy(self, one: _Sent) -> None:
        """Removes the files of a job that is over."""
        paths = one.handle.paths
        printed = [paths.stdout, paths.stderr]
        for path in [paths.submitted_pickle, paths.result_pickle, paths.submission_file, one.spool.path, *printed]:
            with contextlib.suppress(OSError):
                Path(path).unlink(missing_ok=True)


def _executor(folder: Path, settings: SlurmSettings) -> Any:
    """submitit's, with what is asked of each job."""
    try:
        submitit = import_module("submitit")
    except ModuleNotFoundError as error:
        if error.name != "submitit":
            raise
        raise MissingExtra("submitit", "slurm") from None
    made = submitit.AutoExecutor(
        folder, cluster=settings.cluster, slurm_max_num_timeout=1000, local_max_num_timeout=1000
    )
    made.update_parameters(
        name="netwright",
        cpus_per_task=settings.cpus,
        gpus_per_node=settings.gpus or None,
        mem_gb=settings.mem or None,
        slurm_partition=settings.partition or None,
        slurm_account=settings.account or None,
        slurm_qos=settings.qos or None,
        slurm_constraint=settings.constraint or None,
    )
    return made


@contextlib.contextmanager
def _search_path(setup: Setup) -> Iterator[None]:
    """What is started within finds modules as this process does."""
    before = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(setup.path)
    try:
        yield
    finally:
        if before is None:
            del os.environ["PYTHONPATH"]
        else:
            os.environ["PYTHONPATH"] = before
