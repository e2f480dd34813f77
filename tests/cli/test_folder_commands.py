"""`netwright status`, `stop` and `report` on a search's folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import Result

from netwright.store import Store, open_store
from netwright.trial import Failure, Trial

Run = Callable[..., Result]


@pytest.fixture
def store(tmp_path: Path, make_trial: Callable[..., Trial]) -> Iterator[Store]:
    """A search with a measured trial, a failed one, and a running one."""
    (tmp_path / "one").mkdir()
    with open_store(tmp_path / "one" / "search.sqlite", create=True) as opened:
        opened.put("settings", {"method": "random", "budget": "10m", "objectives": ["accuracy"], "constraints": []})
        opened.put("task", {"name": "digits", "kind": "image-classification", "metric": "accuracy", "classes": []})
        done = make_trial(0)
        opened.add_space(done.proposal.architecture.space)
        opened.propose([Trial(number, make_trial(number, number % 2).proposal) for number in range(3)])
        opened.finish(done)
        opened.finish(make_trial(1, 1).fail(Failure("memory", "too large\x1b[2J"), 2.0))
        opened.start(2, "driver", 60.0)
        opened.progress(2, {"epoch": 1, "epochs": 3, "loss": 0.5})
        yield opened


def test_status_tells_what_is_known(run: Run, store: Store) -> None:
    ran = run("status", "one")
    assert ran.exit_code == 0, ran.output
    assert "one: search, run by no process" in ran.stdout
    assert "trials: 1 completed, 1 failed, 1 running" in ran.stdout
    assert "best: trial 0 (search), accuracy 90.00 %" in ran.stdout
    assert "running: trial 2 (search), epoch 1 of 3, loss 0.5" in ran.stdout
    assert "failed: trial 1, memory: too large\n" in ran.stdout
    assert "to go on: netwright resume one" in ran.stdout


def test_status_as_json_counts_trials_by_status(run: Run, store: Store) -> None:
    found = json.loads(run("status", "one", "--json").stdout)
    assert found["schema"] == "netwright.status/1"
    assert found["trials"] == {"completed": 1, "failed": 1, "running": 1}
    assert found["driver"] is None


def test_status_of_a_finished_search_shows_its_end(
    run: Run, store: Store, make_summary: Callable[..., dict[str, object]]
) -> None:
    store.put("summary", make_summary())
    ran = run("status", "one")
    assert "one: done" in ran.stdout
    assert "The network found beats lenet-5." in ran.stdout
    assert "to go on" not in ran.stdout


def test_stop_asks_the_driver(run: Run, store: Store, tmp_path: Path) -> None:
    assert store.lock("4321-abc", 30.0)
    assert "run by process 4321" in run("status", "one").stdout
    ran = run("stop", "one")
    assert ran.exit_code == 0
    assert "asked process 4321 to stop; to go on: netwright resume one" in ran.stdout
    assert (tmp_path / "one" / "stop").is_file()


def test_stop_without_a_driver_changes_nothing(run: Run, store: Store, tmp_path: Path) -> None:
    ran = run("stop", "one")
    assert ran.exit_code == 0
    assert "no process is running the search in one" in ran.stdout
    assert not (tmp_path / "one" / "stop").exists()


def test_report_writes_one_file_and_names_it(run: Run, store: Store, tmp_path: Path) -> None:
    ran = run("report", "one")
    assert (ran.exit_code, ran.stdout) == (0, "one/report.html\n")
    assert (tmp_path / "one" / "report.html").read_text().startswith("<!")
