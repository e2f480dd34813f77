"""One driver a search: a lock in the file that lapses when its owner stops renewing it, or is found dead."""

from __future__ import annotations

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.sqlite import insert

from netwright.store.plain import decode, encode
from netwright.store.process import is_gone, this_process
from netwright.store.schema import LOCKS

_DRIVER = "driver"


def acquire(connection: Connection, owner: str, until: float, now: float) -> bool:
    """Takes the lock, or renews it if it is `owner`'s; False while another holds it."""
    holder = _holder(connection, now)
    if holder is not None and holder.owner != owner:
        return False
    values = {"owner": owner, "until": until, "process": encode(this_process())}
    statement = insert(LOCKS).values(name=_DRIVER, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=[LOCKS.c.name], set_=values))
    return True


def release(connection: Connection, owner: str) -> None:
    """Gives the lock back if it is `owner`'s."""
    connection.execute(delete(LOCKS).where(LOCKS.c.name == _DRIVER, LOCKS.c.owner == owner))


def holder(connection: Connection, now: float) -> str | None:
    """Who holds the lock."""
    row = _holder(connection, now)
    return None if row is None else str(row.owner)


def _holder(connection: Connection, now: float) -> Row[tuple[str, str, float, str]] | None:
    row = connection.execute(select(LOCKS).where(LOCKS.c.name == _DRIVER)).one_or_none()
    if row is None or row.until <= now or is_gone(decode(row.process)):
        return None
    return row
