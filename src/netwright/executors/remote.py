"""The driver's side of one actor of the ray executor: what it was asked last, and what it does."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from netwright.executors.base import Event, Finished, Job, Report
from netwright.executors.evaluate import failed
from netwright.executors.host import About, News
from netwright.executors.limits import START_S, Ticket
from netwright.executors.shipping import Files, content, pack, unpack
from netwright.trial import folder_name

_LATE_S = 60.0
"""That a node's own watch may be late with ending a job, before it is taken for lost."""


class Remote:
    """An actor, asked one thing at a time. call: the answer to come, None while it has nothing to do.

    handle: of the actor; log: where what its worker prints goes, where the disk is not shared; task: gives the task's
    files, as Ray's reference, where they must travel.
    """

    def __init__(self, handle: Any, log: Path, task: Callable[[], Any]) -> None:
        self.handle, self._log, self._task = handle, log, task
        self.about: About | None = None
        self.ready = False
        self.job: Job | None = None
        self.since = time.monotonic()
        self._sent: set[str] = set()
        self.call: Any = handle.look.remote()

    @property
    def idle(self) -> bool:
        return self.ready and self.call is None

    @property
    def node(self) -> str:
        return "a node" if self.about is None else f"node {self.about.node}"

    def overdue(self, now: float) -> bool:
        """Has the job that it is on run on beyond all limits?"""
        if self.job is None:
            return False
        return now > self.since + START_S + self.job.seconds + self.job.grace + _LATE_S

    def run(self, job: Job, payload: bytes) -> None:
        """Gives it a pickled job."""
        assert self.about is not None
        self.job, self.since = job, time.monotonic()
        folder, files = "", dict[str, Files]()
        if self.about.folder:
            job, files = self._moved(job)
            folder, payload = job.directory, pickle.dumps(job)
        self.call = self.handle.run.remote(Ticket.of(job), payload, folder, files)

    def cancel(self) -> None:
        """Kills its job; it is idle afterwards."""
        assert self.job is not None
        self.call, self.job = self.handle.cancel.remote(self.job.number), None

    def answer(self, answer: Any) -> list[Event]:
        """Takes what it answered, asks on."""
        self.call = None
        if isinstance(answer, News):
            return self._learn(answer)
        if isinstance(answer, About):
            self.about = answer
        if not self.ready and isinstance(answer, About) and not answer.ready:
            self.call = self.handle.take.remote(self._task())
        else:
            self.ready = True
        self.since = time.monotonic()
        return []

    def _learn(self, news: News) -> list[Event]:
        if news.log:
            with self._log.open("ab") as file:
                file.write(news.log)
        job = self.job
        if job is None:
            return []
        events: list[Event] = []
        for event in news.events:
            if isinstance(event, Finished) and news.files is not None:
                event = self._brought(event, job, news.files)
            events.append(event)
            if not isinstance(event, Report):
                self.job, self.since = None, time.monotonic()
        if self.job is not None:
            self.call = self.handle.wait.remote()
        return events

    def _brought(self, event: Finished, job: Job, files: Files) -> Event:
        """The event, once the files that the job left are here."""
        try:
            unpack(files, Path(job.directory))
        except OSError as error:
            return failed(event.number, error)
        return event

    def _moved(self, job: Job) -> tuple[Job, dict[str, Files]]:
        """The job as it is on a node that does not see this disk, and the files that it needs there, by folder: what
        its parents left beside its own folder, and what its evaluator says that it reads."""
        assert self.about is not None
        root, files = Path(self.about.folder), dict[str, Files]()
        if job.directory:
            here = Path(job.directory)
            for parent in job.proposal.parents:
                left = pack(here.parent / folder_name(parent))
                if left:
                    files[str(root / "trials" / folder_name(parent))] = left
            job = replace(job, directory=str(root / "trials" / here.name))
        read = tuple(getattr(job.evaluator, "files", ()))
        if read:
            places = {path: str(root / sha256(path.encode()).hexdigest()[:16] / Path(path).name) for path in read}
            for path, place in places.items():
                if path not in self._sent:
                    files[str(Path(place).parent)] = {Path(path).name: content(Path(path))}
                    self._sent.add(path)
            job = replace(job, evaluator=job.evaluator.moved(places))  # type: ignore[attr-defined]
        return job, files
