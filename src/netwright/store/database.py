"""A database and its transactions: what SQLite and PostgreSQL have in common.

Writers take turns: a write transaction holds the store's one write lock from its start, so the log has no gaps and is
read in the order of writing. A durable write has reached the disk when its transaction returns. Others (leases, live
progress) skip that wait: they survive the death of every process, and only a power cut may take the last of them back.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Engine, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from netwright.errors import InputError, NetwrightError

BUSY_S = 60.0
"""How long a write waits for another process's."""


class Lost(InputError):
    """The database's server is not there, or not any more. Whether the last write counts is not known."""


Now: TypeAlias = ColumnElement[float]
"""The present instant in Unix seconds, on the store's own clock: an expression to write and to compare with."""


class Database(ABC):
    """An open database. Safe to share between threads; each process opens its own.

    place: how messages name it.
    """

    def __init__(self, engine: Engine, place: str) -> None:
        self.place = place
        self._engine = engine
        self._thread = threading.local()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One consistent view of everything committed, and of what the batch that it is in has written."""
        with self._translated():
            if (batch := self._batch) is not None:
                yield batch
                return
            with self._reading() as connection:
                yield connection

    @contextmanager
    def write(self, durable: bool = True) -> Iterator[Connection]:
        """One transaction, all or nothing, on the disk at its end if `durable`. Within a batch a part of it: whoever
        refuses must do so before writing anything."""
        with self._translated():
            if (batch := self._batch) is not None:
                yield batch
                return
            with self._writing(durable) as connection:
                yield connection

    @contextmanager
    def batch(self) -> Iterator[None]:
        """Makes all reads and writes of this thread one durable transaction."""
        if self._batch is not None:
            yield
            return
        with self._translated(), self._writing(durable=True) as connection:
            self._thread.batch = connection
            try:
                yield
            finally:
                self._thread.batch = None

    @property
    def _batch(self) -> Connection | None:
        return getattr(self._thread, "batch", None)

    def close(self) -> None:
        self._engine.dispose()

    @abstractmethod
    def now(self, connection: Connection, writes: bool = True) -> Now:
        """The store's clock: what the clocks of its users say does not matter. writes: in a transaction that may."""

    @abstractmethod
    def version(self, connection: Connection) -> int:
        """Of the schema within; 0 where there are no tables at all. Raises InputError for what is no store."""

    @abstractmethod
    def mark(self, connection: Connection, version: int) -> None:
        """Writes the schema's version where this kind of database has a place for it, beside Alembic's."""

    @abstractmethod
    def protect(self, connection: Connection) -> None:
        """Makes the log append-only."""

    @abstractmethod
    def prepare(self) -> None:
        """Whatever must be so before there are tables."""

    @abstractmethod
    def refusal(self, error: BaseException | None) -> NetwrightError:
        """The error to raise for one of the database's. Whatever it was, the transaction was rolled back as a whole."""

    @abstractmethod
    def _reading(self) -> AbstractContextManager[Connection]: ...

    @abstractmethod
    def _writing(self, durable: bool) -> AbstractContextManager[Connection]: ...

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            raise self.refusal(error.orig) from error


def upsert(connection: Connection, table: Table, key: Mapping[str, Any], values: Mapping[str, Any]) -> None:
    """Writes a row, in place of the one with the same key."""
    insert = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[connection.dialect.name]
    statement: Any = insert(table).values(**key, **values)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(values)))
