"""Which GPU a worker sees."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from netwright.executors import accelerators
from netwright.executors.base import Finished, Job
from netwright.executors.processes import Processes
from netwright.space import Space, chain, op
from netwright.trial import Measurement, Proposal


@pytest.mark.parametrize(
    ("listed", "found"),
    [("0,1,2", ("0", "1", "2")), ("3", ("3",)), ("", ()), ("-1", ()), ("GPU-8932, 1,-1,2", ("GPU-8932", "1"))],
)
def test_those_that_cuda_would_see(monkeypatch: pytest.MonkeyPatch, listed: str, found: tuple[str, ...]) -> None:
    monkeypatch.setenv(accelerators.VISIBLE, listed)
    assert accelerators.gpus() == found


def test_those_that_the_driver_lists(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv(accelerators.VISIBLE, raising=False)
    monkeypatch.setattr(accelerators, "DRIVERS_LIST", tmp_path / "gpus")
    assert accelerators.gpus() == ()
    for bus in ("0000:1b:00.0", "0000:43:00.0"):
        (tmp_path / "gpus" / bus).mkdir(parents=True)
    assert accelerators.gpus() == ("0", "1")


class Sees:
    """An evaluator that says which GPU its worker sees."""

    def prepare(self) -> None:
        return

    def evaluate(self, proposal, task, context):
        return Measurement({"accuracy": 0.5}, notes=(os.environ.get(accelerators.VISIBLE, "all"),))


def no_task(directory: Path) -> None:
    return None


@pytest.mark.parametrize(("listed", "seen"), [("4,7", {"4", "7"}), ("2", {"2"}), ("", {""})])
def test_workers_are_spread_over_them(monkeypatch, tmp_path: Path, listed: str, seen: set[str]) -> None:
    monkeypatch.setenv(accelerators.VISIBLE, listed)
    architecture = Space(chain(op("head")), "one").architecture({})
    told: dict[int, str] = {}
    with Processes(tmp_path, tmp_path, workers=2, load=no_task) as executor:
        for number in range(2):
            executor.submit(Job(number, Proposal(architecture), Sees(), seed=0))
        while len(told) < 2:
            for event in executor.wait(5):
                assert isinstance(event, Finished), event
                told[event.number] = event.measurement.notes[0]
    assert set(told.values()) == seen
