"""The slurm executor, on submitit's stand-in for a cluster: jobs that are interrupted, killed, or silent."""

from __future__ import annotations

import os
import signal

import hostile_evaluators as hostile
import psutil
import pytest
from hostile_evaluators import Hostile, load_nothing
from patience import gone, pids, until

from netwright.executors import Failed, Finished, Site
from netwright.executors.limits import Ticket
from netwright.executors.payload import packed
from netwright.executors.pulse import Listener, Pulse
from netwright.executors.settings import SlurmSettings
from netwright.executors.setup import Setup
from netwright.executors.spool import Spool
from netwright.executors.turn import Began, Turn
from netwright.testing.executors import Answers, job, outcomes, run
from netwright.trial import Failure


@pytest.fixture
def make(tmp_path):
    """Makes an executor, with settings."""
    pytest.importorskip("submitit", reason="submitit is not installed: pip install 'netwright[slurm]'")
    from netwright.executors.slurm import Slurm

    def make(workers=1, memory_mb=None, **settings):
        site = Site(tmp_path / "data", tmp_path / "search", workers, memory_mb, load_nothing)
        return Slurm(site, SlurmSettings(cluster="local", **settings))

    return make


def submitted(executor, path, does=hostile.wait_for_file):
    """The process of a job on its node, once its evaluation runs, and that of its worker."""
    executor.submit(job(0, Hostile(does, str(path))))
    worker = pids(path)[0]
    return psutil.Process(worker).parent(), worker


def test_limits_are_kept_on_the_node(make, tmp_path):
    path = tmp_path / "pid"
    with make(2, memory_mb=400) as executor:
        late = job(0, Hostile(hostile.hang, str(path)), seconds=0.1, grace=0.2)
        ends = outcomes(executor, [late, job(1, Hostile(hostile.eat_memory))])
    assert [ends[number].failure.reason for number in (0, 1)] == ["timeout", "memory"]
    until(lambda: gone(pids(path)[0]))


def test_an_interrupted_job_is_queued_again(make, tmp_path):
    path = tmp_path / "pid"
    with make() as executor:
        host, worker = submitted(executor, path)
        path.unlink()
        host.send_signal(signal.SIGUSR2)
        again = pids(path)[0]
        assert again != worker
        assert gone(worker)
        path.with_suffix(".go").touch()
        (end,) = run(executor, [])
    assert isinstance(end, Finished)


def test_a_job_that_is_interrupted_too_often_fails(make, tmp_path):
    with make(requeues=0) as executor:
        host, worker = submitted(executor, tmp_path / "pid")
        host.send_signal(signal.SIGUSR2)
        (end,) = run(executor, [])
    assert (end.failure.reason, end.failure.message) == ("killed", "Slurm interrupted it 1 times")
    until(lambda: gone(worker))


def test_a_node_that_is_taken_back_fails_its_job(make, tmp_path):
    with make() as executor:
        host, worker = submitted(executor, tmp_path / "pid")
        host.send_signal(signal.SIGTERM)
        (end,) = run(executor, [])
        assert end.failure == Failure("killed", "Slurm took its node back (SIGTERM)")
        until(lambda: gone(worker))
        assert isinstance(outcomes(executor, [job(1, Answers())])[1], Finished)


def test_a_job_that_dies_without_a_word_fails(make, tmp_path):
    with make() as executor:
        host, worker = submitted(executor, tmp_path / "pid")
        host.kill()
        (end,) = run(executor, [])
    assert end.failure.reason == "killed"
    assert "without a result" in end.failure.message
    until(lambda: gone(worker))


def test_cancel_and_close_kill_and_leave_no_files(make, tmp_path):
    with make(2) as executor:
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
    assert list((tmp_path / "search" / "slurm").iterdir()) == []


def turn(tmp_path, evaluator, **settings):
    ticket = job(3, evaluator)
    paths = {"spool": str(tmp_path / "events"), "pulse": str(tmp_path / "driver"), "log": str(tmp_path / "log")}
    given = {"memory_mb": None, "minutes": 60, "requeues": 3} | paths | settings
    return Turn(Setup.here(load_nothing, tmp_path), Ticket.of(ticket), packed(ticket), **given)


def test_what_has_ended_is_not_run_again(tmp_path):
    spool = Spool(tmp_path / "events")
    spool.write(Failed(3, Failure("killed", "before")))
    turn(tmp_path, Answers())()
    assert spool.read() == [Failed(3, Failure("killed", "before"))]


def test_an_interruption_at_the_end_of_its_time_is_no_reason_to_begin_again(tmp_path):
    late = turn(tmp_path, Answers(), minutes=0)
    assert late.checkpoint() is None
    (end,) = Spool(tmp_path / "events").read()
    assert end.failure.reason == "timeout"
    assert "--executor-setting time=" in end.failure.message


def test_a_spool_gives_whole_records_once_and_is_mended(tmp_path):
    writer, reader = Spool(tmp_path / "events"), Spool(tmp_path / "events")
    assert reader.read() == []
    writer.write(Began("here"))
    writer.write({"much": "x" * 10_000})
    half = (tmp_path / "events").read_bytes()[:20]
    with (tmp_path / "events").open("ab") as file:
        file.write(half)
    assert reader.read() == [Began("here"), {"much": "x" * 10_000}]
    heir = Spool(tmp_path / "events")
    heir.read()
    heir.mend()
    heir.write("next")
    assert heir.read() == ["next"]


def test_a_driver_is_heard_until_it_is_gone(tmp_path):
    pulse = Pulse(tmp_path / "driver")
    pulse.start()
    listener = Listener(tmp_path / "driver", gone_s=0.0)
    assert not listener.silent
    assert listener.silent  # for longer than nothing at all
    pulse.stop()
    assert not (tmp_path / "driver").exists()
    assert Listener(tmp_path / "driver", gone_s=0.0).silent


def test_a_job_without_a_driver_ends(tmp_path, monkeypatch):
    monkeypatch.setattr("netwright.executors.pulse.REMOVED_S", 0.5)
    before = signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGUSR2)
    try:
        turn(tmp_path, Hostile(hostile.hang, str(tmp_path / "pid")))()
    finally:
        signal.signal(signal.SIGTERM, before[0])
        signal.signal(signal.SIGUSR2, before[1])
    *_, end = Spool(tmp_path / "events").read()
    assert end.failure == Failure("killed", "its driver gave no sign of life")


SBATCH = """#!/bin/sh
# Stands for Slurm: runs a job at once, as its own child, and tells what was asked for.
id=$$
grep '^#SBATCH' "$1" > "$SLURM_STAND_IN/$id.asked"
SLURM_JOB_ID=$id SLURM_NTASKS=1 SLURM_PROCID=0 setsid sh "$1" >/dev/null 2>&1 &
echo $! > "$SLURM_STAND_IN/$id.pid"
echo "Submitted batch job $id"
"""
SRUN = """#!/bin/sh
while [ "${1#--}" != "$1" ]; do case $1 in --output|--error) shift 2 ;; *) shift ;; esac; done
exec "$@"
"""
SACCT = """#!/bin/sh
echo 'JobID|State|NodeList'
for file in "$SLURM_STAND_IN"/*.pid; do
    kill -0 "$(cat "$file")" 2>/dev/null && state=RUNNING || state=COMPLETED
    echo "$(basename "$file" .pid)|$state|here"
done
"""
SCANCEL = """#!/bin/sh
kill -KILL "-$(cat "$SLURM_STAND_IN/$1.pid")" 2>/dev/null
"""


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    """Slurm's commands, as far as they are needed; gives the folder with what jobs asked for."""
    pytest.importorskip("submitit", reason="submitit is not installed: pip install 'netwright[slurm]'")
    commands, state = tmp_path / "bin", tmp_path / "state"
    commands.mkdir()
    state.mkdir()
    for name, text in {"sbatch": SBATCH, "srun": SRUN, "sacct": SACCT, "scancel": SCANCEL}.items():
        (commands / name).write_text(text)
        (commands / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{commands}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("SLURM_STAND_IN", str(state))
    return state


def test_slurm_is_asked_for_what_the_settings_say(slurm, tmp_path):
    from netwright.executors.slurm import Slurm

    settings = SlurmSettings(partition="gpu", account="lab", gpus=1, cpus=2, mem=1.5)
    with Slurm(Site(tmp_path / "data", tmp_path / "search", 1, None, load_nothing), settings) as executor:
        end = outcomes(executor, [job(0, Answers(), seconds=600.0)])[0]
        executor.submit(job(1, Hostile(hostile.hang_with_group, str(tmp_path / "pid"))))
        hanging = pids(tmp_path / "pid")
        executor.cancel(1)
        for pid in hanging:
            until(lambda pid=pid: gone(pid))
    assert isinstance(end, Finished)
    asked = min(slurm.glob("*.asked"), key=lambda path: path.stat().st_mtime).read_text()
    for words in ("partition=gpu", "account=lab", "gpus-per-node=1", "cpus-per-task=2", "mem=1536MB", "time=15"):
        assert f"--{words}\n" in asked
