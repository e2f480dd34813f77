"""Workers survive whatever an evaluator does, or are replaced; nothing that an evaluator started stays behind."""

from __future__ import annotations

import os
import signal

import hostile_evaluators as hostile
import pytest
from hostile_evaluators import Hostile, Notes, Unpicklable, load_badly, load_nothing
from patience import gone, pids, until

from netwright.errors import InputError, NetwrightError
from netwright.executors import Failed, Finished, Processes, make_executor
from netwright.executors.worker import INSIDE
from netwright.testing.executors import Answers, job, outcomes, run


@pytest.fixture
def executor(tmp_path):
    with Processes(tmp_path / "data", tmp_path, workers=1, load=load_nothing) as executor:
        yield executor


def failure(executor, evaluator, **settings):
    """How a job fails; afterwards the executor must still work."""
    event = outcomes(executor, [job(0, evaluator, **settings)])[0]
    assert isinstance(event, Failed)
    assert isinstance(outcomes(executor, [job(1, Answers())])[1], Finished)
    return event.failure


def test_a_killed_worker_fails_its_own_job_only(tmp_path):
    path = tmp_path / "pid"
    with Processes(tmp_path, tmp_path, workers=2, load=load_nothing) as executor:
        executor.submit(job(0, Hostile(hostile.wait_for_file, str(path))))
        executor.submit(job(1, Hostile(hostile.wait_for_file, str(tmp_path / "other"))))
        pids(tmp_path / "other")
        os.kill(pids(path)[0], signal.SIGKILL)
        (tmp_path / "other.go").touch()
        ends = {event.number: event for event in run(executor, [])}
        assert ends[0].failure.reason == "killed"
        assert "SIGKILL" in ends[0].failure.message
        assert isinstance(ends[1], Finished)
        assert all(
            isinstance(end, Finished) for end in outcomes(executor, [job(2, Answers()), job(3, Answers())]).values()
        )


@pytest.mark.parametrize(
    ("does", "reason", "says"),
    [
        (hostile.kill_itself, "killed", "SIGKILL"),
        (hostile.crash, "killed", "SIGSEGV"),
        (hostile.exit_hard, "killed", "code 3"),
        (hostile.exit_softly, "error", "enough"),
        (hostile.interrupt, "error", "KeyboardInterrupt"),
        (hostile.report_lock, "error", "pickle"),
    ],
)
def test_a_worker_that_ends_or_is_told_to(executor, does, reason, says):
    found = failure(executor, Hostile(does))
    assert found.reason == reason
    assert says in found.message


def test_a_hanging_evaluator_is_killed_after_its_grace(executor, tmp_path):
    path = tmp_path / "pid"
    found = failure(executor, Hostile(hostile.hang, str(path)), seconds=0.1, grace=0.2)
    assert found.reason == "timeout"
    assert "0.2 s after its limit of 0.1 s" in found.message
    until(lambda: gone(pids(path)[0]))


def test_what_a_hanging_evaluator_started_is_killed_too(executor, tmp_path):
    path = tmp_path / "pid"
    found = failure(executor, Hostile(hostile.hang_with_children, str(path)), seconds=2.0, grace=0.5)
    assert found.reason == "timeout"
    assert len(pids(path)) == 4
    for pid in pids(path):
        until(lambda pid=pid: gone(pid))


def test_what_a_killed_worker_started_is_killed_too(executor, tmp_path):
    path = tmp_path / "pid"
    executor.submit(job(0, Hostile(hostile.hang_with_group, str(path))))
    worker, child = pids(path)
    os.kill(worker, signal.SIGKILL)
    (end,) = run(executor, [])
    assert end.failure.reason == "killed"
    until(lambda: gone(child))


def test_cancel_and_close_kill(tmp_path):
    with Processes(tmp_path, tmp_path, workers=2, load=load_nothing) as executor:
        for number, name in enumerate(("cancelled", "closed")):
            executor.submit(job(number, Hostile(hostile.hang_with_children, str(tmp_path / name))))
        found = {name: pids(tmp_path / name) for name in ("cancelled", "closed")}
        executor.cancel(0)
        assert executor.running == frozenset({1})
        for pid in found["cancelled"]:
            until(lambda pid=pid: gone(pid))
        assert not any(gone(pid) for pid in found["closed"])
    for pid in found["closed"]:
        until(lambda pid=pid: gone(pid))


@pytest.mark.parametrize("does", [hostile.eat_memory, hostile.eat_memory_in_a_child])
def test_memory_is_limited_for_the_whole_tree(tmp_path, does):
    with Processes(tmp_path, tmp_path, workers=1, memory_mb=400, load=load_nothing) as executor:
        found = failure(executor, Hostile(does))
    assert found.reason == "memory"
    assert "the limit is 400 MiB" in found.message


def test_an_unpicklable_measurement_is_a_failure(executor):
    found = failure(executor, Unpicklable())
    assert found.reason == "error"
    assert "cannot be pickled" in found.message


def test_an_unpicklable_job_is_a_failure(executor):
    executor.submit(job(0, Hostile(lambda context, path: None)))
    assert executor.running == frozenset({0})
    (end,) = run(executor, [])
    assert end.failure.reason == "error"
    assert "cannot be sent" in end.failure.message
    assert executor.running == frozenset()


def test_a_task_that_does_not_load_fails_every_job(tmp_path, where):
    name, settings = where
    with make_executor(name, tmp_path / "data", tmp_path, workers=1, load=load_badly, settings=settings) as executor:
        ends = outcomes(executor, [job(0, Answers()), job(1, Answers())])
    assert [ends[number].failure.reason for number in (0, 1)] == ["error", "error"]
    assert "data is unreadable" in ends[1].failure.message


def test_no_report_of_many_is_lost(executor):
    *reports, end = run(executor, [job(0, Hostile(hostile.report_much))])
    assert [report.data["step"] for report in reports] == list(range(5000))
    assert isinstance(end, Finished)


def test_workers_stay_and_have_one_thread_and_a_session_of_their_own(executor):
    tells = [hostile.process_id, hostile.process_id, hostile.numbers_of_threads, hostile.session]
    ends = outcomes(executor, [job(number, Notes(tell)) for number, tell in enumerate(tells)])
    first, again, threads, own_session = (ends[number].measurement.notes[0] for number in range(4))
    assert first == again != str(os.getpid())
    assert threads == str((1, "1"))
    assert own_session == "True"


def test_what_workers_print_goes_to_their_log(executor, tmp_path):
    assert failure(executor, Hostile(hostile.exit_softly)).reason == "error"
    outcomes(executor, [job(0, Hostile(hostile.speak))])
    log = (tmp_path / "logs" / "worker-0.log").read_text()
    assert "a word on stdout" in log
    assert "a word on stderr" in log
    assert "SystemExit: enough" in log


def test_no_more_jobs_than_workers(executor):
    executor.submit(job(0, Answers()))
    with pytest.raises(NetwrightError, match="busy"):
        executor.submit(job(1, Answers()))
    with pytest.raises(NetwrightError, match="running already"):
        executor.submit(job(0, Answers()))


def test_a_worker_starts_no_workers(tmp_path, monkeypatch):
    monkeypatch.setenv(INSIDE, "1")
    with pytest.raises(InputError, match="__main__"):
        Processes(tmp_path, tmp_path)
