"""The tables of a store. `records` is the truth and only ever grows; the others, kept beside it, are its state."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, Table, Text, text

APPLICATION = 0x4E575254
"""Marks a SQLite file as ours ("NWRT")."""

VERSION = 2
"""Of the schema below; written into the database. `migrations/` leads here from every earlier one."""

METADATA = MetaData()

RECORDS = Table(
    "records",
    METADATA,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("trial", Integer, nullable=False),
    Column("payload", Text, nullable=False),
    Column("time", Float, nullable=False),
    Column("crc", BigInteger),
)
"""What happened, in order. time: Unix seconds at which it was written, on the store's clock; crc: the payload's CRC-32,
NULL in what schema 1 wrote."""

TRIALS = Table(
    "trials",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("phase", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("proposed", Integer, nullable=False),
    Column("outcome", Integer),
    Column("worker", Text, nullable=False, default=""),
    Column("token", Integer, nullable=False, default=0),
    Column("lease", Float),
    Column("started", Float),
    Column("twin", Text),
    Column("violation", Float),
    Column("loss", Float),
)
"""proposed, outcome: `seq` of the records that hold them; token: of the latest lease; lease: Unix second of its end;
twin: what equal trainings of equal networks have in common; violation, loss: by which the best come first, NULL for
what cannot be the best."""

META = Table("meta", METADATA, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

SPACES = Table("spaces", METADATA, Column("name", Text, primary_key=True), Column("definition", Text))
"""definition: NULL for a space that only its Python code can make."""

PROGRESS = Table(
    "progress",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("data", Text, nullable=False),
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

FRONT = Table(
    "front",
    METADATA,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("phase", Text, nullable=False),
    Column("architecture", Text, nullable=False),
    Column("violation", Float, nullable=False),
    Column("losses", Text, nullable=False),
)
"""The trials of each phase that no other dominates. architecture: its key; losses: of all objectives."""

SNAPSHOTS = Table(
    "snapshots",
    METADATA,
    Column("phase", Text, primary_key=True),
    Column("seq", Integer, nullable=False),
    Column("data", Text, nullable=False),
)
"""A strategy's state after the record `seq`, so that a search goes on without reading all of its log again."""

OPEN = text("status IN ('pending', 'running')")
RANKED = text("loss IS NOT NULL AND violation IS NOT NULL")
"""Conditions of partial indexes; a query that says the same finds its rows by them."""

REVISION = Table("alembic_version", METADATA, Column("version_num", Text, primary_key=True))
"""The schema's version, where Alembic looks for it."""

INDEXES = (
    Index("trials_open", TRIALS.c.number, sqlite_where=OPEN, postgresql_where=OPEN),
    Index("trials_twin", TRIALS.c.twin),
    Index("trials_phase", TRIALS.c.phase, TRIALS.c.number),
    Index(
        "trials_best",
        TRIALS.c.phase,
        TRIALS.c.violation,
        TRIALS.c.loss,
        TRIALS.c.number,
        sqlite_where=RANKED,
        postgresql_where=RANKED,
    ),
    Index("front_phase", FRONT.c.phase),
)
"""What a page of a long log is found by."""
