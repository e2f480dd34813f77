"""A store in PostgreSQL, for the processes of many machines: one schema of a database holds one search.

A durable write commits under the write lock without waiting for the disk, gives the lock back, and then waits until the
server's log is on the disk up to there: so writers that come together share one wait. Whatever comes later in the log
builds on what came before, and a power cut takes away only the end of it, of which nobody was told that it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, Float, cast, create_engine, event, func, make_url, select
from sqlalchemy.exc import ArgumentError

from netwright.errors import InputError, MissingExtra, NetwrightError
from netwright.store.database import BUSY_S, Database, Now
from netwright.store.postgres_refusals import refusal
from netwright.store.schema import REVISION

SCHEMES = ("postgresql", "postgres")
DEFAULT = "netwright"
_NAME = re.compile(r"[a-z_][a-z0-9_-]{0,62}")
_EXAMPLE = "postgresql://user@host:5432/database?search=NAME"
_WITHOUT = {"application_name": "netwright", "connect_timeout": 10}
"""What every connection has. The server and this end notice within half a minute when the other is gone."""
_ALIVE = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 30_000}
_SESSION = (
    f"SET synchronous_commit = on; SET lock_timeout = '{BUSY_S:.0f}s'; "
    f"SET idle_in_transaction_session_timeout = '{BUSY_S:.0f}s'; "
    "SET tcp_keepalives_idle = 10; SET tcp_keepalives_interval = 5; SET tcp_keepalives_count = 3"
)

_APPEND_ONLY = """
CREATE FUNCTION records_are_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'records are append-only'; END $$;
CREATE TRIGGER records_never_change BEFORE UPDATE OR DELETE OR TRUNCATE ON records
EXECUTE FUNCTION records_are_append_only();
"""


class Postgres(Database):
    """An open schema. place: the URL without the password."""

    def __init__(self, text: str) -> None:
        url, self.schema = parsed(text)
        super().__init__(_engine(url, self.schema), place_of(url, self.schema))
        self._snapshot = self._engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._lock = f"netwright {self.schema}"

    def now(self, connection: Connection, writes: bool = True) -> Now:
        return cast(func.date_part("epoch", func.clock_timestamp()), Float)

    def version(self, connection: Connection) -> int:
        tables = set(
            connection.exec_driver_sql(
                "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s", (self.schema,)
            ).scalars()
        )
        if not tables:
            return 0
        if not {"records", "trials", REVISION.name} <= tables:
            raise InputError(
                f"{self.place} is no netwright store (it holds another program's tables)", "give another ?search=NAME"
            )
        return int(connection.execute(select(REVISION.c.version_num)).scalar_one())

    def mark(self, connection: Connection, version: int) -> None:
        """Alembic's own mark is all there is."""

    def protect(self, connection: Connection) -> None:
        connection.exec_driver_sql(_APPEND_ONLY)

    def prepare(self) -> None:
        with self._writing(durable=True) as connection:
            connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{self.schema}"')

    def refusal(self, error: BaseException | None) -> NetwrightError:
        return refusal(error, self.place)

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with self._snapshot.connect() as connection:
            yield connection

    @contextmanager
    def _writing(self, durable: bool) -> Iterator[Connection]:
        with self._engine.connect() as connection:
            with connection.begin():
                connection.exec_driver_sql(
                    "SELECT set_config('synchronous_commit', 'off', true), "
                    "pg_advisory_xact_lock(hashtextextended(%s, 0))",
                    (self._lock,),
                )
                yield connection
            if durable:
                with connection.begin():  # its commit waits for the disk, and all before it is there by then
                    connection.exec_driver_sql("SELECT pg_logical_emit_message(true, 'netwright', '')")


def parsed(text: str) -> tuple[URL, str]:
    """The URL for the driver, and the schema that `?search=NAME` names. Raises InputError where it makes no sense."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        shown = re.sub(r"//[^@/]*@", "//...@", text)
        raise InputError(f"cannot read the store's URL {shown!r}", f"write it like {_EXAMPLE}") from None
    query = dict(url.query)
    name = query.pop("search", DEFAULT)
    if not isinstance(name, str) or not _NAME.fullmatch(name) or name.startswith("pg_"):
        raise InputError(
            f"{name!r} cannot be the name of a search in PostgreSQL",
            "small letters, digits, - and _, such as ?search=churn-1",
        )
    if not url.database:
        raise InputError(f"{url.render_as_string()} names no database", f"write it like {_EXAMPLE}")
    return url.set(drivername="postgresql+psycopg", query=query), name


def place_of(url: URL, name: str) -> str:
    """The URL to show and to keep: without the password."""
    shown = url.set(drivername="postgresql", query={**url.query, "search": name})
    return URL.create(
        shown.drivername, shown.username, None, shown.host, shown.port, shown.database, shown.query
    ).render_as_string(hide_password=False)


def _engine(url: URL, name: str) -> Engine:
    try:
        engine = create_engine(url, pool_pre_ping=True, connect_args=_WITHOUT | _ALIVE)
    except ModuleNotFoundError as error:
        raise MissingExtra("psycopg", "postgres") from error

    def connected(connection: Any, _: Any) -> None:
        connection.autocommit = True
        connection.execute(f'SET search_path TO "{name}"; {_SESSION}')
        connection.autocommit = False

    event.listen(engine, "connect", connected)
    return engine
