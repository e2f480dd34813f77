"""Locks in the store that lapse when their owner stops renewing them, or is found dead: the lead of a search, and the
presence of each of its drivers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, select

from netwright.store.database import Now, upsert
from netwright.store.plain import decode, encode
from netwright.store.process import is_gone, this_process
from netwright.store.schema import LOCKS

LEAD = "driver"


def acquire(connection: Connection, owner: str, seconds: float, now: Now, name: str = LEAD) -> bool:
    """Takes a lock, or renews it if it is `owner`'s; False while another holds it."""
    held = _holder(connection, now, name)
    if held is not None and held.owner != owner:
        return False
    values = {"owner": owner, "until": now + seconds, "process": encode(this_process())}
    upsert(connection, LOCKS, {"name": name}, values)
    return True


def release(connection: Connection, owner: str, name: str = LEAD) -> None:
    """Gives a lock back if it is `owner`'s."""
    connection.execute(delete(LOCKS).where(LOCKS.c.name == name, LOCKS.c.owner == owner))


def holder(connection: Connection, now: Now, name: str = LEAD) -> str | None:
    """Who holds a lock."""
    row = _holder(connection, now, name)
    return None if row is None else str(row.owner)


def _holder(connection: Connection, now: Now, name: str) -> Row[Any] | None:
    row = connection.execute(select(LOCKS).where(LOCKS.c.name == name, LOCKS.c.until > now)).one_or_none()
    return None if row is None or is_gone(decode(row.process)) else row


def presence(owner: str) -> str:
    """The name of the lock that says that a driver is there."""
    return f"driver {owner}"


def forget(connection: Connection, dead: set[str]) -> None:
    """Takes drivers that are gone off the list."""
    connection.execute(delete(LOCKS).where(LOCKS.c.name.in_([presence(owner) for owner in dead])))


def present(connection: Connection, now: Now) -> tuple[set[str], set[str]]:
    """The drivers that are there, and those that were and have lapsed or died."""
    rows = connection.execute(select(LOCKS, (LOCKS.c.until > now).label("holds")).where(LOCKS.c.name != LEAD)).all()
    alive = {row.owner for row in rows if row.holds and not is_gone(decode(row.process))}
    return alive, {row.owner for row in rows} - alive
