"""Batches of padded sequences: cut off where the longest ends, augmented, and none is lost."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from netwright.backends.torch.augment import augment, scaled
from netwright.backends.torch.batches import Batches
from netwright.backends.torch.build import build
from netwright.backends.torch.learner import Single
from netwright.backends.torch.recipe import Recipe
from netwright.backends.torch.train import Fitting, outputs, train
from netwright.operations import Signature
from netwright.space import Space, chain, op
from netwright.tasks import Task
from netwright.tasks.task import Split

torch.set_num_threads(1)
SIGNATURE = Signature((40,), 2, vocabulary=30, padded=True)
CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def task() -> Task:
    """Texts of 2 to 40 tokens; the label says whether the last one is among the later half."""
    rng = np.random.default_rng(0)
    x, y = np.zeros((600, 40), dtype=np.int32), np.zeros(600, dtype=np.int64)
    for row in range(600):
        length = int(rng.integers(2, 41))
        x[row, :length] = rng.integers(1, 30, length)
        y[row] = x[row, length - 1] > 15
    parts = [Split(x[low:high], y[low:high]) for low, high in ((0, 400), (400, 500), (500, 600))]
    return Task("last", "text-classification", SIGNATURE, *parts, {}, "accuracy", ("early", "late"))


def network(*layers):
    graph = Space(chain(op("embedding", channels=16), *layers, op("head")), "t").architecture({}).graph
    return build(graph, SIGNATURE, seed=0)


def test_batches_end_with_their_longest_and_hold_every_example_once(task):
    batches = Batches(task, task.train, torch.device("cpu"))
    batches.trims = True
    seen, sizes = [], []
    for x, _ in batches.shuffled(32, {}, torch.Generator().manual_seed(0)):
        assert int((x != 0).any(0).sum()) == x.shape[1] or x.shape[1] == 8
        seen += [tuple(row[row != 0].tolist()) for row in x]
        sizes.append(x.shape[1])
    assert sorted(seen) == sorted(tuple(row[row != 0].tolist()) for row in task.train.x)
    assert np.mean(sizes) < 0.7 * 40
    again = [x.shape[1] for x, _ in batches.shuffled(32, {}, torch.Generator().manual_seed(0))]
    assert again == sizes != sorted(sizes)


def test_only_networks_of_any_length_are_given_short_batches(task):
    long = network(op("conv", kernel=5), op("recurrent"))
    fixed = network(op("conv", kernel=5, padding="valid"))
    flat = network(op("flatten"))
    assert (long.any_length, fixed.any_length, flat.any_length) == (True, False, False)
    for one in (long, fixed, flat):
        fitting = Fitting(Single(one, task, Recipe(epochs=1), torch.device("cpu")), task, Recipe(epochs=1))
        assert fitting.batches.trims == one.any_length
        fitting.run()


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_a_recurrent_network_learns_what_comes_last(task, cell):
    """What only the end of each text tells, whatever its length."""
    trained = train(network(op("recurrent", cell=cell, channels=32)), task, Recipe(epochs=30, learning_rate=0.01))
    answers = outputs(trained.network, task, task.test, trained.dtype)
    assert task.score(answers, task.test.y)["accuracy"] > 0.75


def test_augmentation_of_sequences():
    random = torch.Generator().manual_seed(0)
    tokens = torch.randint(2, 30, (64, 20), dtype=torch.int32)
    tokens[:, 15:] = 0
    found = augment(tokens, {"unknown": 0.25}, random)
    changed = found != tokens
    assert set(found[changed].tolist()) == {1}
    assert 0.15 < float(changed[:, :15].float().mean()) < 0.35
    assert not changed[:, 15:].any()
    series = torch.randn(64, 3, 20)
    moved = augment(series, {"later": 3}, random)
    assert moved.shape == series.shape
    first = series[0]
    shifts = [torch.equal(moved[0, :, 3:17], first[:, 3 + s : 17 + s]) for s in range(-3, 4)]
    assert sum(shifts) == 1
    hidden = augment(series, {"hidden": 0.5}, random)
    assert 0.05 < float((hidden == 0).float().mean()) < 0.6
    assert scaled({"unknown": 0.1, "later": 4}, 0.5) == {"unknown": 0.05, "later": 2}


def test_targets_of_each_place_are_cut_with_their_sequences():
    signature = Signature((40,), 30, "language", vocabulary=30, padded=True)
    x = np.zeros((64, 40), dtype=np.int32)
    for row in range(64):
        x[row, : 2 + row // 2] = row % 29 + 1
    split = Split(x, x.astype(np.int64) - 1)
    batches = Batches(Task("t", "language-model", signature, split, split, split, {}, "bits_per_token"), split, CPU)
    batches.trims = True
    for tokens, targets in batches.shuffled(16, {}, torch.Generator().manual_seed(0)):
        assert tokens.shape == targets.shape
        assert torch.equal(tokens.long() - 1, targets)
        assert tokens.shape[1] < 40
    parts = list(batches.to_score())
    assert sum(len(targets) for _, targets in parts) == 64
    assert all(targets.shape[1] == 40 for _, targets in parts)


def test_large_answers_are_scored_in_small_batches(monkeypatch):
    monkeypatch.setattr("netwright.backends.torch.batches.MOST_ANSWERS", 4 * 40 * 30)
    signature = Signature((40,), 30, "language", vocabulary=30)
    split = Split(np.ones((10, 40), dtype=np.int32), np.ones((10, 40), dtype=np.int64))
    task = Task("t", "language-model", signature, split, split, split, {}, "bits_per_token")
    assert [len(x) for x, _ in Batches(task, split, CPU).to_score()] == [4, 4, 2]
