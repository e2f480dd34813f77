"""Finds the database that a path or URL names, makes its tables where there are none yet, and brings older ones up."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert

from netwright.errors import InputError, NetwrightError
from netwright.store import keys, lock, schema
from netwright.store.database import Database
from netwright.store.plain import encode
from netwright.store.postgres import SCHEMES, Postgres
from netwright.store.refusals import damaged, not_ours
from netwright.store.sqlite import SQLite, check_file

_FILE_URL = "sqlite:///"


def open_database(place: Path | str, create: bool) -> Database:
    """The database at a place; see `netwright.store.open_store`."""
    database = _database(place, create)
    try:
        _check(database, create)
    except BaseException:
        database.close()
        raise
    return database


def is_url(place: Path | str) -> bool:
    """Names a server rather than a file."""
    return str(place).partition("://")[0] in SCHEMES


def _database(place: Path | str, create: bool) -> Database:
    text = str(place)
    if is_url(place):
        return Postgres(text)
    if text.startswith(_FILE_URL):
        text = text.removeprefix(_FILE_URL)
    elif "://" in text:
        raise InputError(
            f"cannot keep a search in {text.partition('://')[0]!r}",
            "give a path, sqlite:///PATH, or postgresql://USER@HOST/DATABASE?search=NAME",
        )
    path = Path(text).expanduser().absolute()
    check_file(path, create)
    return SQLite(path)


def _check(database: Database, create: bool) -> None:
    """Raises InputError unless this is a store that this version can use. Changes nothing in a foreign one."""
    with database.read() as connection:
        version = database.version(connection)
    if not version and create:
        database.prepare()
        with database.write() as connection:
            version = database.version(connection)
            if not version:
                version = _make(database, connection)
    if version > schema.VERSION:
        raise InputError(f"{database.place} was written by a newer netwright (schema {version})", "upgrade netwright")
    if version < 1:
        raise _nothing(database)
    if version < schema.VERSION:
        _upgrade(database)


def _make(database: Database, connection: Connection) -> int:
    schema.METADATA.create_all(connection, checkfirst=False)
    connection.execute(insert(schema.REVISION).values(version_num=str(schema.VERSION)))
    connection.execute(insert(schema.META).values(name=keys.NAME, value=encode(keys.this_version())))
    database.protect(connection)
    database.mark(connection, schema.VERSION)
    return schema.VERSION


def _nothing(database: Database) -> InputError:
    if isinstance(database, SQLite):
        with database.read() as connection:
            tables = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar_one()
        return damaged(database.place) if tables else not_ours(database.place, "it is empty")
    return InputError(f"{database.place} holds no search", "check the name after ?search=")


def _upgrade(database: Database) -> None:
    """Brings the schema to the present version, all of it or nothing. Raises NetwrightError while a driver is on it."""
    from alembic import command
    from alembic.config import Config

    with database.write() as connection:
        version = database.version(connection)  # another process may just have done it
        if version >= schema.VERSION:
            return
        driver = lock.holder(connection, database.now(connection, writes=False))
        if driver is not None:
            raise NetwrightError(
                f"{database.place} is in use by an older netwright (process {driver.partition('-')[0]}): "
                "stop that search, then open it again"
            )
        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
        if version == 1:  # from before there was a mark of Alembic's
            command.stamp(config, "1")
        command.upgrade(config, str(schema.VERSION))
        database.mark(connection, schema.VERSION)
