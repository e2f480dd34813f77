"""The tables of a store. `records` is the truth and only ever grows; `trials` is its current state, kept beside it."""

from __future__ import annotations

from sqlalchemy import Column, Connection, Float, Integer, MetaData, Table, Text

APPLICATION = 0x4E575254
"""Marks a SQLite file as ours ("NWRT")."""

VERSION = 1
"""Of the schema below; written into the file."""

METADATA = MetaData()

RECORDS = Table(
    "records",
    METADATA,
    Column("seq", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("trial", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("time", Float, nullable=False),
    sqlite_autoincrement=True,
)
"""What happened, in order. time: Unix seconds at which it was written."""

TRIALS = Table(
    "trials",
    METADATA,
    Column("number", Integer, primary_key=True),
    Column("phase", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("proposed", Integer, nullable=False),
    Column("outcome", Integer),
    Column("worker", Text, nullable=False, default=""),
    Column("token", Integer, nullable=False, default=0),
    Column("lease", Float),
    Column("started", Float),
)
"""proposed, outcome: `seq` of the records that hold them; token: of the latest lease; lease: Unix second of its end."""

META = Table("meta", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

SPACES = Table("spaces", METADATA, Column("name", Text, primary_key=True), Column("definition", Text))
"""definition: NULL for a space that only its Python code can make."""

PROGRESS = Table(
    "progress", METADATA, Column("number", Integer, primary_key=True), Column("data", Text, nullable=False)
)

LOCKS = Table(
    "locks",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("owner", Text, nullable=False),
    Column("until", Float, nullable=False),
    Column("process", Text, nullable=False),
)
"""until: Unix second of its end; process: who holds it, see `netwright.store.process`."""

_APPEND_ONLY = """
CREATE TRIGGER records_never_{event} BEFORE {event} ON records
BEGIN SELECT RAISE(ABORT, 'records are append-only'); END
"""


def create(connection: Connection) -> None:
    """Makes the tables within the transaction of `connection`."""
    METADATA.create_all(connection, checkfirst=False)
    for event in ("update", "delete"):
        connection.exec_driver_sql(_APPEND_ONLY.format(event=event))
    connection.exec_driver_sql(f"PRAGMA application_id = {APPLICATION}")
    connection.exec_driver_sql(f"PRAGMA user_version = {VERSION}")
