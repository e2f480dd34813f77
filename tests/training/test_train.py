"""Training: learns, repeats itself exactly, keeps its deadline, and fails with the reason."""

from __future__ import annotations

import subprocess
import sys
import time
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from netwright.backends.terms import Target, Terms
from netwright.backends.torch.batches import Batches, subset
from netwright.backends.torch.build import build
from netwright.backends.torch.learner import Single
from netwright.backends.torch.recipe import Recipe, default_recipe
from netwright.backends.torch.train import Fitting, outputs, train
from netwright.errors import InputError
from netwright.space import Space, chain, op
from netwright.tasks import Split, Task, open_task
from netwright.trial import Fidelity

torch.set_num_threads(1)
NETWORK = Space(
    chain(op("conv", kernel=3, channels=16), op("conv", kernel=3, channels=16, stride=2), op("head")), "net"
)


@pytest.fixture(scope="module")
def digits() -> Task:
    return open_task("digits")


def fit(task: Task, recipe: Recipe, fidelity: Fidelity = Fidelity(), seed: int = 0, **further: Any):
    network = build(NETWORK.architecture({}).graph, task.signature, seed=seed)
    trained = train(network, task, recipe, fidelity, Terms(seed, **further))
    return trained, outputs(trained.network, task, task.valid, trained.dtype, fidelity)


def test_learns_digits(digits: Task) -> None:
    trained, answers = fit(digits, Recipe(epochs=8))
    assert task_accuracy(digits, answers) > 0.9
    assert trained.epochs == pytest.approx(8)
    assert [point["epoch"] for point in trained.curve] == pytest.approx(range(1, 9))
    assert trained.curve[-1]["loss"] < trained.curve[0]["loss"]


def task_accuracy(task: Task, answers: np.ndarray) -> float:
    return float(task.score(answers, task.valid.y)["accuracy"])


@pytest.mark.parametrize(
    "recipe", [Recipe(epochs=1), Recipe(epochs=1, average=0.9), Recipe(epochs=1, optimizer="sgd", learning_rate=0.1)]
)
def test_equal_seeds_give_bitwise_equal_networks(digits: Task, recipe: Recipe) -> None:
    first, second, other = (fit(digits, recipe, seed=seed)[1] for seed in (3, 3, 4))
    assert np.array_equal(first, second)
    assert not np.array_equal(first, other)


def test_learns_a_regression_in_the_targets_own_unit() -> None:
    task = open_task("diabetes")
    space = Space(chain(op("linear", units=32), op("head")), "table")
    network = build(space.architecture({}).graph, task.signature, seed=0)
    trained = train(network, task, default_recipe(task.kind, len(task.train.y)))
    score = task.score(outputs(trained.network, task, task.valid, trained.dtype), task.valid.y)
    assert score["rmse"] < float(np.std(task.valid.y))


class Ticking:
    """A clock that moves only when it is read: a hundredth of a second each time."""

    now = 0.0

    def monotonic(self) -> float:
        self.now += 0.01
        return self.now


def test_a_deadline_shortens_the_schedule_to_its_end(digits: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("netwright.backends.torch.train.time", Ticking())
    trained, answers = fit(digits, Recipe(epochs=10_000), deadline=4.0)
    assert trained.shortened
    assert 3 < trained.epochs < 15
    assert task_accuracy(digits, answers) > 0.5


def test_a_schedule_grows_to_fill_the_time_while_it_is_young(digits: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    epochs = []
    for most in (1000.0, 5.0):
        monkeypatch.setattr("netwright.backends.torch.train.time", Ticking())
        trained, _ = fit(digits, Recipe(), Fidelity(epochs=3.0), target=Target(4.0, most))
        assert not trained.shortened
        epochs.append(trained.epochs)
    assert epochs[0] > 6
    assert epochs[1] == 5


def test_no_time_at_all_is_an_error(digits: Task) -> None:
    with pytest.raises(TimeoutError):
        fit(digits, Recipe(), deadline=time.monotonic() - 1)


def test_a_diverging_loss_is_an_error(digits: Task) -> None:
    with pytest.raises(FloatingPointError, match="not a number"):
        fit(digits, Recipe(epochs=5, learning_rate=1e30, optimizer="sgd"))


def test_resolution_and_data_fraction_are_used(digits: Task) -> None:
    batches = Batches(digits, digits.train, torch.device("cpu"), fraction=0.25, resolution=0.5)
    assert len(batches) == round(len(digits.train.y) * 0.25)
    assert next(iter(batches.in_order())).shape[2:] == (4, 4)


def test_samples_are_balanced_and_nested() -> None:
    targets = np.repeat([0, 1, 2], [600, 300, 100])
    small, large = subset(targets, 0.1, 3), subset(targets, 0.4, 3)
    assert set(small) <= set(large)
    assert np.bincount(targets[small]).tolist() == [60, 30, 10]


def test_batches_are_normalised_and_leave_out_a_single_example(digits: Task) -> None:
    one_over = replace(digits, train=Split(digits.train.x[:33], digits.train.y[:33]))
    batches = Batches(one_over, one_over.train, torch.device("cpu"))
    shapes = [tuple(x.shape) for x, _ in batches.shuffled(32, {}, torch.Generator())]
    assert shapes == [(32, 1, 8, 8)]
    whole = next(iter(Batches(digits, digits.train, torch.device("cpu")).in_order(100_000)))
    assert float(whole.mean()) == pytest.approx(0, abs=0.01)
    assert float(whole.std()) == pytest.approx(1, abs=0.01)


def test_hyperparameters_of_an_architecture_change_the_recipe() -> None:
    assert Recipe().adapted({"learning_rate": 0.05}).learning_rate == 0.05
    with pytest.raises(InputError, match="learning_rate"):
        Recipe().adapted({"learning_rat": 0.05})


class Crowded(Single):
    """A network on a device with room for so many examples at a time."""

    room = 40

    def learn(self, x, y, progress):
        if len(x) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return super().learn(x, y, progress)


def test_batches_that_do_not_fit_into_memory_are_computed_in_parts(digits: Task) -> None:
    space = Space(chain(op("flatten"), op("linear", units=16, norm="none"), op("head")), "plain")
    recipe = Recipe(epochs=2, batch_size=128, optimizer="sgd", precision="float32")
    big = replace(digits, train=Split(np.tile(digits.train.x, (20, 1, 1, 1)), np.tile(digits.train.y, 20)))
    found = []
    for kind in (Single, Crowded):
        network = build(space.architecture({}).graph, digits.signature, seed=0)
        fitted = Fitting(kind(network, big, recipe, torch.device("cpu")), big, recipe).run()
        found.append((fitted, network.state_dict()))
    (whole, weights), (parted, same) = found
    assert (whole.parts, parted.parts) == (1, 4)
    assert [point["loss"] for point in parted.curve] == pytest.approx(
        [point["loss"] for point in whole.curve], rel=1e-3
    )
    assert all(torch.allclose(one, same[name], atol=1e-3) for name, one in weights.items())


def test_what_does_not_fit_in_parts_either_fails_for_want_of_memory(digits: Task, monkeypatch) -> None:
    monkeypatch.setattr(Crowded, "room", 3)
    network = build(NETWORK.architecture({}).graph, digits.signature, seed=0)
    fitting = Fitting(Crowded(network, digits, Recipe(), torch.device("cpu")), digits, Recipe())
    with pytest.raises(MemoryError, match="not even batches of 8 examples fit into memory: CUDA out of memory"):
        fitting.run()


LITTLE = """
import resource
import numpy as np, torch
from netwright.backends.torch.build import build
from netwright.backends.torch.learner import Single
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import Fitting
from netwright.space import Space, chain, op
from netwright.tasks import open_task

torch.set_num_threads(1)
x = np.random.default_rng(0).integers(0, 256, (64, 96, 96), dtype=np.uint8)
task = open_task((x, np.arange(64) % 2))
space = Space(chain(op("conv", kernel=3, channels=64), op("head")), "wide")
network = build(space.architecture({}).graph, task.signature)
recipe = Recipe(epochs=1, precision="float32")
fitting = Fitting(Single(network, task, recipe, torch.device("cpu")), task, recipe)
taken = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (taken + 200 * 2**20, resource.RLIM_INFINITY))
print(fitting.run().parts)
"""
"""A batch of 32 takes some 300 MB, where there are 200."""


@pytest.mark.skipif(sys.platform != "linux", reason="limits of memory are those of Linux")
def test_where_memory_is_really_short_training_goes_on_in_parts() -> None:
    done = subprocess.run([sys.executable, "-c", LITTLE], capture_output=True, text=True, timeout=100)
    assert done.stdout == "4\n", done.stderr[-1000:]
