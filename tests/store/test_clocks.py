"""Leases run by the store's clock: whatever the clocks of its users say, and whatever is done to them."""

from __future__ import annotations

import time

import pytest

from netwright.store import clock, open_store
from netwright.testing.stores import LAPSED, SPACE, failed, measured, trial

HOUR = 3600.0


@pytest.fixture
def store(place):
    with open_store(place, create=True) as store:
        store.add_space(SPACE)
        store.propose([trial(number) for number in range(4)])
        yield store


def times(store):
    with store.database.read() as connection:
        return list(connection.exec_driver_sql("SELECT time FROM records ORDER BY seq").scalars())


@pytest.mark.parametrize("off", [-HOUR, HOUR])
def test_a_clock_that_is_off_by_an_hour_neither_ends_nor_prolongs_a_lease(monkeypatch, place, store, off):
    right = time.time
    token = store.start(0, "alive", 60.0)
    store.start(1, "dead", LAPSED)
    assert store.lock("alive", 60.0)
    monkeypatch.setattr(time, "time", lambda: right() + off)
    with open_store(place) as other:
        assert other.driver() == "alive"
        assert not other.lock("other", 60.0)
        assert other.reclaim() == [1]
        fresh = other.start(2, "other", 60.0)
        assert other.finish(failed(1))
    monkeypatch.undo()
    assert store.reclaim() == []
    assert store.renew(0, token, 60.0)
    assert store.renew(2, fresh, 60.0)
    assert store.finish(measured(0), token)
    assert abs(right() - times(store)[-1]) < HOUR / 2
    assert times(store) == sorted(times(store))


@pytest.mark.parametrize("off", [-HOUR, 0.0, HOUR])
def test_after_a_restart_of_the_machine_nobody_holds_anything(monkeypatch, tmp_path, off):
    path, right = tmp_path / "search.sqlite", time.time
    with open_store(path, create=True) as store:
        store.add_space(SPACE)
        store.propose([trial(0)])
        token = store.start(0, "driver", 600.0)
        assert store.lock("driver", 600.0)
    monkeypatch.setattr(clock, "boot_name", lambda: "another run")
    monkeypatch.setattr(clock, "since_boot", lambda: 5.0)
    monkeypatch.setattr(time, "time", lambda: right() + off)
    with open_store(path) as store:
        assert store.reclaim() == [0]
        assert store.lock("second", 60.0)
        assert not store.finish(measured(0), token)
        store.propose([trial(1)])
        assert times(store) == sorted(times(store))


def test_without_a_name_for_the_run_the_time_of_day_serves(monkeypatch, tmp_path):
    monkeypatch.setattr(clock, "boot_name", lambda: None)
    with open_store(tmp_path / "search.sqlite", create=True) as store:
        store.add_space(SPACE)
        store.propose([trial(0)])
        store.start(0, "dead", LAPSED)
        assert store.reclaim() == [0]
