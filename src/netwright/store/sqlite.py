"""A store in one SQLite file, for the processes of one machine.

Write-ahead log; writers queue up, take the lock at once (BEGIN IMMEDIATE) and wait up to a minute for it. A durable
write is fsynced before its transaction ends (synchronous=FULL).
"""

from __future__ import annotations

import random
import sqlite3
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, literal

from netwright.errors import InputError, NetwrightError
from netwright.store import schema
from netwright.store.clock import MachineClock
from netwright.store.database import BUSY_S, Database, Now
from netwright.store.refusals import not_ours, refusal
from netwright.store.turn import turn

_MAGIC = b"SQLite format 3\0"

_APPEND_ONLY = """
CREATE TRIGGER records_never_{event} BEFORE {event} ON records
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END
"""


class SQLite(Database):
    """An open file."""

    def __init__(self, path: Path) -> None:
        engine = create_engine(URL.create("sqlite", database=str(path)), connect_args={"timeout": BUSY_S})
        event.listen(engine, "connect", _connected)
        event.listen(engine, "begin", _begin)
        super().__init__(engine, str(path))
        self.path, self._clock = path, MachineClock()
        begin = "BEGIN IMMEDIATE"
        self._durable = engine.execution_options(netwright_begin=begin, netwright_synchronous="FULL")
        self._light = engine.execution_options(netwright_begin=begin, netwright_synchronous="NORMAL")

    def now(self, connection: Connection, writes: bool = True) -> Now:
        return literal(self._clock.now(connection, writes))

    def version(self, connection: Connection) -> int:
        application = int(connection.exec_driver_sql("PRAGMA application_id").scalar_one())
        version = int(connection.exec_driver_sql("PRAGMA user_version").scalar_one())
        tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
        if application != schema.APPLICATION and (application or version or tables):
            raise not_ours(self.place, "it is another program's database")
        return version

    def mark(self, connection: Connection, version: int) -> None:
        connection.exec_driver_sql(f"PRAGMA application_id = {schema.APPLICATION}")
        connection.exec_driver_sql(f"PRAGMA user_version = {version}")

    def protect(self, connection: Connection) -> None:
        for change in ("update", "delete"):
            connection.exec_driver_sql(_APPEND_ONLY.format(event=change))

    def prepare(self) -> None:
        """Switches the file to write-ahead logging, which lasts. SQLite waits for nobody here, so this does."""
        give_up = time.monotonic() + BUSY_S
        while True:
            try:
                with closing(self._engine.raw_connection()) as raw:
                    mode = raw.cursor().execute("PRAGMA journal_mode = WAL").fetchone()[0]
                break
            except sqlite3.OperationalError as error:
                if not str(error).startswith("database is locked") or time.monotonic() > give_up:
                    raise
                time.sleep(random.uniform(0.005, 0.05))
        if mode != "wal":
            raise InputError(
                f"the file system of {self.place} has no shared memory", "put the search folder on a local disk"
            )

    def refusal(self, error: BaseException | None) -> NetwrightError:
        return refusal(error, self.place)

    def _reading(self) -> AbstractContextManager[Connection]:
        return self._engine.connect()

    @contextmanager
    def _writing(self, durable: bool) -> Iterator[Connection]:
        with turn(self.path.parent, BUSY_S), (self._durable if durable else self._light).begin() as connection:
            yield connection

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            with super()._translated():
                yield
        except sqlite3.Error as error:
            raise self.refusal(error) from error


def check_file(path: Path, create: bool) -> None:
    """What can be said without SQLite. Raises InputError for a file that is missing or no store."""
    if path.is_dir():
        raise not_ours(str(path), "it is a folder")
    if not path.parent.is_dir():
        raise InputError(f"the folder {path.parent} does not exist", "make it first")
    if not path.exists():
        if not create:
            raise InputError(f"{path} does not exist", "give the search.sqlite of a search folder")
        return
    try:
        with path.open("rb") as file:
            head = file.read(len(_MAGIC))
    except OSError as error:
        raise InputError(f"{path} cannot be read", error.strerror or str(error)) from error
    if head != _MAGIC and not (create and not head):
        raise not_ours(str(path), "it is not a SQLite database" if head else "it is empty")


def _connected(connection: Any, _: Any) -> None:
    """Transactions are begun by `_begin`, never by the driver."""
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if synchronous := options.get("netwright_synchronous"):
        connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
    connection.exec_driver_sql(options.get("netwright_begin", "BEGIN"))
