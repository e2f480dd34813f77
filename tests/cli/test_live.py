from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

from rich.console import Console

from netwright.cli.heading import Heading
from netwright.cli.live import Screen, picture
from netwright.loop.progress import Snapshot
from netwright.trial import Trial

MakeSnapshot = Callable[..., Snapshot]
MakeTrial = Callable[..., Trial]


def drawn(snapshot: Snapshot, heading: Heading, width: int = 120) -> str:
    console = Console(width=width, file=io.StringIO(), record=True, markup=True)
    console.print(picture(snapshot, heading))
    return console.export_text()


def test_the_screen_shows_time_trials_and_the_best(
    heading: Heading, make_snapshot: MakeSnapshot, make_trial: MakeTrial
) -> None:
    running = ((7, "kernel=3", {"epoch": 1, "epochs": 3, "loss": 0.5123, "accuracy": 0.871}), (8, "kernel=5", {}))
    text = drawn(
        make_snapshot(
            60.0,
            counts={"running": 2, "completed": 5, "failed": 1},
            running=running,
            incumbent=make_trial(number=4, accuracy=0.91),
            failures=("trial 2: memory: too large",),
        ),
        heading,
    )
    assert "digits: accuracy by random, budget 10m" in text
    assert "9 min left" in text
    assert "searching" in text
    assert "2 running, 5 completed, 1 failed" in text
    assert "#7  epoch 1 of 3, loss 0.512, accuracy 87.10 %" in text
    assert "#8  starting" in text
    assert "best so far: trial 4, accuracy 91.00 %, 1.23k parameters" in text
    assert "trial 2: memory: too large" in text


def test_several_objectives_show_the_front_best_first(
    heading: Heading, make_snapshot: MakeSnapshot, make_trial: MakeTrial
) -> None:
    front = (
        make_trial(number=1, accuracy=0.8, params=100.0),
        make_trial(number=2, kernel=1, accuracy=0.9, params=900.0),
    )
    text = drawn(make_snapshot(front=front), replace(heading, objectives=("accuracy", "params")))
    rows = text.splitlines()
    better, worse = (next(place for place, row in enumerate(rows) if mark in row) for mark in ("#2", "#1"))
    assert better < worse
    assert "90.00 %" in rows[better]
    assert "900" in rows[better]


def test_without_a_clock_the_bar_counts_trials(heading: Heading, make_snapshot: MakeSnapshot) -> None:
    for budget in ("200trials", "30epochs"):
        text = drawn(make_snapshot(75.0, budget=budget, seconds_left=None, counts={"completed": 3}), heading)
        assert "after 1 min 15 s" in text


def test_no_line_is_wider_than_the_screen(heading: Heading, make_snapshot: MakeSnapshot, make_trial: MakeTrial) -> None:
    long = "decision=value, " * 40
    shown = make_snapshot(running=((1, long, {}),), incumbent=make_trial(), failures=(long, long))
    lines = drawn(shown, heading, width=80).splitlines()
    assert max(map(len, lines)) <= 80
    assert len(lines) < 12


def test_names_are_shown_as_they_are_and_not_obeyed(heading: Heading, make_snapshot: MakeSnapshot) -> None:
    text = drawn(make_snapshot(running=((1, "[red]kernel[/red] \x1b[2J", {}),)), replace(heading, task="[bold]cats"))
    assert "[red]kernel[/red]" in text
    assert "[bold]cats" in text
    assert "\x1b" not in text


def test_the_screen_leaves_nothing_behind(heading: Heading, make_snapshot: MakeSnapshot) -> None:
    file = io.StringIO()
    with Screen(heading, Console(file=file, force_terminal=True, width=80)) as screen:
        screen(make_snapshot())
    written = file.getvalue()
    assert "searching" in written
    assert written.endswith("\x1b[?25h") or "\x1b[2K" in written.rsplit("searching", 1)[1]
