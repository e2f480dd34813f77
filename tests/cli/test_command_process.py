"""The `netwright` command as a process: a real search, small, stopped and taken to its end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any

import pytest


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "netwright.cli", *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(sys.path)},
    )


def objects(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def first(stream: IO[str] | None, event: str) -> None:
    """Reads until an event of that kind has come."""
    assert stream is not None
    for line in stream:
        if json.loads(line)["event"] == event:
            return
    pytest.fail(f"the search ended without {event}")


HERE = ("--workers", "1", "--executor", "inline", "--out", "one", "--json")
LONG = ("search", "wine", *HERE, "--budget", "1000trials", "--evaluate", "train")
"""Quick trials, and too many of them to end by itself within a test."""


def test_a_search_runs_from_data_to_a_network(tmp_path: Path) -> None:
    process = start(tmp_path, "search", "digits", *HERE, "--budget", "12s", "--constraint", "params<60k")
    out, err = process.communicate(timeout=110)
    assert process.returncode == 0, err
    *events, summary = objects(out)
    assert {"begin", "plan", "phase", "incumbent"} <= {one["event"] for one in events}
    assert summary["schema"] == "netwright.search/1"
    assert summary["best"]["params"] < 60_000
    assert 0 < summary["best"]["test"]["accuracy"] <= 1
    assert summary["verdict"]
    assert summary["trials"]["completed"] >= 3
    assert summary["ledger"]["wall_s"] > 0
    for name in (
        "report.html",
        "model.onnx",
        "model.safetensors",
        "architecture.json",
        "model_card.md",
        "summary.json",
    ):
        assert (tmp_path / "one" / name).stat().st_size > 0
    assert json.loads((tmp_path / "one" / "summary.json").read_text())["best"] == summary["best"]


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_a_search_with_everything_saved(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    process = start(tmp_path, *LONG)
    first(process.stdout, "incumbent")
    process.send_signal(sent)
    _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "netwright resume one" in err
    assert "Traceback" not in err
    found = objects(start(tmp_path, "status", "one", "--json").communicate(timeout=60)[0])[-1]
    assert found["trials"]["completed"] >= 1
    assert found["driver"] is None


def test_a_search_that_is_asked_to_stop_ends_and_says_how_to_go_on(tmp_path: Path) -> None:
    process = start(tmp_path, *LONG)
    first(process.stdout, "incumbent")
    asked = start(tmp_path, "stop", "one").communicate(timeout=60)[0]
    assert f"asked process {process.pid} to stop" in asked
    out, err = process.communicate(timeout=100)
    assert process.returncode == 0, err
    assert objects(out)[-1]["trials"]["completed"] >= 1
