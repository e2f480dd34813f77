"""Predictions of a saved network are those that the task's own scoring sees."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from netwright.backends.torch.train import outputs
from netwright.deploy.network import Network
from netwright.errors import InputError
from netwright.tasks import Task

Saved = Callable[[str], Path]


@pytest.mark.parametrize("kind", ["depthwise and squeeze-excite", "perceptron", "regression"])
def test_outputs_are_what_training_scored(kind: str, saved: Saved, tasks: dict[str, Task]) -> None:
    network = Network.load(saved(kind))
    task = tasks[network.metadata.name]
    expected = outputs(network.module, task, task.test, torch.float32)
    found = network.outputs(task.test.x)
    assert found.shape == expected.shape
    assert np.allclose(found, expected, rtol=1e-5, atol=1e-5 * task.prepare.get("target_std", 1.0))
    assert task.score(found, task.test.y)[task.metric] == pytest.approx(task.score(expected, task.test.y)[task.metric])


def test_predict_takes_raw_input(digits: Network, tasks: dict[str, Task]) -> None:
    task = tasks["digits"]
    raw = np.round(task.test.x[:5, 0].astype(np.float64) * (16 / 255))
    labels = digits.predict(raw)
    assert labels == task.decode(digits.outputs(task.encode(raw)))
    assert set(labels) <= set(digits.classes)


def test_probabilities_sum_to_one(digits: Network, tasks: dict[str, Task]) -> None:
    shares = digits.probabilities(np.zeros((3, 8, 8)))
    assert shares.shape == (3, 10)
    assert np.allclose(shares.sum(axis=1), 1)
    assert (shares >= 0).all()


def test_many_examples_are_answered_as_one_by_one(digits: Network, images: np.ndarray) -> None:
    many = np.concatenate([images] * 20)
    found = digits.outputs(many)
    assert len(found) == 640
    assert np.allclose(found[-32:], np.concatenate([digits.outputs(image[None]) for image in images]), atol=1e-5)
    assert digits.outputs(many[:0]).shape == (0, 10)


def test_inputs_of_another_shape_are_refused(digits: Network) -> None:
    with pytest.raises(InputError, match=r"inputs of shape \(1, 9, 9\): the network takes \(1, 8, 8\)"):
        digits.outputs(np.zeros((1, 1, 9, 9), np.uint8))


def test_a_regression_has_no_probabilities(saved: Saved) -> None:
    network = Network.load(saved("regression"))
    assert network.classes == ()
    assert all(isinstance(value, float) for value in network.predict(np.zeros((2, 10))))
    with pytest.raises(InputError, match="a regression has no probabilities"):
        network.probabilities(np.zeros((2, 10)))
