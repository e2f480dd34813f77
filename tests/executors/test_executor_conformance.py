"""All executors pass the published suite."""

from __future__ import annotations

import importlib.util

import pytest
from hostile_evaluators import load_nothing

from netwright.errors import InputError, MissingExtra
from netwright.executors import NAMES, executor_settings, make_executor
from netwright.testing.executors import ExecutorConformance

SLURM = pytest.param("slurm", marks=pytest.mark.slow)
"""Three processes start for each job; what is its own is tested in test_slurm.py."""


@pytest.mark.parametrize("where", ["inline", "processes", SLURM], indirect=True)
class TestExecutors(ExecutorConformance):
    @pytest.fixture
    def executor(self, where, tmp_path):
        name, settings = where
        return make_executor(name, tmp_path / "data", tmp_path, workers=1, load=load_nothing, settings=settings)


class Standing:
    """An executor that stays entered from one test to the next, so that its workers start once."""

    def __init__(self, executor):
        self._executor, self.workers = executor, executor.workers
        self.submit, self.wait, self.cancel = executor.submit, executor.wait, executor.cancel

    @property
    def running(self):
        return self._executor.running

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for number in self.running:
            self.cancel(number)


@pytest.fixture(scope="module")
def standing(where, tmp_path_factory):
    name, settings = where
    folder = tmp_path_factory.mktemp(name)
    with make_executor(name, folder / "data", folder, 1, load=load_nothing, settings=settings) as executor:
        yield Standing(executor)


@pytest.mark.parametrize("where", ["ray", "ray, disks apart"], indirect=True)
class TestStandingExecutors(ExecutorConformance):
    @pytest.fixture
    def executor(self, standing):
        return standing


def test_an_executor_has_the_workers_that_are_asked_for(where, tmp_path):
    name, settings = where
    made = make_executor(name, tmp_path, tmp_path, workers=3, settings=settings)
    assert made.workers == (1 if name == "inline" else 3)


def test_an_unknown_name_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="did you mean 'processes'"):
        make_executor("proceses", tmp_path, tmp_path)


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"memory_mb": 0}])
def test_impossible_settings_are_refused(tmp_path, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        make_executor("processes", tmp_path, tmp_path, **wrong)


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        ("processes", {"address": "auto"}, "no setting 'address': leave it out; it is one of ray"),
        ("inline", {"partition": "gpu"}, "no setting 'partition': leave it out; it is one of slurm"),
        ("inline", {"speed": 3}, "no setting 'speed': it has none at all"),
        ("ray", {"adress": "auto"}, "did you mean 'address'"),
        ("ray", {"num_gpus": "many"}, "num_gpus of ray must be a number"),
        ("ray", {"num_gpus": -1}, "num_gpus of ray must be at least 0"),
        ("ray", {"memory_mb": 0}, "memory_mb of ray must be at least 1"),
        ("slurm", {"cpus": 0}, "cpus of slurm must be at least 1"),
        ("slurm", {"cpus": 1.5}, "cpus of slurm must be a whole number"),
        ("slurm", {"cluster": "pbs"}, "one of slurm, local"),
        ("slurm", {"num_gpus": 1}, "no setting 'num_gpus': leave it out; it is one of ray"),
    ],
)
def test_wrong_settings_are_refused(name, settings, words):
    with pytest.raises(InputError, match=words):
        executor_settings(name, settings)


def test_every_default_is_allowed():
    assert [type(executor_settings(name)) for name in NAMES] == [type(executor_settings(name, {})) for name in NAMES]


@pytest.mark.parametrize(("name", "package"), [("ray", "ray"), ("slurm", "submitit")])
def test_without_its_package_an_executor_says_how_to_get_it(monkeypatch, tmp_path, name, package):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        "netwright.executors.settings.find_spec", lambda module: None if module == package else found(module)
    )
    with pytest.raises(MissingExtra, match=rf"{package} is not installed: pip install 'netwright\[{name}\]'"):
        make_executor(name, tmp_path, tmp_path)


def test_slurm_is_refused_where_there_is_none(monkeypatch, tmp_path):
    pytest.importorskip("submitit", reason="submitit is not installed: pip install 'netwright[slurm]'")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(InputError, match="srun is not found"):
        make_executor("slurm", tmp_path, tmp_path)
