"""Training for an answer at each place: masks move with their images and follow the resolution; the loss knows what
nobody knows, and how rare a class is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional as F

from netwright.backends.torch.augment import augment, augment_alike
from netwright.backends.torch.batches import Batches
from netwright.backends.torch.build import build
from netwright.backends.torch.losses import loss_of, weights
from netwright.backends.torch.recipe import Recipe, default_recipe
from netwright.backends.torch.train import batch_size, outputs, train
from netwright.errors import InputError
from netwright.proxies import applicable
from netwright.proxies.score import batch_of, score
from netwright.space import Space, chain, op, parallel
from netwright.tasks import Split, Task, open_task
from netwright.trial import Fidelity

torch.set_num_threads(1)
NETWORK = Space(
    chain(
        op("conv", channels=12),
        parallel(
            op("identity"),
            chain(op("conv", channels=12, stride=2), op("conv", channels=12), op("upsample", halvings=0)),
        ),
        op("head"),
    ),
    "net",
)


@pytest.fixture(scope="module")
def task() -> Task:
    """Dark ground, a bright bar somewhere, and a lower half of unknown class in some."""
    rng = np.random.default_rng(0)
    y = np.zeros((96, 15, 20), dtype=np.int32)
    for mask, at in zip(y, rng.integers(2, 17, 96), strict=True):
        mask[:, at : at + 3] = 1
    x = (60 + 90 * y + rng.integers(0, 60, y.shape)).astype(np.uint8)
    y[::4, 8:] = -1
    return open_task((x, y), name="bars")


def test_learns_where_things_are(task: Task) -> None:
    network = build(NETWORK.architecture({}).graph, task.signature, seed=0)
    trained = train(network, task, Recipe(epochs=12, batch_size=8))
    found = task.score(outputs(trained.network, task, task.valid, trained.dtype), task.valid.y)
    assert found["mean_iou"] > 0.8
    assert task.decode(np.zeros((1, 2, 15, 20)))[0].shape == (15, 20)


def test_low_resolution_is_trained_and_scored_at_full_size(task: Task) -> None:
    network = build(NETWORK.architecture({}).graph, task.signature, seed=0)
    fidelity = Fidelity(resolution=0.5)
    batches = Batches(task, task.train, torch.device("cpu"), resolution=0.5)
    x, y = next(batches.shuffled(8, {}, torch.Generator().manual_seed(0)))
    assert (x.shape, y.shape) == ((8, 1, 8, 10), (8, 8, 10))
    trained = train(network, task, Recipe(epochs=12, batch_size=8), fidelity)
    kept = outputs(trained.network, task, task.valid, trained.dtype, fidelity)
    assert kept[:, 1].sum() == (task.valid.y != -1).sum()
    assert task.score(kept, task.valid.y)["mean_iou"] > 0.5


def test_masks_move_as_their_images_do() -> None:
    masks = torch.randint(0, 5, (64, 9, 12), generator=torch.Generator().manual_seed(1)).to(torch.int16)
    images = (masks * 50 + 5).to(torch.uint8).unsqueeze(1)
    policy = {"flip": True, "shift": 3}
    moved, alike = augment_alike(images, masks, policy, torch.Generator().manual_seed(2))
    outside = moved[:, 0] == 0
    assert outside.any()
    assert torch.equal(alike == -1, outside)
    assert torch.equal(moved[:, 0][~outside], (alike * 50 + 5).to(torch.uint8)[~outside])
    assert torch.equal(moved, augment(images, policy, torch.Generator().manual_seed(2)))
    _, unmoved = augment_alike(images, masks, {"brightness": 0.3}, torch.Generator().manual_seed(2))
    assert torch.equal(unmoved, masks)


def test_brightness_scales_each_image_by_one_factor() -> None:
    images = torch.full((100, 3, 4, 4), 100, dtype=torch.uint8)
    after = augment(images, {"brightness": 0.2}, torch.Generator().manual_seed(0))
    assert after.dtype == torch.uint8
    assert bool((after == after[:, :1, :1, :1]).all())
    levels = after[:, 0, 0, 0].int()
    assert 80 <= int(levels.min()) < 90
    assert 110 < int(levels.max()) <= 120


def test_places_of_unknown_class_count_for_nothing(task: Task) -> None:
    loss = loss_of(task, Recipe(label_smoothing=0.0))
    random = torch.Generator().manual_seed(0)
    answers = torch.randn(2, 2, 3, 4, generator=random, requires_grad=True)
    y = torch.randint(0, 2, (2, 3, 4), generator=random).to(torch.int16)
    y[:, 0] = -1
    known = F.cross_entropy(answers[:, :, 1:], y[:, 1:].long())
    assert loss(answers, y).item() == pytest.approx(known.item())
    nothing = loss(answers, torch.full_like(y, -1))
    nothing.backward()
    assert nothing.item() == 0.0
    assert bool((answers.grad == 0).all())


def test_rare_classes_count_more_where_asked(task: Task) -> None:
    y = np.array([0] * 6 + [1] * 2 + [2] + [-1] * 5)
    assert weights(y, 4, 1.0).tolist() == pytest.approx([2 / 6, 1.0, 2.0, 1.0])
    assert weights(y, 4, 0.5).tolist() == pytest.approx([(2 / 6) ** 0.5, 1.0, 2**0.5, 1.0])
    plain, balanced = (loss_of(task, Recipe(label_smoothing=0.0, balance=share)) for share in (0.0, 1.0))
    answers = torch.zeros(1, 2, 2, 2)
    answers[0, 0] = 2.0
    y = torch.tensor([[[0, 0], [0, 1]]], dtype=torch.int16)
    assert float(balanced(answers, y)) > float(plain(answers, y))
    with pytest.raises(InputError, match="balance is 2"):
        Recipe(balance=2)


def test_batches_are_small_where_examples_have_many_places(task: Task) -> None:
    recipe = default_recipe(task.kind, len(task.train))
    assert batch_size(task, len(task.train), recipe.batch_size) == 8
    assert Batches(task, task.train, torch.device("cpu")).at_a_time == 512
    wide = Split(np.zeros((4, 1, 256, 512), np.uint8), np.zeros((4, 256, 512), np.int16))
    assert Batches(task, wide, torch.device("cpu")).at_a_time == 2


def test_untrained_networks_are_scored_without_labels_of_examples(task: Task) -> None:
    names = applicable(task.signature)
    assert {"synflow", "naswot", "flops"} <= set(names)
    found = score(NETWORK.architecture({}).graph, task, batch_of(task, 16), names)
    assert not found.problems
    assert all(np.isfinite(value) for value in found.values.values())
