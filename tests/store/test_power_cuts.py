"""Nothing that a store has acknowledged is lost by a power cut, and what a disk garbles is noticed."""

from __future__ import annotations

import random
import shutil
import subprocess

import pytest

from netwright.errors import NetwrightError
from netwright.store import open_store
from netwright.testing.powercuts import check, cut, moments, record
from netwright.testing.stores import SPACE, failed, measured, trial

CUTS, FLIPS = 20, 60


@pytest.fixture(scope="module")
def deeds(tmp_path_factory):
    if shutil.which("cc") is None:
        pytest.skip("needs a C compiler, to see what is written when")
    return record(tmp_path_factory.mktemp("recorded"), trials=40)


def test_a_power_cut_loses_nothing_that_was_acknowledged(deeds, tmp_path):
    assert sum(deed.kind == "s" for deed in deeds) >= 80
    rng = random.Random(0)
    for place, moment in enumerate(moments(deeds, CUTS, rng)):
        folder = tmp_path / str(place)
        folder.mkdir()
        check(folder, cut(deeds, moment, folder, rng))


def test_a_disk_that_lies_about_syncing_is_found_out(deeds, tmp_path):
    """The check fails where it should: here syncs do nothing."""
    rng, lying, found = random.Random(1), [deed for deed in deeds if deed.kind != "s"], 0
    for place in range(10):
        folder = tmp_path / str(place)
        folder.mkdir()
        try:
            check(folder, cut(lying, len(lying), folder, rng))
        except (AssertionError, NetwrightError):
            found += 1
    assert found >= 8


def test_a_flipped_bit_is_noticed_or_changes_nothing(tmp_path):
    path = tmp_path / "search.sqlite"
    with open_store(path, create=True) as store:
        store.add_space(SPACE)
        store.propose([trial(number) for number in range(30)])
        for number in range(30):
            store.finish(measured(number) if number % 3 else failed(number))
        whole = list(store.log())
    content, rng, noticed = path.read_bytes(), random.Random(0), 0
    for case in range(FLIPS):
        flipped = bytearray(content)
        flipped[rng.randrange(len(flipped))] ^= 1 << rng.randrange(8)
        hurt = tmp_path / f"{case}.sqlite"
        hurt.write_bytes(flipped)
        try:
            with open_store(hurt) as store:
                assert list(store.log()) == whole
        except NetwrightError:
            noticed += 1
    assert noticed > FLIPS / 10


def test_an_acknowledged_record_is_on_the_servers_disk(postgres, server):
    """Others may be on their way still, as leases are: so it is known that the server does not sync all by itself."""
    psycopg = pytest.importorskip("psycopg")
    with psycopg.connect(server[0], autocommit=True) as connection, open_store(postgres, create=True) as store:
        connection.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        connection.execute("SELECT pg_reload_conf()")

        def unsynced():
            return connection.execute("SELECT pg_current_wal_insert_lsn() - pg_current_wal_flush_lsn()").fetchone()[0]

        store.add_space(SPACE)
        store.propose([trial(number) for number in range(8)])
        seen = []
        for number in range(8):
            token = store.start(number, "worker", 60.0)
            seen.append(unsynced())
            assert store.finish(measured(number), token)
            assert unsynced() == 0
        assert max(seen) > 0
        connection.execute("ALTER SYSTEM RESET wal_writer_delay")
        connection.execute("SELECT pg_reload_conf()")


def test_what_was_acknowledged_survives_the_death_of_the_server(postgres, server, script):
    with open_store(postgres, create=True) as store:
        store.add_space(SPACE)
        with store.batch():
            store.propose([trial(number) for number in range(5)])
            for number in range(5):
                store.finish(measured(number))
        subprocess.run([script, "kill", server[1]], check=True)
        subprocess.run([script, "start", server[1]], check=True, capture_output=True)
        assert store.trials() == [measured(number) for number in range(5)]
