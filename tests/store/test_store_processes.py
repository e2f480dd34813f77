"""Several processes on one store, some of which are killed."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from netwright.store import open_store
from netwright.store.process import is_gone, this_process
from netwright.testing.stores import measured, trial

CHILD = Path(__file__).with_name("store_child.py")
PATIENCE_S = 120.0
WRITERS, EACH = 8, 10


@pytest.fixture
def path(tmp_path):
    return tmp_path / "search.sqlite"


def start(mode, path, first=0):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    command = [sys.executable, str(CHILD), mode, str(path), str(first)]
    return subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def assert_sound(path):
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_killed_writer_loses_nothing_it_was_told_is_kept(path):
    first, acknowledged = 0, []
    for lines in (1, 7, 20):
        child = start("forever", path, first)
        acknowledged += [int(child.stdout.readline()) for _ in range(lines)]
        os.kill(child.pid, signal.SIGKILL)
        rest, _ = child.communicate(timeout=PATIENCE_S)
        acknowledged += [int(line) for line in rest.splitlines(keepends=True) if line.endswith("\n")]
        first = acknowledged[-1] + 2
    assert_sound(path)
    with open_store(path) as store:
        kept = {each.number: each for each in store.trials()}
        assert len(acknowledged) >= 28
        assert [kept[number].measurement for number in acknowledged] == [measured(n).measurement for n in acknowledged]
        assert [kept[number].proposal for number in acknowledged] == [trial(n).proposal for n in acknowledged]
        assert_the_log_agrees(store)


def assert_the_log_agrees(store):
    log = list(store.log())
    assert [record.seq for record in log] == list(range(1, len(log) + 1))
    state = {record.trial.number: record.trial for record in log}
    running = {each.number for each in store.trials(status="running")}
    assert {n: each for n, each in state.items() if n not in running} == {
        each.number: each for each in store.trials() if each.number not in running
    }


def test_eight_writers_at_once(path):
    children = [start("some", path, 1000 * writer) for writer in range(WRITERS)]
    results = [child.communicate(timeout=PATIENCE_S) for child in children]
    assert [error for _, error in results] == [""] * WRITERS
    assert [child.returncode for child in children] == [0] * WRITERS
    assert_sound(path)
    with open_store(path) as store:
        assert store.count() == {"completed": WRITERS * EACH}
        kinds = Counter(record.kind for record in store.log())
        assert kinds == {"proposed": WRITERS * EACH, "completed": WRITERS * EACH}
        assert_the_log_agrees(store)


def test_the_lock_of_a_live_driver_holds_and_of_a_dead_one_passes_on(path):
    child = start("lock", path)
    assert child.stdout.readline() == "locked\n"
    with open_store(path) as store:
        assert not store.lock("second", 60.0)
        assert store.driver() == "child"
        os.kill(child.pid, signal.SIGKILL)
        child.communicate(timeout=PATIENCE_S)
        assert store.driver() is None
        assert store.lock("second", 60.0)


def test_a_process_elsewhere_is_never_taken_for_dead():
    here = this_process()
    assert not is_gone(here)
    assert is_gone(here | {"born": here["born"] - 1000})
    assert not is_gone(here | {"born": here["born"] - 1000, "machine": "elsewhere"})
