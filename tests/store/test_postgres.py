"""A store on a PostgreSQL server: its URL, its neighbours, and a server that goes away."""

from __future__ import annotations

import subprocess

import pytest

from netwright.errors import InputError, NetwrightError
from netwright.store import check_free, create_in, open_in, open_store
from netwright.store.database import Lost
from netwright.testing.stores import SPACE, measured, trial

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'netwright[postgres]'")


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("postgresql://host", "names no database"),
        ("postgresql://host/db?search=Two%20Words", "cannot be the name"),
        ("postgresql://host/db?search=pg_mine", "cannot be the name"),
        ("postgresql://user:secret@host:port/db", "cannot read the store's URL"),
        ("postgresql://user:secret@127.0.0.1:1/db", "cannot be reached"),
    ],
)
def test_a_url_that_leads_nowhere_is_refused_and_no_password_shown(url, says):
    with pytest.raises(InputError, match=says) as caught:
        open_store(url, create=True)
    assert "secret" not in str(caught.value)


def test_a_database_that_is_not_there_is_named(server):
    with pytest.raises(InputError, match="does not exist: make it first"):
        open_store(server[0].replace("/postgres", "/absent"), create=True)


def test_a_search_that_is_not_there_is_made_only_when_asked(postgres):
    with pytest.raises(InputError, match="holds no search: check the name"):
        open_store(postgres)
    open_store(postgres, create=True).close()
    open_store(postgres).close()


def test_other_tables_are_left_alone(postgres, server):
    name = postgres.partition("search=")[2]
    with psycopg.connect(server[0]) as connection:
        connection.execute(f'CREATE SCHEMA "{name}"; CREATE TABLE "{name}".trials (number integer)')
    with pytest.raises(InputError, match="another program's tables"):
        open_store(postgres, create=True)


def test_searches_of_one_database_know_nothing_of_each_other(postgres):
    with open_store(postgres, create=True) as one, open_store(postgres + "-b", create=True) as other:
        for store in (one, other):
            store.add_space(SPACE)
            store.propose([trial(0)])
        one.finish(measured(0))
        assert (one.count(), other.count()) == ({"completed": 1}, {"pending": 1})


def test_a_folder_names_its_store_without_the_password(postgres, tmp_path):
    with create_in(tmp_path, postgres.replace("netwright@", "netwright:secret@")) as store:
        store.put("settings", {})
    assert (tmp_path / "search.url").read_text() == f"{postgres}\n"
    with open_in(tmp_path) as store:
        assert store.get("settings") == {}
    with pytest.raises(InputError, match="holds another search"):
        check_free(postgres)


def test_records_are_never_changed(postgres, server):
    with open_store(postgres, create=True) as store:
        store.add_space(SPACE)
        store.propose([trial(0)])
    name = postgres.partition("search=")[2]
    for statement in ("UPDATE records SET kind = 'failed'", "DELETE FROM records", "TRUNCATE records"):
        connection = psycopg.connect(server[0], options=f"-csearch_path={name}")
        with connection, pytest.raises(psycopg.Error, match="append-only"):
            connection.execute(statement)


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_a_server_that_was_restarted_knows_all_it_acknowledged(postgres, server, script, how):
    _, folder = server
    with open_store(postgres, create=True) as store:
        store.add_space(SPACE)
        store.propose([trial(number) for number in range(3)])
        token = store.start(1, "worker", 600.0)
        store.finish(measured(0))
        subprocess.run([script, how, folder], check=True)
        try:
            with pytest.raises(Lost, match="cannot be reached"):
                store.finish(measured(1), token)
        finally:
            subprocess.run([script, "start", folder], check=True, capture_output=True)
        assert [each.status for each in store.trials()] == ["completed", "running", "pending"]
        assert store.finish(measured(1), token)
        assert [record.seq for record in store.log()] == [1, 2, 3, 4, 5]


def test_an_unknown_refusal_says_what_the_server_said(postgres):
    with (
        open_store(postgres, create=True) as store,
        pytest.raises(NetwrightError, match="division by zero"),
        store.database.read() as connection,
    ):
        connection.exec_driver_sql("SELECT 1 / 0")
