"""Writers of one machine queue up."""

from __future__ import annotations

import threading
import time

import pytest

from netwright.store import open_store, turn
from netwright.testing.stores import SPACE, measured, trial


def test_one_at_a_time_in_the_order_of_coming(tmp_path):
    inside, order = [], []

    def come(number):
        with turn.turn(tmp_path, 60.0):
            inside.append(number)
            assert len(inside) == 1
            order.append(number)
            inside.remove(number)

    with turn.turn(tmp_path, 60.0):
        threads = [threading.Thread(target=come, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
            time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert sorted(order) == list(range(8))
    assert order[0] == 0


def test_who_has_waited_long_enough_goes_on_and_leaves_no_lock(tmp_path):
    with turn.turn(tmp_path, 60.0), turn.turn(tmp_path, 0.01):
        pass
    with turn.turn(tmp_path, 60.0):
        pass


@pytest.mark.parametrize("without", ["fcntl", "folder"])
def test_where_folders_cannot_be_locked_stores_work_all_the_same(tmp_path, monkeypatch, without):
    if without == "fcntl":
        monkeypatch.setattr(turn, "fcntl", None)
    else:
        monkeypatch.setattr(turn, "_opened", lambda _: None)
    with open_store(tmp_path / "search.sqlite", create=True) as store:
        store.add_space(SPACE)
        store.propose([trial(0)])
        assert store.finish(measured(0))
