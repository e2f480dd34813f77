"""Both executors pass the published suite."""

from __future__ import annotations

import pytest
from hostile_evaluators import load_nothing

from netwright.errors import InputError
from netwright.executors import NAMES, Inline, Processes, make_executor
from netwright.testing.executors import ExecutorConformance


class TestInline(ExecutorConformance):
    @pytest.fixture
    def executor(self, tmp_path):
        return Inline(tmp_path / "data", tmp_path, load=load_nothing)


class TestProcesses(ExecutorConformance):
    @pytest.fixture
    def executor(self, tmp_path):
        return Processes(tmp_path / "data", tmp_path, workers=1, load=load_nothing)


def test_executors_are_made_by_name(tmp_path):
    made = {name: make_executor(name, tmp_path, tmp_path, workers=3) for name in NAMES}
    assert {name: executor.workers for name, executor in made.items()} == {"inline": 1, "processes": 3}


def test_an_unknown_name_is_refused_with_the_nearest(tmp_path):
    with pytest.raises(InputError, match="did you mean 'processes'"):
        make_executor("proceses", tmp_path, tmp_path)


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"memory_mb": 0}])
def test_impossible_settings_are_refused(tmp_path, wrong):
    with pytest.raises(InputError, match=next(iter(wrong))):
        make_executor("processes", tmp_path, tmp_path, **wrong)
