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


def kill(cluster, node):
    cluster.remove_node(node, allow_graceful=False)


def test_a_node_that_dies_fails_its_job_and_leaves_nothing_running(make, add_node, cluster, tmp_path):
    with make(num_cpus=float(BIG)) as executor:
        node = add_node()
        executor.submit(job(0, Hostile(hostile.hang_with_group, str(tmp_path / "pid"))))
        hanging = wait_for(executor, tmp_path / "pid")
        kill(cluster, node)
        (end,) = run(executor, [])
        assert isinstance(end, Failed)
        assert end.failure.reason == "killed"
        assert "was lost" in end.failure.message
        for pid in hanging:
            until(lambda pid=pid: gone(pid))
        add_node()
        assert isinstance(outcomes(executor, [job(1, Answers())])[1], Finished)


def test_a_search_loses_nothing_and_counts_nothing_twice_when_a_node_dies(make, add_node, cluster, tmp_path):
    nodes = [add_node(), add_node()]
    proposals = [replace(PROPOSAL, origin=f"trial {number}") for number in range(6)]
    hanging = tmp_path / "pid"

    def observe(loop):
        if hanging.exists() and len(nodes) == 2:
            kill(cluster, nodes.pop(0 if on_first(nodes, int(hanging.read_text())) else 1))
            (tmp_path / "pid.go").touch()

    with open_store(tmp_path / "search.sqlite", create=True) as store, make(2, num_cpus=float(BIG)) as executor:
        store.add_space(SPACE)
        evaluator = Hostile(hostile.wait_for_file, str(hanging))
        accuracy = Objectives((Objective("accuracy"),))
        began = time.monotonic()
        phase = Running("screening", Listed(tuple(proposals)), evaluator, SPACE, accuracy, seed=0)
        loop = Loop(store, executor, tmp_path, lambda: time.monotonic() - began, 0, observe)
        assert loop.run(phase)
        ends = [record for record in store.log() if record.trial.status in ("completed", "failed")]
    assert [record.trial.status for record in ends] == ["completed"] * 6
    assert sorted(record.trial.number for record in ends) == list(range(6))
    assert len(nodes) == 1


def test_limits_are_kept_on_the_node(make, tmp_path):
    path = tmp_path / "pid"
    with make(memory_mb=400) as executor:
        late = outcomes(executor, [job(0, Hostile(hostile.hang, str(path)), seconds=0.1, grace=0.2)])[0]
        fat = outcomes(executor, [job(1, Hostile(hostile.eat_memory))])[1]
        dead = outcomes(executor, [job(2, Hostile(hostile.kill_itself))])[2]
    assert (late.failure.reason, fat.failure.reason, dead.failure.reason) == ("timeout", "memory", "killed")
    assert "0.2 s after its limit of 0.1 s" in late.failure.message
    assert "the limit is 400 MiB" in fat.failure.message
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


def test_fewer_workers_than_wanted_do_all_the_work(make):
    with make(5, num_cpus=2.0, idle_s=0.0) as executor:
        ends = outcomes(executor, [job(number, Answers()) for number in range(7)])
        assert all(isinstance(end, Finished) for end in ends.values())
        executor.wait(0.01)
        assert isinstance(outcomes(executor, [job(7, Notes(hostile.numbers_of_threads))])[7], Finished)


def test_threads_go_with_the_cores_of_a_worker(make):
    with make(num_cpus=2.0) as executor:
        end = outcomes(executor, [job(0, Notes(hostile.numbers_of_threads))])[0]
    assert end.measurement.notes == (str((2, "2")),)


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


@pytest.mark.parametrize("shared", [True, False])
def test_what_workers_print_comes_to_the_search_s_logs(make, shared, tmp_path):
    with make(shared=shared) as executor:
        outcomes(executor, [job(0, Hostile(hostile.speak))])
        log = (tmp_path / "search" / "logs" / "worker-0.log").read_text()
    assert "a word on stdout" in log
    assert "a word on stderr" in log


def test_files_go_to_a_node_with_a_disk_of_its_own_and_come_back(make, tmp_path):
    trials, bank = tmp_path / "trials", tmp_path / "bank.bin"
    bank.write_text("the bank")
    (trials / "000003").mkdir(parents=True)
    (trials / "000003" / "left.txt").write_text("the parent")
    wanted = job(4, ReadsFiles((str(bank),)), directory=str(trials / "000004"))
    wanted = replace(wanted, proposal=replace(PROPOSAL, parents=(3,)))
    with make(shared=False) as executor:
        end = outcomes(executor, [wanted])[4]
        again = outcomes(executor, [replace(wanted, number=5)])[5]
        bank_there, parent_there, place, folder = end.measurement.notes
        assert again.measurement.notes == end.measurement.notes
        assert Path(place).is_file()
        assert not Path(folder).exists()
    assert (bank_there, parent_there) == ("the bank", "the parent")
    assert not Path(place).is_relative_to(tmp_path)
    assert (trials / "000004" / "left.txt").read_text() == f"by {folder}"
    assert not Path(folder).parents[2].exists()


def test_the_task_goes_to_a_node_once(cluster, tmp_path):
    open_task("digits").save(tmp_path / "data")
    with make_executor("ray", tmp_path / "data", tmp_path, 2, settings={"shared": False}) as executor:
        ends = outcomes(executor, [job(number, LooksAtTask()) for number in range(4)])
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
