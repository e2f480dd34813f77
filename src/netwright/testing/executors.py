"""What every executor must do. Subclass `ExecutorConformance` in a test module and give it the fixture `executor`:

class TestMine(ExecutorConformance):
    @pytest.fixture
    def executor(self, tmp_path):
        return Mine(tmp_path / "data", tmp_path)       # on any task; not entered yet
"""

from __future__ import annotations

import math
import zlib
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from netwright.errors import InputError
from netwright.evaluation.base import Context, Evaluator
from netwright.executors.base import Event, Executor, Failed, Finished, Job, Report
from netwright.space import Space, chain, choice, op
from netwright.tasks import Task
from netwright.trial import Measurement, Proposal

SPACE = Space(chain(op("conv", kernel=choice(3, 5, 7), channels=16), op("head")), "conformance")
PROPOSAL = Proposal(SPACE.architecture({name.name: 0 for name in SPACE.decisions()}))
PATIENCE_S = 120.0


@dataclass(frozen=True)
class Answers:
    """Reports two epochs and measures a number that depends on the seed and the architecture alone."""

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        for epoch in (1, 2):
            context.report({"epoch": epoch})
        accuracy = zlib.crc32(f"{proposal.architecture.key} {context.seed}".encode()) / 2**32
        return Measurement({"accuracy": accuracy}, notes=(f"{context.seconds_left}",))


@dataclass(frozen=True)
class Raises:
    """Raises the error it is made with."""

    error: Exception

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        raise self.error


@dataclass(frozen=True)
class Returns:
    """Returns what it is made with."""

    value: object

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        return self.value  # type: ignore[return-value]


@dataclass(frozen=True)
class Writes:
    """Leaves a file in its directory."""

    def evaluate(self, proposal: Proposal, task: Task, context: Context) -> Measurement:
        assert context.directory is not None
        (context.directory / "left.txt").write_text("here", "utf-8")
        return Measurement({"accuracy": 1.0}, artifacts={"left": "left.txt"})


def job(number: int, evaluator: Evaluator, **settings: object) -> Job:
    """A job on the one proposal, seeded with its number."""
    return Job(number, PROPOSAL, evaluator, seed=number, **settings)  # type: ignore[arg-type]


def run(executor: Executor, jobs: Iterable[Job]) -> list[Event]:
    """All events of the jobs, run on an executor that is entered."""
    waiting, events = deque(jobs), list[Event]()
    while waiting or executor.running:
        while waiting and len(executor.running) < executor.workers:
            executor.submit(waiting.popleft())
        events += executor.wait(PATIENCE_S)
    return events


def outcomes(executor: Executor, jobs: Iterable[Job]) -> dict[int, Finished | Failed]:
    """Number -> outcome; each job must have exactly one."""
    ends = [event for event in run(executor, jobs) if not isinstance(event, Report)]
    found = {event.number: event for event in ends}
    assert len(found) == len(ends)
    return found


class ExecutorConformance:
    """The suite."""

    @pytest.fixture
    def executor(self) -> Executor:
        raise NotImplementedError("give the fixture `executor`")

    def test_follows_the_protocol(self, executor: Executor) -> None:
        assert isinstance(executor, Executor)
        assert executor.workers >= 1

    def test_measures_as_the_evaluator_does(self, executor: Executor) -> None:
        with executor:
            found = outcomes(executor, [job(number, Answers()) for number in range(5)])
        assert sorted(found) == [0, 1, 2, 3, 4]
        for number, event in found.items():
            here = Answers().evaluate(PROPOSAL, None, Context(seed=number))  # type: ignore[arg-type]
            assert isinstance(event, Finished)
            assert event.measurement.metrics == here.metrics

    def test_reports_in_order_before_the_end(self, executor: Executor) -> None:
        with executor:
            first, second, end = run(executor, [job(3, Answers())])
        assert (first, second) == (Report(3, {"epoch": 1}), Report(3, {"epoch": 2}))
        assert isinstance(end, Finished)

    def test_knows_what_runs(self, executor: Executor) -> None:
        with executor:
            assert executor.running == frozenset()
            assert list(executor.wait(0.01)) == []
            executor.submit(job(-1, Answers()))
            assert executor.running == frozenset({-1})
            run(executor, [])
            assert executor.running == frozenset()

    @pytest.mark.parametrize(
        ("error", "reason"),
        [
            (ValueError("no such thing"), "error"),
            (MemoryError(), "memory"),
            (FloatingPointError("loss is nan"), "not-a-number"),
            (TimeoutError("too late"), "timeout"),
            (InputError("cannot be built", "use another"), "invalid"),
            (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried"), "memory"),
        ],
        ids=lambda value: value if isinstance(value, str) else type(value).__name__,
    )
    def test_an_exception_is_a_failure(self, executor: Executor, error: Exception, reason: str) -> None:
        with executor:
            event = outcomes(executor, [job(0, Raises(error))])[0]
            assert isinstance(event, Failed)
            assert event.failure.reason == reason
            assert str(error) in event.failure.message
            assert isinstance(outcomes(executor, [job(1, Answers())])[1], Finished)

    @pytest.mark.parametrize(
        ("value", "reason"),
        [
            (Measurement({"accuracy": math.nan, "params": 10.0}), "not-a-number"),
            (Measurement({"accuracy": "high"}), "error"),  # type: ignore[dict-item]
            ({"accuracy": 0.5}, "error"),
            (None, "error"),
        ],
        ids=["nan", "text", "dict", "none"],
    )
    def test_a_wrong_answer_is_a_failure(self, executor: Executor, value: object, reason: str) -> None:
        with executor:
            event = outcomes(executor, [job(0, Returns(value))])[0]
        assert isinstance(event, Failed)
        assert event.failure.reason == reason

    @pytest.mark.parametrize(("seconds", "least"), [(1000.0, 1.0), (math.inf, math.inf)])
    def test_hands_the_deadline_over(self, executor: Executor, seconds: float, least: float) -> None:
        with executor:
            event = outcomes(executor, [job(0, Answers(), seconds=seconds)])[0]
        assert isinstance(event, Finished)
        assert least <= float(event.measurement.notes[0]) <= seconds

    def test_hands_the_directory_over(self, executor: Executor, tmp_path: Path) -> None:
        with executor:
            event = outcomes(executor, [job(0, Writes(), directory=str(tmp_path))])[0]
        assert isinstance(event, Finished)
        assert (tmp_path / event.measurement.artifacts["left"]).read_text("utf-8") == "here"

    def test_nothing_follows_a_cancelled_job(self, executor: Executor) -> None:
        with executor:
            executor.submit(job(0, Answers()))
            executor.cancel(0)
            assert executor.running == frozenset()
            events = run(executor, [job(1, Answers())])
        assert {event.number for event in events} == {1}
