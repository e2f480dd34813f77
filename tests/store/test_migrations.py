"""Stores of every released schema open in the present version, with everything in them."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect

from netwright.errors import NetwrightError
from netwright.objectives import Objective, Objectives
from netwright.store import open_store
from netwright.store.schema import METADATA, VERSION
from netwright.testing.stores import failed, measured, trial

RELEASED = Path(__file__).with_name("released")
ACCURACY = Objectives((Objective("accuracy"),))


def restored(path, version):
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript((RELEASED / f"schema-{version}.sql").read_text())
    return path


def shape(path):
    """Tables, columns and indexes of a file."""
    engine = create_engine(f"sqlite:///{path}")
    found = inspect(engine)
    tables = {
        name: (
            {(column["name"], column["nullable"]) for column in found.get_columns(name)},
            {(index["name"], tuple(index["column_names"])) for index in found.get_indexes(name)},
        )
        for name in found.get_table_names()
    }
    engine.dispose()
    return tables


def test_every_earlier_schema_has_its_file():
    assert {path.name for path in RELEASED.iterdir()} >= {f"schema-{version}.sql" for version in range(1, VERSION)}


@pytest.mark.parametrize("version", range(1, VERSION))
def test_a_released_store_opens_whole(tmp_path, version):
    path = restored(tmp_path / "search.sqlite", version)
    with open_store(path) as store:
        store.reclaim(all=True)
        first = replace(measured(0), worker="driver")
        assert store.trials() == [first, failed(1), trial(2), trial(3)]
        assert [record.seq for record in store.log()] == [1, 2, 3, 4, 5, 6]
        store.judge_by(ACCURACY)
        assert store.best("search", 5) == [first]
        store.propose([trial(4)])
        assert store.finish(measured(4), store.start(4, "worker", 60.0))
        assert [each.number for each in store.best("search", 5)] == [0, 4]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (VERSION,)


@pytest.mark.parametrize("version", range(1, VERSION))
def test_an_upgraded_store_has_the_shape_of_a_new_one(tmp_path, version):
    open_store(restored(tmp_path / "old.sqlite", version)).close()
    open_store(tmp_path / "new.sqlite", create=True).close()
    assert shape(tmp_path / "old.sqlite") == shape(tmp_path / "new.sqlite")
    assert shape(tmp_path / "new.sqlite").keys() == METADATA.tables.keys()


def test_an_old_store_in_use_is_left_alone(tmp_path):
    path = restored(tmp_path / "search.sqlite", 1)
    with closing(sqlite3.connect(path)) as connection:
        there = '{"machine": "elsewhere", "pid": 1, "born": 0.0}'
        connection.execute("INSERT INTO locks VALUES ('driver', '77-abc', 1e12, ?)", (there,))
        connection.commit()
    with pytest.raises(NetwrightError, match=r"older netwright \(process 77\)"):
        open_store(path)
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
