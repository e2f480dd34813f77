"""The ray executor on several nodes of one machine: nodes die, disks are apart, there is too little room."""

from __future__ import annotations

import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import hostile_evaluators as hostile
import psutil
import pytest
from hostile_evaluators import Hostile, LooksAtTask, Notes, ReadsFiles, load_nothing
from patience import gone, pids, until

from netwright.errors import InputError, NetwrightError
from netwright.executors import Failed, Finished, make_executor
from netwright.executors.ray_connection import Connection
from netwright.executors.settings import RaySettings
from netwright.loop.loop import Loop
from netwright.loop.phase import Running
from netwright.objectives import Objective, Objectives
from netwright.store import open_store
from netwright.strategies import Listed
from netwright.tasks import open_task
from netwright.testing.executors import PROPOSAL, SPACE, Answers, job, outcomes, run

pytestmark = pytest.mark.slow

BIG = 3
"""Cores of a worker for which only the nodes have room that a test adds."""


@pytest.fixture
def make(cluster, tmp_path):
    """Makes an executor, with settings."""

    def make(workers=1, memory_mb=None, **settings):
        folder = tmp_path / "search"
        return make_executor("ray", tmp_path / "data", folder, workers, memory_mb, load_nothing, settings)

    return make


@pytest.fixture
def add_node(cluster):
    """Adds a node with room for one BIG worker."""
    added = []

    def add():
        added.append(cluster.add_node(num_cpus=BIG, include_dashboard=False))
        return added[-1]

    yield add
    for node in added:
        if node in cluster.worker_nodes:
            cluster.remove_node(node, allow_graceful=False)


def test_a_search_loses_nothing_and_counts_nothing_twice_when_a_node_dies(make, add_node, cluster, tmp_path):
    nodes, path, struck, lost = [add_node(), add_node()], tmp_path / "pid", [], []

    def observe(loop):
        if path.exists() and not struck:
            struck.extend(map(int, path.read_text().split()))
            node = nodes[0 if on_first(nodes, struck[0]) else 1]
            cluster.remove_node(node, allow_graceful=False)
            for pid in struck:  # a job's process may outlive its node for a moment
                until(lambda pid=pid: gone(pid))
            path.with_suffix(".go").touch()

    with open_store(tmp_path / "search.sqlite", create=True) as store, make(2, num_cpus=float(BIG)) as executor:
        store.add_space(SPACE)
        listed = Listed(tuple(replace(PROPOSAL, origin=f"trial {number}") for number in range(5)))
        evaluator = Hostile(hostile.wait_with_group, str(path))
        accuracy = Objectives((Objective("accuracy"),))
        phase = Running("screening", listed, evaluator, SPACE, accuracy, seed=0)
        began = time.monotonic()
        loop = Loop(store, Overheard(executor, lost), tmp_path, lambda: time.monotonic() - began, 0, observe)
        assert loop.run(phase)
        ends = [record.trial for record in store.log() if record.trial.status in ("completed", "failed")]
    assert [(trial.number, trial.status) for trial in sorted(ends, key=lambda trial: trial.number)] == [
        (number, "completed") for number in range(5)
    ]
    assert [failure.reason for failure in lost] == ["killed"]
    assert "was lost" in lost[0].message


class Overheard:
    """An executor whose failures are kept in a list."""

    def __init__(self, executor, failures):
        self._executor, self._failures = executor, failures

    def __getattr__(self, name):
        return getattr(self._executor, name)

    def wait(self, timeout):
        events = self._executor.wait(timeout)
        self._failures += [event.failure for event in events if isinstance(event, Failed)]
        return events


def test_limits_are_kept_on_the_node(make, tmp_path):
    path = tmp_path / "pid"
    with make(memory_mb=400) as executor:
        late = outcomes(executor, [job(0, Hostile(hostile.hang, str(path)), seconds=0.1, grace=0.2)])[0]
        fat = outcomes(executor, [job(1, Hostile(hostile.eat_memory))])[1]
        dead = outcomes(executor, [job(2, Hostile(hostile.kill_itself))])[2]
        outcomes(executor, [job(3, Hostile(hostile.speak))])
    assert (late.failure.reason, fat.failure.reason, dead.failure.reason) == ("timeout", "memory", "killed")
    assert "0.2 s after its limit of 0.1 s" in late.failure.message
    assert "the limit is 400 MiB" in fat.failure.message
    assert "a word on stdout" in (tmp_path / "search" / "logs" / "worker-0.log").read_text()
    until(lambda: gone(pids(path)[0]))


def test_cancel_and_close_kill(make, tmp_path):
    with make(2) as executor:
        for number, name in enumerate(("cancelled", "closed")):
            executor.submit(job(number, Hostile(hostile.hang_with_children, str(tmp_path / name))))
        found = {name: wait_for(executor, tmp_path / name) for name in ("cancelled", "closed")}
        executor.cancel(0)
        assert executor.running == frozenset({1})
        for pid in found["cancelled"]:
            until(lambda pid=pid: gone(pid))
        assert not any(gone(pid) for pid in found["closed"])
    for pid in found["closed"]:
        until(lambda pid=pid: gone(pid))


def test_fewer_workers_than_wanted_do_all_the_work_with_as_many_threads_as_cores(make):
    with make(5, num_cpus=2.0, idle_s=0.0) as executor:
        ends = outcomes(executor, [job(number, Notes(hostile.threads_asked_for)) for number in range(7)])
        assert [end.measurement.notes for end in ends.values()] == [("2",)] * 7
        executor.wait(0.01)  # nothing is left to do: the worker gives its cores back
        assert executor._slots == {}
        assert isinstance(outcomes(executor, [job(7, Answers())])[7], Finished)


def test_no_room_is_said_after_a_while(make):
    with make(num_gpus=1.0, wait_s=1.0) as executor:
        executor.submit(job(0, Answers()))
        with pytest.raises(NetwrightError, match=r"no room for a worker in 1 s: it asks for 1 CPU, 1 GPU"):
            run(executor, [])


def test_an_unpicklable_job_is_a_failure(make):
    with make() as executor:
        executor.submit(job(0, Hostile(lambda context, path: None)))
        assert executor.running == frozenset({0})
        (end,) = run(executor, [])
        assert "cannot be sent" in end.failure.message
        executor.submit(job(1, Answers()))
        with pytest.raises(NetwrightError, match="running already"):
            executor.submit(job(1, Answers()))
        with pytest.raises(NetwrightError, match="busy"):
            executor.submit(job(2, Answers()))


def test_files_go_to_a_node_with_a_disk_of_its_own_and_come_back(make, tmp_path):
    trials, bank = tmp_path / "trials", tmp_path / "bank.bin"
    bank.write_text("the bank")
    (trials / "000003").mkdir(parents=True)
    (trials / "000003" / "left.txt").write_text("the parent")
    wanted = job(4, ReadsFiles((str(bank),)), directory=str(trials / "000004"))
    wanted = replace(wanted, proposal=replace(PROPOSAL, parents=(3,)))
    with make(shared=False) as executor:
        end = outcomes(executor, [wanted])[4]
        outcomes(executor, [job(6, Hostile(hostile.speak))])
        again = outcomes(executor, [replace(wanted, number=5)])[5]
        bank_there, parent_there, place, folder = end.measurement.notes
        assert again.measurement.notes == end.measurement.notes
        assert Path(place).is_file()
        assert not Path(folder).exists()
    assert (bank_there, parent_there) == ("the bank", "the parent")
    assert not Path(place).is_relative_to(tmp_path)
    assert (trials / "000004" / "left.txt").read_text() == f"by {folder}"
    assert not Path(folder).parents[2].exists()
    assert "a word on stderr" in (tmp_path / "search" / "logs" / "worker-0.log").read_text()


def test_the_task_goes_to_a_node_once(cluster, tmp_path):
    open_task("digits").save(tmp_path / "data")
    with make_executor("ray", tmp_path / "data", tmp_path, 2, settings={"shared": False}) as executor:
        ends = outcomes(executor, [job(number, LooksAtTask()) for number in range(2)])
        (there,) = Path(tempfile.gettempdir()).glob(f"netwright-{executor._token}/data")
        assert {file.name for file in there.iterdir()} == {file.name for file in (tmp_path / "data").iterdir()}
    assert {end.measurement.notes[0] for end in ends.values()} == {"digits"}
    assert all(end.measurement.metrics["mapped"] == 1.0 for end in ends.values())


class Absent:
    """Stands for Ray, where there is no cluster."""

    def is_initialized(self):
        return False

    def init(self, **options):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        raise ConnectionError("Could not find any running Ray instance.\nPlease start one.")


def test_no_cluster_is_the_user_s_mistake_and_signals_are_left_alone():
    before = signal.getsignal(signal.SIGTERM)
    connection = Connection(Absent(), RaySettings(address="10.0.0.1:6379"), 2)
    with pytest.raises(InputError, match=r"no Ray cluster at '10.0.0.1:6379' .*ray start --head"):
        connection.open()
    assert signal.getsignal(signal.SIGTERM) == before


def wait_for(executor, path):
    """The process ids that a job wrote to a file, while the executor is kept going."""
    until(lambda: executor.wait(0.05) == [] and path.exists())
    return pids(path)


def on_first(nodes, pid):
    """Does a process run on the first of these nodes?"""
    raylet = nodes[0].all_processes["raylet"][0].process.pid
    return raylet in {parent.pid for parent in psutil.Process(pid).parents()}
