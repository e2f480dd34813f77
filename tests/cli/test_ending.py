from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from netwright.cli.ending import show_ending

MakeSummary = Callable[..., dict[str, Any]]


def test_the_end_tells_who_did_how_well(
    tmp_path: Path, make_summary: MakeSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "report.html").touch()
    show_ending(make_summary(), tmp_path)
    out = capsys.readouterr().out
    found, baseline = (
        next(line for line in out.splitlines() if line.startswith(name)) for name in ("network", "lenet")
    )
    for cell in ("98.00 %", "97.00 ± 0.40 %", " 3 ", "48.2k", "1.2M", "0.8 ms"):
        assert cell in found
    assert "96.00 %" in baseline
    assert "61.7k" in baseline
    assert "The network found beats lenet-5." in out
    assert f"{tmp_path / 'report.html'}" in out
    assert "model.onnx" not in out


def test_the_front_and_the_control_have_their_rows(
    tmp_path: Path, make_summary: MakeSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = make_summary()
    other = {**whole["best"], "key": "other", "params": 912}
    show_ending(make_summary(front=[whole["best"], other], control=other), tmp_path)
    names = [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()]
    assert names[1:5] == ["network found", "front 2", "random search", "lenet-5"]


def test_a_baseline_cannot_move_the_cursor(
    tmp_path: Path, make_summary: MakeSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    whole = make_summary()
    whole["baselines"][0]["name"] = "\x1b[2J[red]le"
    show_ending(whole, tmp_path)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[red]le" in out


def test_a_search_without_a_result_has_nothing_to_show(
    tmp_path: Path, make_summary: MakeSummary, capsys: pytest.CaptureFixture[str]
) -> None:
    show_ending(make_summary(best=None, verdict=None), tmp_path)
    assert capsys.readouterr().out == ""
