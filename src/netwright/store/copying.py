"""Copies a search from one store to another, of whatever kind; and lets a folder go on with the copy."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from netwright.errors import InputError, NetwrightError
from netwright.store import clock
from netwright.store.database import Database
from netwright.store.folder import FILE, LINK, holds_search, open_in
from netwright.store.lease import take_back
from netwright.store.opening import open_database
from netwright.store.schema import FRONT, META, RECORDS, SNAPSHOTS, SPACES, TRIALS
from netwright.store.store import Store, open_store

TABLES = (META, SPACES, RECORDS, TRIALS, FRONT, SNAPSHOTS)
"""Without who drives and what is reported live: the copy is a search at rest."""
_PAGE = 1000
_HOLD_S = 3600.0


def copy(source: Path | str, target: Path | str) -> int:
    """Copies everything that a store knows into a new one; the number of its records.

    source: the folder of a search, a file or a URL; target: a file or a URL. Raises InputError where a driver is at
    work in the source, or the target holds a search.
    """
    owner = f"{os.getpid()}-copy"
    with _opened(source) as here:
        if not here.lock(owner, _HOLD_S):
            raise InputError(f"a driver is running the search in {here.place}", "stop it first: netwright stop DIR")
        try:
            return _copy(here.database, target)
        finally:
            here.unlock(owner)


def switch(directory: Path, target: Path | str) -> None:
    """Lets the search in a folder go on with the store at `target`: a URL, or the folder's own `search.sqlite`."""
    with open_store(target) as store:
        place = store.place
    if Path(place) == (directory / FILE).absolute():
        (directory / LINK).unlink(missing_ok=True)
        return
    fresh = directory / f"{LINK}.new"
    fresh.write_text(f"{place}\n", "utf-8")
    fresh.replace(directory / LINK)


def _opened(source: Path | str) -> Store:
    if "://" not in str(source) and holds_search(Path(source)):
        return open_in(Path(source))
    return open_store(source)


def _copy(here: Database, target: Path | str) -> int:
    there = open_database(target, create=True)
    try:
        with here.read() as reader, there.write() as writer:
            if writer.execute(select(func.count()).select_from(SPACES)).scalar_one():
                raise InputError(
                    f"{there.place} holds a search already", "copy to a new file, or give another ?search="
                )
            writer.execute(delete(META))
            for table in TABLES:
                for rows in _pages(reader, table):
                    writer.execute(insert(table), rows)
                _check(reader, writer, table, there.place)
            take_back(writer, None)
            return int(writer.execute(select(func.count()).select_from(RECORDS)).scalar_one())
    finally:
        there.close()


def _pages(connection: Connection, table: Table) -> Iterator[list[dict[str, Any]]]:
    (key,) = table.primary_key.columns
    query, after = select(table).order_by(key).limit(_PAGE), None
    while True:
        rows = connection.execute(query if after is None else query.where(key > after)).mappings().all()
        kept = [dict(row) for row in rows if not _stays(table, row)]
        if kept:
            yield kept
        if len(rows) < _PAGE:
            return
        after = rows[-1][key.name]


def _stays(table: Table, row: Mapping[Any, Any]) -> bool:
    """What belongs to the machine that the store is on."""
    return table is META and row["name"] == clock.NAME


def _check(reader: Connection, writer: Connection, table: Table, place: str) -> None:
    count = select(func.count()).select_from(table)
    if table is META:
        count = count.where(META.c.name != clock.NAME)
    here, there = reader.execute(count).scalar_one(), writer.execute(count).scalar_one()
    if here != there:
        raise NetwrightError(f"{there} of {here} rows of {table.name} arrived in {place}: nothing was kept there")
