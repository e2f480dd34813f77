"""Small searches as the command line sees them, without training anything."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from netwright.cli.app import app
from netwright.cli.heading import Heading
from netwright.loop.progress import Snapshot
from netwright.space import Space, chain, choice, op
from netwright.trial import Measurement, Proposal, Trial

SPACE = Space(chain(op("conv", kernel=choice(3, 5), channels=choice(8, 16)), op("head")), name="tiny")

Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Runs `netwright` with arguments, in an empty folder."""
    monkeypatch.chdir(tmp_path)
    runner = CliRunner()
    return lambda *arguments: runner.invoke(app, [str(argument) for argument in arguments])


@pytest.fixture
def heading() -> Heading:
    return Heading("digits", "random", "10m", Path("runs/one"), ("accuracy",))


def trial(number: int = 0, kernel: int = 0, **metrics: float) -> Trial:
    """A completed trial."""
    architecture = SPACE.architecture({"0/kernel": kernel, "0/channels": 0})
    measured = Measurement({"accuracy": 0.9, "params": 1234.0, **metrics})
    return Trial(number, Proposal(architecture)).begin(0.0).complete(measured, 1.0)


def snapshot(elapsed: float = 0.0, **changes: Any) -> Snapshot:
    given: dict[str, Any] = {
        "phase": "search",
        "budget": "10m",
        "seconds_left": 600.0 - elapsed,
        "counts": {"running": 1},
        "running": (),
        "incumbent": None,
        "front": (),
        "failures": (),
        "notes": (),
    }
    return Snapshot(elapsed=elapsed, **given | changes)


@pytest.fixture
def make_trial() -> Callable[..., Trial]:
    return trial


@pytest.fixture
def make_snapshot() -> Callable[..., Snapshot]:
    return snapshot


def summary(**changes: Any) -> dict[str, Any]:
    """What a finished search tells, shortened."""
    sizes = {"params": 48213, "flops": 1.2e6, "latency_ms": 0.8}
    best = {
        "key": "k" * 64,
        "validation": {"accuracy": 0.98},
        "test": {"accuracy": 0.97},
        "test_std": {"accuracy": 0.004},
    }
    baseline = {"name": "lenet-5", "validation": {"accuracy": 0.96}, "test": None, "test_std": None, "seeds": 0}
    return {
        "schema": "netwright.search/1",
        "directory": "runs/one",
        "metric": "accuracy",
        "best": {**best, "seeds": 3, **sizes},
        "control": None,
        "front": [],
        "baselines": [{**baseline, "params": 61706, "flops": None, "latency_ms": None}],
        "verdict": "The network found beats lenet-5.",
        **changes,
    }


@pytest.fixture
def make_summary() -> Callable[..., dict[str, Any]]:
    return summary
