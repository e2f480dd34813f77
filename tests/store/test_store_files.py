"""Files that are not a store, or not any more, and disks that refuse."""

from __future__ import annotations

import os
import resource
import sqlite3
from contextlib import closing, contextmanager

import pytest

from netwright.errors import InputError, NetwrightError
from netwright.space import Space, chain, choice, op, program
from netwright.store import open_store
from netwright.store.refusals import refusal
from netwright.store.schema import VERSION
from netwright.testing.stores import SPACE, measured, trial
from netwright.trial import Proposal, Trial


@pytest.fixture
def path(tmp_path):
    return tmp_path / "search.sqlite"


@pytest.fixture
def store(path):
    with open_store(path, create=True) as store:
        store.add_space(SPACE)
        yield store


def read_all(path):
    with open_store(path) as store:
        return store.trials()


def execute(path, statement):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def test_a_missing_file_is_made_only_when_asked(path):
    with pytest.raises(InputError, match="does not exist"):
        open_store(path)
    assert not path.exists()
    open_store(path, create=True).close()
    open_store(path).close()


def test_a_path_may_be_a_url_or_relative(path, monkeypatch):
    open_store(f"sqlite:///{path}", create=True).close()
    monkeypatch.chdir(path.parent)
    with open_store(path.name) as store:
        assert store.place == str(path)


@pytest.mark.parametrize("create", [False, True])
@pytest.mark.parametrize("content", [b"just some text, long enough", b"SQLite format 3\0" + b"\xff" * 4096])
def test_another_file_is_refused_and_left_alone(path, content, create):
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"search\.sqlite"):
        open_store(path, create)
    assert path.read_bytes() == content


@pytest.mark.parametrize("create", [False, True])
def test_another_programs_database_is_refused_and_left_alone(path, create):
    execute(path, "CREATE TABLE trials (number)")
    before = path.read_bytes()
    with pytest.raises(InputError, match="another program's"):
        open_store(path, create)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("place", "says"),
    [(".", "is a folder"), ("absent/search.sqlite", "does not exist"), ("mysql://host/db", "mysql")],
)
def test_impossible_places_are_refused(tmp_path, monkeypatch, place, says):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=says):
        open_store(place, create=True)


def test_an_empty_file_is_filled_only_when_asked(path):
    path.touch()
    with pytest.raises(InputError, match="empty"):
        open_store(path)
    open_store(path, create=True).close()


def test_a_newer_version_is_refused(path, store):
    store.close()
    execute(path, f"PRAGMA user_version = {VERSION + 1}")
    with pytest.raises(InputError, match=f"schema {VERSION + 1}.*upgrade"):
        open_store(path)


def test_a_damaged_file_is_said_to_be(path, store):
    store.propose([trial(number) for number in range(200)])
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + os.urandom(len(whole) - 8192))
    with pytest.raises(InputError, match=r"damaged.*\.recover"):
        read_all(path)


def test_a_truncated_file_is_said_to_be_damaged(path, store):
    store.propose([trial(number) for number in range(200)])
    store.close()
    path.write_bytes(path.read_bytes()[:8192])
    with pytest.raises(InputError, match="damaged"):
        read_all(path)


def test_records_are_never_changed(path, store):
    store.propose([trial(0)])
    for statement in ("UPDATE records SET kind = 'failed'", "DELETE FROM records"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            execute(path, statement)
    assert store.trials() == [trial(0)]


@contextmanager
def largest_file(size):
    """As a full disk or a quota: no file grows beyond `size` bytes."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_refused_write_loses_nothing(path, store):
    store.propose([trial(number) for number in range(3)])
    written = path.with_name(path.name + "-wal").stat().st_size
    with largest_file(written), pytest.raises(NetwrightError, match="everything recorded before is safe"):
        store.propose([trial(number) for number in range(3, 200)])
    assert store.trials() == [trial(number) for number in range(3)]
    store.propose([trial(3)])
    store.close()
    with open_store(path) as again:
        assert again.trials() == [trial(number) for number in range(4)]


@pytest.mark.parametrize("does", ["put", "finish", "start", "lock"])
def test_every_write_names_the_full_disk(path, store, does):
    store.propose([trial(0)])
    calls = {
        "put": lambda: store.put("large", "x" * 10**6),
        "finish": lambda: store.finish(measured(0)),
        "start": lambda: store.start(0, "x" * 10**5, 60.0),
        "lock": lambda: store.lock("x" * 10**5, 60.0),
    }
    written = path.with_name(path.name + "-wal").stat().st_size
    with largest_file(written), pytest.raises(NetwrightError, match=r"free some space|free space"):
        calls[does]()
    calls[does]()


def test_sqlites_own_full_disk_is_named(path):
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA max_page_count = 2")
        connection.execute("CREATE TABLE t (x)")
        with pytest.raises(sqlite3.OperationalError) as caught:
            connection.execute("INSERT INTO t VALUES (zeroblob(100000))")
    assert "is full" in str(refusal(caught.value, str(path)))


def test_what_is_not_plain_data_is_refused(store):
    with pytest.raises(NetwrightError, match="object"):
        store.put("thing", {"deep": [object()]})
    assert store.get("thing") is None


def _drawn(decide):
    return chain(op("conv", kernel=decide("kernel", choice(3, 5)), channels=8), op("head"))


def test_a_space_of_python_code_must_be_given_again(path, store):
    space = Space(program(_drawn, "drawn"), "mine")
    pending = Trial(0, Proposal(space.architecture({"kernel": 1})))
    store.add_space(space)
    store.propose([pending])
    assert store.trials() == [pending]
    with open_store(path) as again:
        assert list(again.spaces()) == [SPACE.name]
        with pytest.raises(InputError, match="'mine' of trial 0"):
            again.trials()
        again.add_space(space)
        assert again.trials() == [pending]
