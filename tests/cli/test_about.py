from __future__ import annotations

import json
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

import netwright
from netwright import doctor, spaces, tasks
from netwright.executors import NAMES
from netwright.loop import methods

Run = Callable[..., Result]


@pytest.mark.parametrize(
    ("command", "names"), [("tasks", tasks.NAMES), ("spaces", spaces.NAMES), ("methods", methods.NAMES)]
)
def test_lists_name_everything_there_is(run: Run, command: str, names: tuple[str, ...]) -> None:
    ran = run(command)
    assert ran.exit_code == 0
    assert set(names) <= {line.split()[0] for line in ran.stdout.splitlines() if line.strip()}
    found = json.loads(run(command, "--json").stdout)
    assert found["schema"] == f"netwright.{command}/1"
    assert {one["name"] for one in found[command]} == set(names)


def test_methods_tell_what_they_can_do_and_where_they_come_from(run: Run) -> None:
    methods = {one["name"]: one for one in json.loads(run("methods", "--json").stdout)["methods"]}
    assert methods["regularized-evolution"]["multi_objective"]
    assert not methods["reinforce"]["multi_objective"]
    assert "Real et al. 2019" in methods["regularized-evolution"]["about"]


def test_the_version_is_the_packages(run: Run) -> None:
    assert run("--version").stdout == f"netwright {netwright.__version__}\n"


def test_the_doctor_tells_versions_folder_and_data_sets(run: Run, tmp_path: Path) -> None:
    ran = run("doctor")
    assert ran.exit_code == 0, ran.output
    assert str(tmp_path) in ran.stdout
    assert "fit for a search" in ran.stdout
    found = json.loads(run("doctor", "--json").stdout)
    assert found["schema"] == "netwright.doctor/1"
    assert found["problems"] == []
    assert found["folder"]["fsync_ms"] > 0
    assert found["torch"]["threads"] >= 1
    assert set(found["data_sets"]) == set(tasks.NAMES)
    assert set(found["executors"]) == set(NAMES)
    assert found["executors"]["processes"] == "ready"
    assert set(found["extras"]) == {
        "data",
        "sound",
        "dev",
        "postgres",
        "lightgbm",
        "tables",
        "jax",
        "ray",
        "slurm",
        "translation",
    }


def test_a_folder_that_cannot_be_written_to_is_a_problem(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    def refuse(folder: Path) -> float:
        raise PermissionError

    monkeypatch.setattr(doctor, "_fsync_ms", refuse)
    ran = run("doctor")
    assert ran.exit_code == 1
    assert "cannot be written to: run searches in another folder" in ran.stderr
    assert "fit for a search" not in ran.stdout


@pytest.mark.parametrize(
    ("facts", "problem"),
    [({"error": "libtorch is broken"}, "libtorch is broken"), ({"version": "2.9.1+cpu"}, "known security holes")],
)
def test_a_broken_or_old_torch_is_a_problem(
    monkeypatch: pytest.MonkeyPatch, run: Run, facts: dict[str, object], problem: str
) -> None:
    monkeypatch.setattr(doctor, "_torch", lambda: {"threads": 1, "cpu": "AVX2", "cuda": [], **facts})
    ran = run("doctor")
    assert ran.exit_code == 1
    assert problem in ran.stderr


def test_little_disk_and_a_slow_one_are_hints(monkeypatch: pytest.MonkeyPatch, run: Run) -> None:
    usage = namedtuple("usage", "total used free")(2**40, 2**40, 2**20)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda folder: usage)
    monkeypatch.setattr(doctor, "_fsync_ms", lambda folder: 400.0)
    ran = run("doctor")
    assert ran.exit_code == 0
    assert "hint: only 0.0 GiB are free" in ran.stdout
    assert "hint: the disk takes 400 ms" in ran.stdout


def test_what_is_missing_comes_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, run: Run) -> None:
    from netwright.tasks.readers import fashion

    monkeypatch.setattr(doctor, "_present", lambda module: False)
    monkeypatch.setattr(fashion, "PACKAGED", tmp_path)
    monkeypatch.setattr(fashion, "cache", lambda: tmp_path)
    known = doctor.data_sets()
    assert known["mnist5k"] == "pip install 'netwright[data]'"
    assert "apt-get install dataset-fashion-mnist" in known["fashion-mnist"]
    assert known["digits"] == "ready"
    assert "dataset-fashion-mnist" in run("tasks").stdout
