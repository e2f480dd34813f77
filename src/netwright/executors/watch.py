"""A thread that holds workers to their limits, whatever the driver itself is busy with."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable

from netwright.executors.process import Worker

_TICK_S = 0.1


class Watch:
    """Looks at every worker ten times a second, from `start` to `stop`."""

    def __init__(self, workers: Callable[[], Iterable[Worker]]) -> None:
        self._workers = workers
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="netwright-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(_TICK_S):
            for worker in self._workers():
                worker.enforce(time.monotonic())
