"""Leases: who works on a trial, until when. Each has a token, one more than the trial's last; only the latest counts.

So a worker that was thought dead and comes back late is refused (fencing).
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, delete, select, update

from netwright.errors import NetwrightError
from netwright.store.database import Now
from netwright.store.schema import OPEN, PROGRESS, TRIALS

FINISHED = ("completed", "failed")


def grant(connection: Connection, number: int, worker: str, seconds: float, now: Now, started: float | None) -> int:
    """The token of a new lease on a trial that is pending, or whose lease has lapsed."""
    found = select(TRIALS.c.status, TRIALS.c.worker, TRIALS.c.token, (TRIALS.c.lease > now).label("held"))
    row = connection.execute(found.where(TRIALS.c.number == number)).one_or_none()
    if row is None:
        raise NetwrightError(f"there is no trial {number} in the store: propose it first")
    if row.status in FINISHED:
        raise NetwrightError(f"trial {number} has {row.status} and cannot start again")
    if row.status == "running" and row.held:
        raise NetwrightError(f"trial {number} is running on {row.worker!r}: wait until its lease ends, or reclaim it")
    token = int(row.token) + 1
    values = {"status": "running", "worker": worker, "token": token, "lease": now + seconds, "started": started}
    connection.execute(update(TRIALS).where(TRIALS.c.number == number).values(values))
    return token


def extend(connection: Connection, number: int, token: int, seconds: float, now: Now) -> bool:
    """Moves the end of a lease; False when it is not the trial's latest."""
    latest = (TRIALS.c.number == number, TRIALS.c.token == token, TRIALS.c.status == "running")
    return connection.execute(update(TRIALS).where(*latest).values(lease=now + seconds)).rowcount == 1


def take_back(connection: Connection, now: Now | None, dead: Collection[str] = ()) -> list[int]:
    """Makes the trials whose leases end by `now` (None: all that run), or that `dead` workers held, pending again;
    their numbers, in order."""
    running = select(TRIALS.c.number).where(OPEN, TRIALS.c.status == "running").order_by(TRIALS.c.number)
    if now is not None:
        running = running.where((TRIALS.c.lease <= now) | TRIALS.c.worker.in_(dead))
    numbers = list(connection.execute(running).scalars())
    if numbers:
        released = {"status": "pending", "worker": "", "lease": None, "started": None}
        connection.execute(delete(PROGRESS).where(PROGRESS.c.number.in_(numbers)))
        connection.execute(update(TRIALS).where(TRIALS.c.number.in_(numbers)).values(released))
    return numbers
