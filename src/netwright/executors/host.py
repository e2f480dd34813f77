"""A cluster's side of the ray executor: an actor that keeps one worker on its node, under that node's own watch.

So a job's limits are kept beside it, whatever the network does, and everything that it started dies with the node's
actor. An actor runs one method after another, in its main thread; the driver asks again and again for what is new.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from netwright.executors.base import Event, Finished, Report
from netwright.executors.limits import Ticket, memory_share_mb
from netwright.executors.pool import Pool
from netwright.executors.setup import Setup
from netwright.executors.shipping import Files, pack, unpack, unpack_once

ASK_S = 0.5
"""How long an actor waits for news, and is deaf meanwhile."""
_MOST_LOG = 2**20
"""Bytes of a worker's log that travel at once."""


@dataclass(frozen=True)
class Home:
    """What an actor is started with.

    token: this driver's own; number: this actor's; proof: absolute path of a file that holds the token, which is there
    where the driver's disk is shared; shared: is it (None: look); log: absolute path of the worker's log, on that disk;
    memory_mb: None for the part of the node's memory that goes with cores of its processor.
    """

    token: str
    number: int
    proof: str
    shared: bool | None
    setup: Setup
    log: str
    memory_mb: float | None
    cores: float


@dataclass(frozen=True)
class About:
    """Of a node. folder: absolute, where files from the driver go, "" where the disk is shared; ready: the task is
    there."""

    node: str
    folder: str
    ready: bool


@dataclass(frozen=True)
class News:
    """What happened since the last: events in order, what the worker has printed, the files that a job left."""

    events: tuple[Event, ...] = ()
    log: bytes = b""
    files: Files | None = None


class Host:
    """The actor. A job comes as bytes and is unpacked by the worker alone."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._shared = _sees(home) if home.shared is None else home.shared
        self._node = Path(tempfile.gettempdir()) / f"netwright-{home.token}"
        self._root = self._node / str(home.number)
        if not self._shared:
            self._root.mkdir(parents=True)
        self._log = Path(home.log) if self._shared else self._root / Path(home.log).name
        self._sent = 0
        self._kept: Path | None = None
        self._pool: Pool | None = None

    def look(self) -> About:
        """Where it is, and whether it has all that it needs."""
        self._open()
        return About(platform.node(), "" if self._shared else str(self._root), self._pool is not None)

    def take(self, files: Files) -> None:
        """The task's files, once for all actors of a node."""
        unpack_once(files, self._node / "data")
        self._open()

    def run(self, ticket: Ticket, payload: bytes, folder: str, files: Mapping[str, Files]) -> News:
        """Starts a job. folder: where it leaves files, if these must travel; files: folder -> what it needs there."""
        assert self._pool is not None
        for place, content in files.items():
            unpack(content, Path(place))
        self._kept = Path(folder) if folder else None
        if self._kept is not None:
            self._kept.mkdir(parents=True, exist_ok=True)
        self._pool.submit(ticket, payload)
        return self.wait()

    def wait(self) -> News:
        """What happened since, or nothing after a while."""
        assert self._pool is not None
        events = tuple(self._pool.wait(ASK_S))
        ended = any(not isinstance(event, Report) for event in events)
        files = None
        if ended and self._kept is not None:
            if any(isinstance(event, Finished) for event in events):
                files = pack(self._kept)
            self._clear()
        return News(events, b"" if self._shared else self._printed(), files)

    def cancel(self, number: int) -> None:
        """Kills a job."""
        if self._pool is not None:
            self._pool.cancel(number)
        self._clear()

    def close(self) -> None:
        """Kills the worker, and leaves nothing on the node; the task goes with the last one there."""
        if self._pool is not None:
            self._pool.close()
        if not self._shared:
            shutil.rmtree(self._root, ignore_errors=True)
            if not any(one.name.isdigit() for one in self._node.iterdir()):
                shutil.rmtree(self._node, ignore_errors=True)

    def _open(self) -> None:
        """Starts the worker, once the task is there."""
        data = Path(self._home.setup.task_directory) if self._shared else self._node / "data"
        if self._pool is not None or not (self._shared or data.is_dir()):
            return
        memory_mb = self._home.memory_mb
        if memory_mb is None and self._home.cores > 0:
            memory_mb = memory_share_mb(min(1.0, self._home.cores / (os.cpu_count() or 1)))
        self._pool = Pool(self._home.setup.there(str(data)), [self._log], memory_mb).__enter__()

    def _clear(self) -> None:
        """Forgets what the last job left here, and what it needed of its parents."""
        if not self._shared:
            shutil.rmtree(self._root / "trials", ignore_errors=True)
        self._kept = None

    def _printed(self) -> bytes:
        """What was added to the log."""
        with self._log.open("rb") as file:
            file.seek(self._sent)
            added = file.read(_MOST_LOG)
        self._sent += len(added)
        return added


def _sees(home: Home) -> bool:
    try:
        return Path(home.proof).read_text(encoding="utf-8") == home.token
    except (OSError, UnicodeDecodeError):
        return False
