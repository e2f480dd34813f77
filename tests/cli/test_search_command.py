"""`netwright search` hands the options to the library and prints what comes back; the library is a stand-in here."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result as Ran

from netwright import door
from netwright.door import Result, free_folder
from netwright.errors import NetwrightError
from netwright.executors import NAMES

Run = Callable[..., Ran]


class Library:
    """Stands for `netwright.door.search`: remembers its arguments, shows one snapshot, ends as told."""

    def __init__(self, snapshot: Any, summary: dict[str, Any]) -> None:
        self.snapshot, self.summary = snapshot, summary
        self.given: dict[str, Any] = {}
        self.ends: Callable[[Path], None] = lambda directory: None

    def __call__(self, task: Any, **given: Any) -> Result:
        self.given = given
        given["out"].mkdir(parents=True)
        (given["out"] / "search.sqlite").touch()
        given["observer"](self.snapshot)
        self.ends(given["out"])
        return Result(given["out"], task, self.summary, (), True)


@pytest.fixture
def library(
    monkeypatch: pytest.MonkeyPatch, make_snapshot: Callable[..., Any], make_summary: Callable[..., dict[str, Any]]
) -> Library:
    stand_in = Library(make_snapshot(12.0), make_summary())
    monkeypatch.setattr(door, "search", stand_in)
    return stand_in


def test_every_option_reaches_the_library(run: Run, library: Library, tmp_path: Path) -> None:
    options = ["--space", "resnet", "--method", "random", "--budget", "5m", "--workers", 3, "--executor", "inline"]
    repeated = [
        "--objective",
        "accuracy",
        "--objective",
        "params",
        "--constraint",
        "params<1M",
        "--constraint",
        "flops<1G",
    ]
    ran = run("search", "digits", *options, *repeated, "--out", "here", "--seed", 7, "-q")
    assert ran.exit_code == 0, ran.output
    given = library.given
    assert (given["space"], given["method"], given["budget"], given["workers"]) == ("resnet", "random", "5m", 3)
    assert (given["executor"], given["seed"], given["out"]) == ("inline", 7, Path("here"))
    assert given["objectives"] == ("accuracy", "params")
    assert given["constraints"] == ("params<1M", "flops<1G")


def test_an_executor_s_settings_reach_the_library_and_the_help_knows_all_executors(run: Run, library: Library) -> None:
    options = ["--executor", "ray", "--address", "local", "--executor-setting", "num_gpus=0.5", "--out", "here", "-q"]
    ran = run("search", "digits", *options)
    assert ran.exit_code == 0, ran.output
    assert library.given["executor"] == "ray"
    assert library.given["executor_settings"] == {"num_gpus": 0.5, "address": "local"}
    help_text = run("search", "--help").stdout
    assert all(name in help_text for name in NAMES)


@pytest.mark.parametrize("command", ["search", "fidelity"])
def test_an_option_that_the_executor_does_not_know_is_refused_before_the_start(run: Run, command: str) -> None:
    ran = run(command, "digits", "--executor", "processes", "--address", "auto", "--out", "here")
    assert ran.exit_code == 2
    assert "the executor processes has no setting 'address'" in " ".join(ran.stderr.split())
    assert not Path("here").exists()


def test_the_end_is_a_table_a_verdict_and_the_files(run: Run, library: Library) -> None:
    library.ends = lambda directory: (directory / "report.html").touch()
    ran = run("search", "digits")
    assert ran.exit_code == 0
    assert "search begins" in ran.stdout
    assert "network found" in ran.stdout
    assert "The network found beats lenet-5." in ran.stdout
    assert "runs/digits-npenas-1/report.html" in ran.stdout
    assert ran.stderr == ""


def test_json_ends_with_the_summary(run: Run, library: Library) -> None:
    ran = run("search", "digits", "--json")
    objects = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [one.get("event") for one in objects] == ["begin", "phase", "progress", None]
    assert objects[-1] == library.summary
    assert "search begins" in ran.stderr


def test_a_second_search_takes_a_fresh_folder(run: Run, library: Library) -> None:
    folders = []
    for _ in range(2):
        assert run("search", "digits", "-q").exit_code == 0
        folders.append(library.given["out"])
    assert folders == [Path("runs/digits-npenas-1"), Path("runs/digits-npenas-2")]


@pytest.mark.parametrize("name", ["../../etc", "a/b", "\x1b[2J..", "two words", "..."])
def test_a_folder_stays_under_runs_whatever_the_data_is_called(name: str) -> None:
    folder = free_folder(name, "random")
    assert folder.parent == Path("runs")
    assert folder.name.isprintable()
    assert not folder.name.startswith(".")


def test_an_interrupted_search_says_how_to_go_on(run: Run, library: Library) -> None:
    def interrupt(directory: Path) -> None:
        raise KeyboardInterrupt

    library.ends = interrupt
    ran = run("search", "digits", "--out", "here")
    assert ran.exit_code == 130
    assert "everything that was finished is saved: netwright resume here" in ran.stderr


def test_a_terminated_search_says_how_to_go_on(run: Run, library: Library) -> None:
    before = signal.getsignal(signal.SIGTERM)
    library.ends = lambda directory: os.kill(os.getpid(), signal.SIGTERM)
    ran = run("search", "digits", "--out", "here")
    assert ran.exit_code == 143
    assert "netwright resume here" in ran.stderr
    assert signal.getsignal(signal.SIGTERM) == before


def test_a_failed_search_is_one_message_and_exit_code_1(run: Run, library: Library) -> None:
    def fail(directory: Path) -> None:
        raise NetwrightError("every trial of the search failed: \x1b[2Jmemory")

    library.ends = fail
    ran = run("search", "digits", "-q")
    assert ran.exit_code == 1
    assert ran.stderr == "error: every trial of the search failed: memory\n"
    assert ran.stdout == ""
