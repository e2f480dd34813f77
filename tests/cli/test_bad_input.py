"""What a user may get wrong: one message that names it and the way out, exit code 2, no traceback, nothing written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["search"], "error: nothing to search on: netwright search DATA"),
        (["search", "digitz"], "error: unknown data set 'digitz': did you mean 'digits'?"),
        (["search", "missing.csv"], "error: missing.csv: no such file or folder"),
        (["search", "missing/"], "error: unknown data set 'missing'"),
        (["search", "digits", "--space", "mobil"], "error: unknown space 'mobil': did you mean 'mobile'?"),
        (["search", "digits", "--space", "mine.yaml"], "mine.yaml"),
        (["search", "wine", "--space", "mobile"], "error: the space 'mobile' is for images: for tables: --space mlp"),
        (["search", "digits", "--method", "randm"], "error: unknown method 'randm': did you mean 'random'?"),
        (
            ["search", "digits", "--objective", "accurcy"],
            "error: unknown objective 'accurcy': did you mean 'accuracy'?",
        ),
        (["search", "digits", "--objective", "rmse"], "error: rmse is not a metric of image-classification"),
        (["search", "digits", "--constraint", "params<<3"], "error: cannot read the constraint 'params<<3'"),
        (["search", "digits", "--constraint", "params<3 apples"], "'apples' in 'params<3 apples' is no unit of params"),
        (
            ["search", "digits", "--constraint", "params<3"],
            "no architecture of space 'mobile' was found that meets params<3",
        ),
        (["search", "digits", "--budget", "10 parsecs"], "error: cannot read the budget '10 parsecs': for example 90s"),
        (["search", "digits", "--budget", "0s"], "error: the budget '0s' allows nothing"),
        (["search", "digits", "--budget", "50Wh"], "error: the budget '50Wh': "),
        (["search", "digits", "--config", "none.yaml"], "error: none.yaml cannot be read (No such file or directory)"),
        (
            ["search", "digits", "--method", "reinforce", "--objective", "accuracy", "--objective", "params"],
            "error: reinforce searches for one objective only: methods for several: ",
        ),
        (["resume", "nowhere"], "error: nowhere holds no search"),
        (["status", "nowhere"], "error: nowhere holds no search"),
        (["stop", "nowhere"], "error: nowhere holds no search"),
        (["report", "nowhere"], "error: nowhere holds no search"),
        (["export", "nowhere"], "error: nowhere is no folder"),
        (["export", "nowhere", "--format", "tf"], "error: unknown export format 'tf': known: onnx, torch"),
        (["predict", "nowhere", "a.png"], "error: nowhere is no folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_message_names_the_mistake(run: Run, tmp_path: Path, arguments: list[str], message: str) -> None:
    ran = run(*arguments)
    assert ran.exit_code == 2, ran.output
    assert message in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert ran.stdout == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "arguments",
    [
        ["sarch", "digits"],
        ["search", "digits", "--budjet", "5m"],
        ["search", "digits", "--workers", "0"],
        ["search", "digits", "--workers", "two"],
        ["search", "digits", "--seed", "-1"],
        ["search", "digits", "wine"],
        ["status"],
        ["predict", "runs"],
    ],
    ids=" ".join,
)
def test_wrong_usage_has_the_same_exit_code(run: Run, arguments: list[str]) -> None:
    ran = run(*arguments)
    assert ran.exit_code == 2
    assert "Usage: " in ran.stderr
    assert "Traceback" not in ran.output


def test_a_folder_in_use_is_left_alone(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").write_text("mine")
    ran = run("search", "digits", "--out", "taken")
    assert (ran.exit_code, ran.stderr) == (2, "error: taken is not empty: choose another --out\n")
    assert [path.name for path in (tmp_path / "taken").iterdir()] == ["thesis.txt"]


def test_a_message_carries_no_terminal_escapes(run: Run) -> None:
    ran = run("search", "\x1b]0;owned\x07digits\x1b[2J.csv")
    assert ran.exit_code == 2
    assert "digits.csv: no such file" in ran.stderr
    assert "\x1b" not in ran.stderr
