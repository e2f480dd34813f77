"""Several drivers on one search: each trial once, and a dead driver's trials go to the others."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from netwright.errors import NetwrightError
from netwright.executors import Finished
from netwright.executors.base import Event
from netwright.loop.heart import BEAT_S, LEASE_S, Heart
from netwright.loop.loop import Loop
from netwright.loop.phase import Running
from netwright.objectives import Objective, Objectives
from netwright.store import open_store
from netwright.strategies import Listed
from netwright.testing.stores import SPACE, trial
from netwright.trial import Measurement

CHILD = Path(__file__).with_name("drivers_child.py")
PATIENCE_S = 100.0
ACCURACY = Objectives((Objective("accuracy"),))


def start(place: str, folder: Path, most: int, pause: float, name: str) -> subprocess.Popen[str]:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(entry for entry in sys.path if entry)}
    command = [sys.executable, str(CHILD), place, str(folder), str(most), str(pause), name]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True)


def ended(driver: subprocess.Popen[str]) -> int:
    driver.communicate(timeout=PATIENCE_S)
    return driver.returncode


def assert_each_once(place: str, most: int) -> Counter[str]:
    """Checks the log; how many trials each driver did."""
    with open_store(place) as store:
        trials, log = store.trials(), list(store.log())
    assert [one.number for one in trials] == list(range(most))
    assert {one.status for one in trials} == {"completed"}
    assert Counter(record.kind for record in log) == {"proposed": most, "completed": most}
    assert [record.seq for record in log] == list(range(1, 2 * most + 1))
    assert len({one.key for one in trials}) == min(most, 16)
    return Counter(one.worker for one in trials if not (one.measurement and one.measurement.notes))


def test_drivers_share_a_search(place: str, tmp_path: Path) -> None:
    most = 14
    drivers = [start(place, tmp_path, most, 0.3, name) for name in ("a", "b", "c")]
    assert [ended(driver) for driver in drivers] == [0, 0, 0]
    assert len(assert_each_once(place, most)) > 1


def test_a_dead_drivers_trials_go_to_another(place: str, tmp_path: Path) -> None:
    most = 6
    dead = start(place, tmp_path, most, 1000.0, "dead")
    assert dead.stdout is not None
    assert [dead.stdout.readline() for _ in range(2)] == ["ready\n", "begun\n"]
    os.kill(dead.pid, signal.SIGKILL)
    ended(dead)
    assert ended(start(place, tmp_path, most, 0.0, "heir")) == 0
    assert assert_each_once(place, most) == {"heir": most}


def test_what_a_dead_driver_held_is_free_within_two_beats() -> None:
    assert LEASE_S <= 2 * BEAT_S


class Elsewhere:
    """An executor whose jobs end when the test says so."""

    workers = 1

    def __init__(self) -> None:
        self.running: frozenset[int] = frozenset()
        self.cancelled: list[int] = []
        self.script: list[Any] = []

    def submit(self, job: Any) -> None:
        self.running = frozenset({job.number})

    def wait(self, timeout: float) -> list[Event]:
        return list(self.script.pop(0)())

    def cancel(self, number: int) -> None:
        self.cancelled.append(number)
        self.running = frozenset()


@pytest.mark.parametrize("noticed", [False, True])
def test_a_result_that_comes_after_the_lease_counts_once(tmp_path: Path, noticed: bool) -> None:
    """This driver sleeps so long that another takes its trial over and ends it; then its own result comes."""
    executor, now = Elsewhere(), [0.0]
    with open_store(tmp_path / "search.sqlite", create=True) as store, open_store(store.place) as other:
        store.add_space(SPACE)

        def taken_over() -> list[Event]:
            store.attend("driver", -1.0, {0: 1})
            found = other.claim("search", "other", 60.0)
            assert found is not None
            other.finish(found[0].begin(0.0).complete(Measurement({"accuracy": 0.9}), 1.0), found[1])
            executor.running = frozenset({0}) if noticed else frozenset()
            now[0] = 100.0 * noticed
            return [] if noticed else [Finished(0, Measurement({"accuracy": 0.1}))]

        executor.script = [taken_over]
        phase = Running("search", Listed((trial(0).proposal,)), None, SPACE, ACCURACY, seed=0)  # type: ignore[arg-type]
        loop = Loop(store, executor, tmp_path, lambda: now[0], seed=0)  # type: ignore[arg-type]
        assert loop.run(phase)
        assert executor.cancelled == [0]
        assert [record.kind for record in store.log()] == ["proposed", "completed"]
        assert store.trials()[0].metric("accuracy") == loop.trials[0].metric("accuracy") == 0.9
        assert loop.trials.counts["completed"] == 1


def test_the_heart_outlives_a_store_that_is_away(tmp_path: Path) -> None:
    class Away:
        calls = 0

        def attend(self, *_: Any) -> list[int]:
            Away.calls += 1
            if 1 < Away.calls < 4:
                raise NetwrightError("away")
            return []

    heart = Heart(Away(), "driver", dict, every=0.01)  # type: ignore[arg-type]
    heart.start()
    while Away.calls < 6:
        pass
    heart.stop()


def test_the_heart_keeps_leases(tmp_path: Path) -> None:
    with open_store(tmp_path / "search.sqlite", create=True) as store:
        store.add_space(SPACE)
        store.propose([trial(0)])
        leases = {0: store.start(0, "driver", -1.0)}
        Heart(store, "driver", lambda: leases).beat()
        assert store.reclaim() == []
        assert store.drivers() == {"driver"}
