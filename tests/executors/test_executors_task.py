"""Executors load the task that `Task.save` left, once, and leave its arrays on disk."""

from __future__ import annotations

import numpy as np
import pytest
from hostile_evaluators import LooksAtTask

from netwright.executors import make_executor
from netwright.tasks import open_task
from netwright.testing.executors import job, outcomes


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    random = np.random.default_rng(0)
    folder = tmp_path_factory.mktemp("task") / "data"
    images = random.integers(0, 256, (60, 1, 8, 8)).astype(np.uint8)
    open_task((images, np.arange(60) % 3), name="little").save(folder)
    return folder


def test_a_saved_task_reaches_the_evaluator(data, tmp_path, where):
    name, settings = where
    with make_executor(name, data, tmp_path, workers=1, settings=settings) as executor:
        ends = outcomes(executor, [job(0, LooksAtTask()), job(1, LooksAtTask())])
    first, again = (ends[number].measurement for number in (0, 1))
    assert first.notes[0] == "little"
    assert first.metrics["examples"] > 20
    assert first.metrics["mapped"] == 1.0
    if name != "slurm":  # whose jobs have a worker each
        assert first.notes == again.notes
