"""The clock of a store on one machine: all its processes read the same, whatever is done to the time of day.

It goes on from the time of day as it was when the machine's first process asked, by the clock that counts since the
machine was started. Setting the time of day forth or back ends no lease early and prolongs none. After a restart of the
machine nobody holds anything any more, and it begins anew.
"""

from __future__ import annotations

import time

from sqlalchemy import Connection, func, select, update

from netwright.store.boot import boot_name, since_boot
from netwright.store.database import upsert
from netwright.store.plain import decode, encode
from netwright.store.schema import LOCKS, META, RECORDS, TRIALS

NAME = "store clock"
"""Under which the agreed beginning is kept."""


class MachineClock:
    """Of one store as one process has it open."""

    def __init__(self) -> None:
        self._offset: float | None = None

    def now(self, connection: Connection, writes: bool = True) -> float:
        """Unix seconds. writes: the transaction may write, and so agree with the other processes on when it is."""
        if self._offset is None:
            boot = boot_name()
            offset = None if boot is None else _agreed(connection, boot)
            if boot is None or (offset is None and not writes):
                return time.time()
            self._offset = _agree(connection, boot) if offset is None else offset
        return self._offset + since_boot()


def _agreed(connection: Connection, boot: str) -> float | None:
    """Seconds between 1970 on the store's clock and the machine's start, once a process of this run has set them."""
    kept = connection.execute(select(META.c.value).where(META.c.name == NAME)).scalar_one_or_none()
    agreed = decode(kept) if kept is not None else {}
    return float(agreed["offset"]) if agreed.get("boot") == boot else None


def _agree(connection: Connection, boot: str) -> float:
    """Sets them, never before what the log knows; whoever held anything in an earlier run does so no more."""
    latest = select(RECORDS.c.time).where(RECORDS.c.seq == select(func.max(RECORDS.c.seq)).scalar_subquery())
    offset = max(time.time(), connection.execute(latest).scalar_one_or_none() or 0.0) - since_boot()
    upsert(connection, META, {"name": NAME}, {"value": encode({"boot": boot, "offset": offset})})
    connection.execute(update(TRIALS).where(TRIALS.c.status == "running").values(lease=0.0))
    connection.execute(update(LOCKS).values(until=0.0))
    return offset
