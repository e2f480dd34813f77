"""One SQLite file and its transactions.

Write-ahead log; writers take the lock at once (BEGIN IMMEDIATE) and wait up to 60 s for it. A durable write is fsynced
before its transaction ends (synchronous=FULL). Others (leases, live progress) skip the fsync: they survive the death of
every process, and only a power cut, which ends every lease as well, may take the last of them back.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from netwright.errors import InputError
from netwright.store import schema
from netwright.store.refusals import BUSY_S, damaged, not_ours, refusal

_MAGIC = b"SQLite format 3\0"


class Database:
    """An open file. Safe to share between threads; each process opens its own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._thread = threading.local()
        url = URL.create("sqlite", database=str(path))
        self._engine = create_engine(url, connect_args={"timeout": BUSY_S})
        event.listen(self._engine, "connect", _connected)
        event.listen(self._engine, "begin", _begin)
        begin = "BEGIN IMMEDIATE"
        self._durable = self._engine.execution_options(netwright_begin=begin, netwright_synchronous="FULL")
        self._light = self._engine.execution_options(netwright_begin=begin, netwright_synchronous="NORMAL")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of everything committed, and of what the batch that it is in has written."""
        with self._translated():
            if (batch := self._batch) is not None:
                yield batch
                return
            with self._engine.connect() as connection:
                yield connection

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[Connection]:
        """One transaction, fsynced if `durable`; within a batch, a part of it. Either way all of it or none."""
        with self._translated():
            if (batch := self._batch) is not None:
                with batch.begin_nested():
                    yield batch
                return
            with (self._durable if durable else self._light).begin() as connection:
                yield connection

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Makes all reads and writes of this thread one durable transaction."""
        if self._batch is not None:
            yield
            return
        with self._translated(), self._durable.begin() as connection:
            self._thread.batch = connection
            try:
                yield
            finally:
                self._thread.batch = None

    @property
    def _batch(self) -> Connection | None:
        return getattr(self._thread, "batch", None)

    def create(self) -> None:
        """Makes the tables, unless another process has just done so."""
        with self._translated():
            _write_ahead(self._engine, self.path)
            with self._durable.begin() as connection:
                if not _marks(connection)[1]:
                    schema.create(connection)

    def check(self) -> None:
        """Raises InputError unless this is a store that this version can use. Changes nothing in a foreign file."""
        with self.read() as connection:
            application, version = _marks(connection)
        if application != schema.APPLICATION:
            raise not_ours(self.path, "it is another program's database")
        if version > schema.VERSION:
            raise InputError(f"{self.path} was written by a newer netwright (schema {version})", "upgrade netwright")
        if version < 1:
            raise damaged(self.path)

    def is_blank(self) -> bool:
        """No tables and no marks: made but never filled."""
        with self.read() as connection:
            tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
            return not tables and _marks(connection) == (0, 0)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise refusal(error.orig, self.path) from error
        except sqlite3.Error as error:
            raise refusal(error, self.path) from error


def open_database(path: Path, create: bool) -> Database:
    """The database at `path`; see `netwright.store.open_store`."""
    _check_file(path, create)
    database = Database(path)
    try:
        if create and database.is_blank():
            database.create()
        database.check()
    except BaseException:
        database.close()
        raise
    return database


def _check_file(path: Path, create: bool) -> None:
    """What can be said without SQLite."""
    if path.is_dir():
        raise not_ours(path, "it is a folder")
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
        raise not_ours(path, "it is not a SQLite database" if head else "it is empty")


def _connected(connection: Any, _: Any) -> None:
    """Transactions are begun by `_begin`, never by the driver."""
    connection.isolation_level = None


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if synchronous := options.get("netwright_synchronous"):
        connection.exec_driver_sql(f"PRAGMA synchronous = {synchronous}")
    connection.exec_driver_sql(options.get("netwright_begin", "BEGIN"))


def _marks(connection: Connection) -> tuple[int, int]:
    """(application id, schema version)."""
    application = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
    version = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
    return int(application), int(version)


def _write_ahead(engine: Engine, path: Path) -> None:
    """Switches the file to write-ahead logging, which lasts. SQLite does not wait for the others here, so this does."""
    give_up = time.monotonic() + BUSY_S
    while True:
        try:
            with closing(engine.raw_connection()) as raw:
                mode = raw.cursor().execute("PRAGMA journal_mode = WAL").fetchone()[0]
            break
        except sqlite3.OperationalError as error:
            if not str(error).startswith("database is locked") or time.monotonic() > give_up:
                raise
            time.sleep(random.uniform(0.005, 0.05))
    if mode != "wal":
        raise InputError(f"the file system of {path} has no shared memory", "put the search folder on a local disk")
