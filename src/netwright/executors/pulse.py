"""A driver's sign of life, in a file that its jobs on other machines look at: without it, they end by themselves."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from pathlib import Path

BEAT_S = 10.0
GONE_S, REMOVED_S = 180.0, 20.0
"""Without a beat, by the reader's own clock, before the driver is taken for dead, as file systems may show it late;
without even the file, which a driver removes at its end."""


class Pulse:
    """A thread that changes a file every ten seconds, from `start` to `stop`, which removes it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="netwright-pulse", daemon=True)

    def start(self) -> None:
        self._beat(0)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()
        self.path.unlink(missing_ok=True)

    def _run(self) -> None:
        beats = 0
        while not self._over.wait(BEAT_S):
            beats += 1
            with contextlib.suppress(OSError):  # a full disk is no reason to stop jobs at once
                self._beat(beats)

    def _beat(self, number: int) -> None:
        draft = self.path.with_suffix(".new")
        draft.write_text(str(number), encoding="ascii")
        os.replace(draft, self.path)


class Listener:
    """The other end."""

    def __init__(self, path: Path, gone_s: float = GONE_S) -> None:
        self._path, self._gone_s = path, gone_s
        self._last: str | None = None
        self._since = time.monotonic()

    @property
    def silent(self) -> bool:
        """Has nothing been heard for too long?"""
        try:
            heard: str | None = self._path.read_text(encoding="ascii")
        except OSError:
            heard = None
        now = time.monotonic()
        if heard is not None and heard != self._last:
            self._last, self._since = heard, now
        return now - self._since > (self._gone_s if heard is not None else min(self._gone_s, REMOVED_S))
