"""The heartbeat of a driver: as long as it beats, what the driver holds is its own.

It is a thread, so that neither a long training in this process nor a strategy that thinks for long lets a lease lapse.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from netwright.errors import NetwrightError
from netwright.store import Store

BEAT_S = 10.0
LEASE_S = 2 * BEAT_S
"""Of a trial, and of a driver's presence: what a dead driver held is free again within two beats."""


class Heart:
    """Renews the presence of `driver` and the leases of the trials that it runs, from `start` to `stop`.

    leases: the trials' numbers with their tokens.
    """

    def __init__(self, store: Store, driver: str, leases: Callable[[], dict[int, int]], every: float = BEAT_S) -> None:
        self._store, self._driver, self._leases, self._every = store, driver, leases, every
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="netwright-heart", daemon=True)

    def start(self) -> None:
        self._store.attend(self._driver, 2 * self._every)
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._every):
            with contextlib.suppress(NetwrightError):  # the driver itself will meet what is wrong
                self.beat()

    def beat(self) -> None:
        """One beat: a transaction."""
        self._store.attend(self._driver, 2 * self._every, self._leases())
