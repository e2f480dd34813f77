"""The ray executor: workers on the nodes of a Ray cluster (Moritz et al. 2018, "Ray: A Distributed Framework for
Emerging AI Applications", https://arxiv.org/abs/1712.05889).

Each worker is kept by an actor, which reserves its cores and GPUs. Actors are asked for when there is a job for them,
so that a cluster that grows by demand does, and given back when there is none for a while. Jobs wait here for the first
actor that is free: where the cluster has room for fewer than are wanted, those do all the work.
"""

from __future__ import annotations

import itertools
import time
import uuid
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

from netwright.errors import NetwrightError
from netwright.executors.base import Event, Failed, Job
from netwright.executors.host import Home, Host
from netwright.executors.limits import check_limits
from netwright.executors.payload import packed
from netwright.executors.processes import refuse_in_worker
from netwright.executors.ray_connection import Connection, import_ray
from netwright.executors.remote import Remote
from netwright.executors.settings import RaySettings, Site
from netwright.executors.setup import Setup
from netwright.executors.shipping import pack
from netwright.trial import Failure, FailureReason

_LOOK_S = 1.0
_CLOSE_S = 5.0
_REFUSALS = 3
"""Actors in a row that did not come up, before the cluster is said to be unfit."""


class Ray:
    """Runs jobs on a Ray cluster: `site.workers` at a time, or as many as it has room for.

    Limits of time and memory are kept on the node, by the worker's own watch; without `memory_mb` a worker may hold the
    part of its node's memory that goes with its cores. A node or an actor that dies fails its job as "killed", which a
    search tries once more. Where a node does not see the search's folder, the task's data goes there once, and what a
    job leaves comes back with its end. What workers print goes to logs/worker-N.log in the search's folder.

    A program that is connected to Ray already keeps its connection.
    """

    def __init__(self, site: Site, settings: RaySettings | None = None) -> None:
        self.settings = settings or RaySettings()
        self.workers, self.memory_mb = site.workers, self.settings.memory_mb or site.memory_mb
        check_limits(self.workers, self.memory_mb)
        refuse_in_worker()
        self._ray = import_ray()
        self._task_directory = Path(site.task_directory).absolute()
        self._logs = Path(site.directory).absolute() / "logs"
        self._setup = Setup.here(site.load, site.task_directory, max(1, int(self.settings.num_cpus)))
        self._connection = Connection(self._ray, self.settings, self.workers)
        self._token = uuid.uuid4().hex
        self._serial = itertools.count()
        self._task: Any = None
        self._slots: dict[Remote, int] = {}
        self._queue: deque[tuple[Job, bytes]] = deque()
        self._early: list[Event] = []
        self._open = False
        self._refused = 0
        self._wanted_since = 0.0

    def submit(self, job: Job) -> None:
        if job.number in self.running:
            raise NetwrightError(f"job {job.number} is running already")
        if not self._open or len(self.running) >= self.workers:
            raise NetwrightError(f"job {job.number} was submitted while all {self.workers} workers are busy, or closed")
        payload = packed(job)
        if isinstance(payload, Failed):
            self._early.append(payload)
            return
        if not self._queue:
            self._wanted_since = time.monotonic()
        self._queue.append((job, payload))
        self._assign()

    @property
    def running(self) -> frozenset[int]:
        early = {event.number for event in self._early}
        waiting = {job.number for job, _ in self._queue}
        return frozenset(early | waiting | {remote.job.number for remote in self._slots if remote.job is not None})

    def wait(self, timeout: float) -> Sequence[Event]:
        until = time.monotonic() + timeout
        while True:
            events, self._early = [*self._early, *self._receive()], []
            self._assign()
            left = until - time.monotonic()
            if events or left <= 0 or not self.running:
                return events
            calls = [remote.call for remote in self._slots if remote.call is not None]
            if calls:
                self._ray.wait(calls, timeout=min(left, _LOOK_S))
            else:
                time.sleep(min(left, _LOOK_S / 10))

    def cancel(self, number: int) -> None:
        self._early = [event for event in self._early if event.number != number]
        self._queue = deque(one for one in self._queue if one[0].number != number)
        for remote in self._slots:
            if remote.job is not None and remote.job.number == number:
                remote.cancel()

    def __enter__(self) -> Ray:
        self._logs.mkdir(parents=True, exist_ok=True)
        self._connection.open()
        self._proof.write_text(self._token, encoding="utf-8")
        self._open = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open = False
        try:
            self._part(list(self._slots))
        finally:
            self._slots, self._task = {}, None
            self._queue.clear()
            self._early = []
            self._proof.unlink(missing_ok=True)
            self._connection.close()

    @property
    def _proof(self) -> Path:
        """A file that is there for those who share this disk."""
        return self._logs / f".ray-{self._token[:8]}"

    def _receive(self) -> list[Event]:
        calls = [remote.call for remote in self._slots if remote.call is not None]
        answered = set(self._ray.wait(calls, num_returns=len(calls), timeout=0)[0]) if calls else set()
        events: list[Event] = []
        for remote in list(self._slots):
            if remote.call is not None and remote.call in answered:
                try:
                    answer = self._ray.get(remote.call)
                except self._ray.exceptions.RayError as error:
                    events += self._lose(remote, error)
                    continue
                events += remote.answer(answer)
                self._refused = 0
            elif remote.overdue(time.monotonic()):
                events += self._lose(remote, TimeoutError(f"{remote.node} did not end the job in its time"))
        return events

    def _assign(self) -> None:
        """Gives the jobs that wait to actors that are free, asks for more actors, or for fewer."""
        for remote in [one for one in self._slots if one.idle]:
            if self._queue:
                remote.run(*self._queue.popleft())
                self._wanted_since = time.monotonic()
        starting = sum(not remote.ready for remote in self._slots)
        while self._open and starting < len(self._queue) and len(self._slots) < self.workers:
            self._start()
            starting += 1
        now = time.monotonic()
        if self._queue and not any(one.ready for one in self._slots):
            self._give_up_after(now - self._wanted_since)
        unused = [one for one in self._slots if one.idle or not one.ready]
        rested = [one for one in unused if now - one.since > self.settings.idle_s]
        if rested and not self._queue:
            self._part(rested)

    def _start(self) -> None:
        slot = next(number for number in itertools.count() if number not in self._slots.values())
        log = self._logs / f"worker-{slot}.log"
        log.touch()
        home = Home(
            token=self._token,
            number=next(self._serial),
            proof=str(self._proof),
            shared=self.settings.shared,
            setup=self._setup,
            log=str(log),
            memory_mb=self.memory_mb,
            cores=self.settings.num_cpus,
        )
        actor = self._ray.remote(Host).options(**self._connection.resources(self.memory_mb))
        self._slots[Remote(actor.remote(home), log, self._task_files)] = slot

    def _task_files(self) -> Any:
        """The task's files in Ray's object store, put there once."""
        if self._task is None:
            self._task = self._ray.put(pack(self._task_directory))
        return self._task

    def _lose(self, remote: Remote, error: Exception) -> list[Event]:
        """What the death of an actor means."""
        del self._slots[remote]
        self._kill(remote)
        why = _words(error)
        if remote.job is None:
            self._refused += not remote.ready
            if self._refused >= _REFUSALS:
                raise NetwrightError(f"no worker comes up on the Ray cluster: {why}")
            return []
        reason: FailureReason = "killed"
        if isinstance(error, self._ray.exceptions.OutOfMemoryError):
            reason = "memory"
        elif isinstance(error, TimeoutError):
            reason = "timeout"
        return [Failed(remote.job.number, Failure(reason, f"its worker on {remote.node} was lost: {why}"))]

    def _part(self, remotes: list[Remote]) -> None:
        """Ends actors in order, or by force."""
        closing = [remote.handle.close.remote() for remote in remotes if remote.about is not None]
        try:
            if closing:
                self._ray.wait(closing, num_returns=len(closing), timeout=_CLOSE_S)
        finally:
            for remote in remotes:
                self._kill(remote)
                self._slots.pop(remote, None)

    def _kill(self, remote: Remote) -> None:
        try:
            self._ray.kill(remote.handle, no_restart=True)
        except (self._ray.exceptions.RayError, ValueError):
            return  # it is gone

    def _give_up_after(self, waited: float) -> None:
        """Raises NetwrightError where no actor has come up in all this time."""
        if waited > self.settings.wait_s:
            asked = self._connection.asked(self.memory_mb)
            raise NetwrightError(
                f"Ray had no room for a worker in {self.settings.wait_s:.0f} s: it asks for {asked}, and the cluster "
                f"has {self._connection.room()}; the search is kept, and resume goes on with it"
            )


def _words(error: Exception) -> str:
    """What Ray has to say, on one line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines)[:500] or type(error).__name__
