from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from netwright.cli.heading import Heading
from netwright.cli.news import Reporter
from netwright.cli.watching import watching
from netwright.loop.progress import Snapshot
from netwright.trial import Trial

MakeSnapshot = Callable[..., Snapshot]
MakeTrial = Callable[..., Trial]


def test_each_thing_is_told_once(heading: Heading, make_snapshot: MakeSnapshot, make_trial: MakeTrial) -> None:
    reporter = Reporter(heading)
    first = make_snapshot(notes=("40 trials fit",), failures=("trial 3: memory",), incumbent=make_trial(number=2))
    assert [news.event for news in reporter.news(first)] == ["begin", "plan", "phase", "failure", "incumbent"]
    assert list(reporter.news(replace(first, elapsed=1.0))) == []


def test_a_new_phase_has_its_own_best(heading: Heading, make_snapshot: MakeSnapshot, make_trial: MakeTrial) -> None:
    reporter = Reporter(heading)
    best = make_trial(number=2)
    list(reporter.news(make_snapshot(incumbent=best)))
    told = list(reporter.news(make_snapshot(1.0, phase="final", incumbent=best)))
    assert [(news.event, news.data.get("phase")) for news in told] == [("phase", "final"), ("incumbent", "search")]


def test_progress_is_told_every_ten_seconds(heading: Heading, make_snapshot: MakeSnapshot) -> None:
    reporter = Reporter(heading)
    told = [(n, news.event) for n in range(35) for news in reporter.news(make_snapshot(float(n)))]
    assert [second for second, event in told if event == "progress"] == [10, 20, 30]


def test_lines_for_people_hold_the_numbers(
    heading: Heading, make_snapshot: MakeSnapshot, make_trial: MakeTrial, capsys: pytest.CaptureFixture[str]
) -> None:
    with watching(heading, json=False, quiet=False) as observe:
        observe(make_snapshot(75.0, counts={"completed": 7, "running": 2}, incumbent=make_trial(accuracy=0.975)))
    out, err = capsys.readouterr()
    assert err == ""
    assert "best: trial 0, accuracy 97.50 %, 1.23k parameters: 0/kernel=3, 0/channels=8" in out
    assert "[1 min 15 s] search: 7 completed, 2 running, best accuracy 97.50 %, 8 min 45 s left" in out


def test_json_events_go_to_standard_output_and_lines_to_standard_error(
    heading: Heading, make_snapshot: MakeSnapshot, make_trial: MakeTrial, capsys: pytest.CaptureFixture[str]
) -> None:
    running = ((4, "a label", {"epoch": 1, "loss": float("nan")}),)
    with watching(heading, json=True, quiet=False) as observe:
        observe(make_snapshot(12.0, incumbent=make_trial(), running=running))
    out, err = capsys.readouterr()
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == ["begin", "phase", "incumbent", "progress"]
    assert {event["schema"] for event in events} == {"netwright.event/1"}
    assert events[0]["directory"] == "runs/one"
    assert events[2]["metrics"]["accuracy"] == 0.9
    assert events[3]["running"] == [{"trial": 4, "progress": {"epoch": 1, "loss": None}}]
    assert "search begins" in err


@pytest.mark.parametrize("json_wanted", [False, True])
def test_quiet_shows_no_lines(
    heading: Heading, make_snapshot: MakeSnapshot, capsys: pytest.CaptureFixture[str], json_wanted: bool
) -> None:
    with watching(heading, json=json_wanted, quiet=True) as observe:
        observe(make_snapshot())
    out, err = capsys.readouterr()
    assert err == ""
    assert bool(out) == json_wanted


def test_an_architecture_from_strangers_cannot_move_the_cursor(
    heading: Heading, make_snapshot: MakeSnapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    with watching(replace(heading, task="cats\x1b[2J"), json=False, quiet=False) as observe:
        observe(make_snapshot(failures=("trial 1: error: \x1b]0;owned\x07",)))
    out = capsys.readouterr().out
    assert "cats: accuracy by random" in out
    assert "trial 1: error: " in out
    assert "\x1b" not in out
