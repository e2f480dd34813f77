"""The loop: records everything, survives stops at any point, trains no network twice."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from netwright import strategies
from netwright.evaluation.base import Context
from netwright.executors import Inline, Processes
from netwright.loop.loop import Loop
from netwright.loop.phase import Running
from netwright.objectives import Objective, Objectives
from netwright.space import Space, chain, choice, integer, op, repeat
from netwright.store import Store, open_store
from netwright.trial import Measurement, Proposal, Trial

SPACE = Space(
    chain(repeat(op("conv", kernel=choice(1, 3, 5), channels=choice(8, 16, 32)), integer(1, 3)), op("head")), "chains"
)
ACCURACY = Objectives((Objective("accuracy"),))
TRIALS = 25


@dataclass(frozen=True)
class Counting:
    """Scores a network by its operations; every seventh trial raises."""

    def evaluate(self, proposal: Proposal, task: Any, context: Context) -> Measurement:
        nodes = proposal.architecture.graph.nodes
        if context.seed % 7 == 0:
            raise RuntimeError("a bad day")
        score = sum((node.attrs.get("kernel") or 0) * (node.attrs.get("channels") or 0) for node in nodes)
        return Measurement({"accuracy": score / 500 + context.seed * 1e-9})


def run(folder: Path, method: str, stops: Callable[[Loop], bool] = lambda _: False) -> list[Trial]:
    """The trials after one run of the loop, which goes on with what is in the folder."""
    place = folder / "search.sqlite"
    with open_store(place, create=not place.exists()) as store:
        store.add_space(SPACE)
        store.reclaim(all=True)
        return _run(store, folder, method, stops)


def _run(store: Store, folder: Path, method: str, stops: Callable[[Loop], bool]) -> list[Trial]:
    began = time.monotonic()
    phase = Running("search", strategies.get(method), Counting(), SPACE, ACCURACY, seed=3, most=TRIALS)
    with Inline(folder, folder, load=lambda _: None) as executor:  # type: ignore[arg-type, return-value]
        loop = Loop(store, executor, folder, lambda: time.monotonic() - began, seed=3)
        loop.stopped = lambda: stops(loop)
        loop.run(phase)
    return store.trials()


def ended(loop: Loop) -> int:
    return sum(trial.status in ("completed", "failed") for trial in loop.trials.values())


def essence(trials: list[Trial]) -> list[tuple[Any, ...]]:
    return [(t.number, t.proposal.to_dict(), t.status, t.metric("accuracy")) for t in trials if t.status != "pending"]


@pytest.mark.parametrize("method", strategies.NAMES)
def test_a_stopped_and_resumed_search_equals_one_that_was_not(method: str, tmp_path: Path) -> None:
    whole = run(_folder(tmp_path, "whole"), method)
    assert len(whole) == TRIALS
    assert {trial.status for trial in whole} == {"completed", "failed"}
    for split in range(1, TRIALS, 8):
        folder = _folder(tmp_path, f"split-{split}")
        run(folder, method, lambda loop, split=split: ended(loop) >= split)  # type: ignore[misc]
        assert str(essence(run(folder, method))) == str(essence(whole))


def _folder(base: Path, name: str) -> Path:
    folder = base / name
    folder.mkdir()
    return folder


def test_a_finished_phase_asks_for_nothing_more(tmp_path: Path) -> None:
    first = run(tmp_path, "random")
    assert run(tmp_path, "random") == first


def test_failures_are_trials_with_a_reason(tmp_path: Path) -> None:
    failed = [trial for trial in run(tmp_path, "random") if trial.status == "failed"]
    assert failed
    assert all(t.failure and t.failure.reason == "error" and "a bad day" in t.failure.message for t in failed)
    assert all(math.isnan(trial.metric("accuracy")) for trial in failed)


@dataclass(frozen=True)
class Mortal:
    """Kills its own worker: always, or only the first that comes by."""

    folder: str
    always: bool = False

    def evaluate(self, proposal: Proposal, task: Any, context: Context) -> Measurement:
        mark = Path(self.folder) / "been-here"
        if self.always or not mark.exists():
            mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return Measurement({"accuracy": 0.5})


def nothing(_: Path) -> None:
    """The task of evaluators that need none."""


@pytest.mark.parametrize("always", [False, True])
def test_a_trial_whose_worker_died_is_tried_once_more(always: bool, tmp_path: Path) -> None:
    evaluator = Mortal(str(tmp_path), always)
    with open_store(tmp_path / "search.sqlite", create=True) as store:
        store.add_space(SPACE)
        phase = Running("search", strategies.get("random"), evaluator, SPACE, ACCURACY, seed=0, most=2)
        with Processes(tmp_path, tmp_path, workers=1, load=nothing) as executor:  # type: ignore[arg-type]
            assert Loop(store, executor, tmp_path, lambda: 0.0, seed=0).run(phase)
        trials = store.trials()
    assert [trial.status for trial in trials] == ["failed" if always else "completed"] * 2
    assert all(trial.failure is None or trial.failure.reason == "killed" for trial in trials)


def test_identical_networks_are_not_trained_twice(tmp_path: Path) -> None:
    with open_store(tmp_path / "search.sqlite", create=True) as store:
        store.add_space(SPACE)
        first = _run(store, tmp_path, "random", lambda _: False)
        chosen = next(trial for trial in first if trial.status == "completed")
        again = Running(
            "control", strategies.Listed((Proposal(chosen.proposal.architecture),)), Counting(), SPACE, ACCURACY, seed=9
        )
        with Inline(tmp_path, tmp_path, load=lambda _: None) as executor:  # type: ignore[arg-type, return-value]
            Loop(store, executor, tmp_path, lambda: 0.0, seed=9).run(again)
        repeated = store.trials()[-1]
    assert repeated.metric("accuracy") == chosen.metric("accuracy")
    assert repeated.measurement is not None
    assert repeated.measurement.cost.wall_s == 0
    assert repeated.measurement.notes == (f"the same network as trial {chosen.number}",)
