"""Networks that speak: the loss, what padding must not change, which character a frame finds, training to the end."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from tests.tasks.tones import save, speak
from torch.nn import functional as F

from netwright.backends.torch.batches import Batches
from netwright.backends.torch.build import build
from netwright.backends.torch.losses import loss_of
from netwright.backends.torch.recipe import Recipe, default_recipe
from netwright.backends.torch.speaking import Stretch, waves
from netwright.backends.torch.train import outputs, train
from netwright.errors import InputError
from netwright.loop.feasibility import sized
from netwright.operations import Signature
from netwright.proxies import applicable, refusal
from netwright.proxies.score import batch_of
from netwright.proxies.score import score as proxies
from netwright.space import Space, chain, op, parallel
from netwright.tasks import Task, open_task

torch.set_num_threads(1)
SIGNATURE = Signature((10,), 6, "frames", vocabulary=20, padded=True, steps=14)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """Words of one letter or two: which tones, and how many of them."""
    folder = tmp_path_factory.mktemp("tones")
    for word in ("a", "b", "c", "ab", "ca"):
        for at in range(24):
            save(folder / word / f"{at}.wav", speak(word, at))
    return open_task(folder, kind="speech-synthesis")


def network(*layers, signature=SIGNATURE, seed=0):
    front = op("embedding", channels=8, positions="learned")
    graph = Space(chain(front, *layers, op("frames-head")), "t").architecture({}).graph
    return build(graph, signature, seed=seed)


def test_the_loss_is_that_of_what_is_said_and_of_where_it_ends(task: Task) -> None:
    loss = loss_of(task, Recipe())
    random = torch.Generator().manual_seed(0)
    answers, y = torch.randn(3, 6, 14, generator=random), torch.randn(3, 6, 14, generator=random)
    y[:, -1] = (torch.arange(14) < torch.tensor([4, 14, 9]).unsqueeze(1)).float()
    apart = [answers[row, :-1, :end] - y[row, :-1, :end] for row, end in enumerate((4, 14, 9))]
    each = torch.cat([(one.abs() + one.square()).mean(0) for one in apart])
    by_hand = each.mean() + F.binary_cross_entropy(answers[:, -1].sigmoid(), y[:, -1])
    assert float(loss(answers, y)) == pytest.approx(float(by_hand), rel=1e-5)
    changed = answers.clone()
    changed[0, :-1, 4:] = 100.0
    assert float(loss(changed, y)) == pytest.approx(float(by_hand), rel=1e-5)


def test_a_teacher_is_followed(task: Task) -> None:
    loss = loss_of(task, Recipe())
    teacher = torch.randn(2, 6, 14) * 5
    assert float(loss.distilled(teacher, teacher)) < float(loss.distilled(-teacher, teacher))
    other = teacher.clone()
    other[:, -1] = -teacher[:, -1]
    assert float(loss.distilled(teacher, teacher)) < float(loss.distilled(other, teacher))


LAYERS = {
    "convolutions": (op("conv", kernel=5), op("stretch"), op("conv", kernel=3, channels=12)),
    "recurrent": (op("recurrent", cell="lstm"), op("stretch", heads=1), op("recurrent", channels=6)),
    "attention": (op("transformer", heads=2), op("stretch", heads=2), op("transformer", heads=4)),
    "skips": (parallel(op("conv"), op("identity")), op("stretch"), parallel(op("convnext"), op("identity"))),
}


@pytest.mark.parametrize("name", LAYERS)
def test_padding_changes_no_frame(name: str) -> None:
    made = network(*LAYERS[name]).eval()
    with torch.no_grad():
        for values in made.parameters():
            values += 0.2 * torch.randn(values.shape, generator=torch.Generator().manual_seed(2))
    assert made.any_length
    x = torch.randint(1, 20, (3, 10), dtype=torch.int32, generator=torch.Generator().manual_seed(1))
    x[:, 4:] = 0
    with torch.no_grad():
        whole, short = made(x), made(x[:, :4])
    assert whole.shape == (3, 6, 14)
    torch.testing.assert_close(whole, short, atol=1e-5, rtol=1e-4)
    assert not torch.equal(whole[0], whole[1])


def test_frames_find_their_characters() -> None:
    """Where keys are what the queries ask for, each frame has the value of its character."""
    layer = Stretch(4, 1, 6, 0.0, padded=True).eval()
    with torch.no_grad():
        layer.norm.weight.fill_(1.0)
        for linear in (layer.key, layer.value, layer.out):
            linear.weight.copy_(torch.eye(4))
            linear.bias.zero_()
        steps = torch.zeros(1, 4, 5)
        for at, place in enumerate((2, 0, 3)):
            steps[0, place, at] = 1.0
        wanted = [2, 2, 0, 0, 0, 3]
        layer.queries.copy_(200.0 * torch.eye(4)[wanted])
        found = layer(steps)[0].T - layer.queries
        values = layer.norm(steps.transpose(1, 2))[0]
    expected = values[[[2, 0, 3].index(place) for place in wanted]]
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-3)


def test_frames_begin_like_their_neighbours_and_unlike_others() -> None:
    made = waves(100, 64)
    made = made / made.norm(dim=1, keepdim=True)
    alike = made @ made.T
    near = alike.diagonal(1).mean()
    assert float(near) > 0.7
    assert float(alike.diagonal(40).abs().mean()) < 0.5
    assert float(alike.fill_diagonal_(0.0).max()) < 0.99
    torch.testing.assert_close(waves(100, 16), waves(100, 64)[:, :16])


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ((op("embedding", channels=8), op("head")), r'in 6, not in 6×14: put op\("stretch"\) .* op\("frames-head"\)'),
        ((op("embedding", channels=8), op("frames-head")), r"ends in 6×10, not in 6×14"),
        ((op("embedding", channels=6), op("stretch", heads=4), op("frames-head")), "6 channels cannot be shared by 4"),
    ],
)
def test_networks_that_make_no_frames_are_refused(layers: tuple[object, ...], message: str) -> None:
    with pytest.raises(InputError, match=message):
        sized(Space(chain(*layers), "t").architecture({}), SIGNATURE)


@pytest.mark.parametrize(("inputs", "further"), [((8,), {}), ((3, 8, 8), {"steps": 5}), ((8,), {"vocabulary": 9})])
def test_signatures_that_cannot_be_spoken(inputs: tuple[int, ...], further: dict[str, int]) -> None:
    with pytest.raises(InputError, match=r"cannot be spoken in \d frames"):
        Signature(inputs, 6, "frames", **further)


def test_a_signature_is_written_and_read() -> None:
    assert Signature.from_dict(SIGNATURE.to_dict()) == SIGNATURE


def test_batches_hold_frames_with_their_lines(task: Task) -> None:
    batches = Batches(task, task.train, torch.device("cpu"))
    batches.trims = True
    known = [(x[x > 0].tolist(), y) for x, y in zip(task.train.x, task.train.y, strict=True)]
    for x, y in batches.shuffled(16, {}, torch.Generator().manual_seed(0)):
        assert y.shape[1:] == (41, task.signature.steps)
        for line, frames in zip(x, y, strict=True):
            assert any(line[line > 0].tolist() == tokens and np.array_equal(frames, one) for tokens, one in known)
    assert sum(len(targets) for _, targets in batches.to_score()) == len(batches)


def test_a_small_network_learns_to_speak(task: Task) -> None:
    layers = (op("stretch"), op("conv", kernel=5, channels=32), op("recurrent", channels=32))
    recipe = Recipe(epochs=25, learning_rate=0.01, batch_size=32)
    untrained = network(*layers, signature=task.signature)
    before = task.score(outputs(untrained, task, task.test, torch.float32), task.test.y)
    trained = train(untrained, task, recipe)
    kept = outputs(trained.network, task, task.test, trained.dtype)
    assert kept.shape == (len(task.test), 4)
    after = task.score(kept, task.test.y)
    assert after["mcd"] < 0.6 * before["mcd"]
    assert after["length_error"] < 0.1


def test_the_recipe_suits_the_kind() -> None:
    recipe = default_recipe("speech-synthesis", 2000)
    assert (recipe.batch_size, recipe.epochs) == (32, 30.0)


def test_proxies_look_at_networks_that_speak(task: Task) -> None:
    names = applicable(task.signature)
    assert {"naswot", "grad-norm", "snip", "zico"} <= set(names)
    assert "jacov" not in names
    assert "tokens have none" in refusal("jacov", task.signature)
    body = chain(op("embedding", channels=8), op("stretch"), op("conv"), op("frames-head"))
    graph = Space(body, "t").architecture({}).graph
    found = proxies(graph, task, batch_of(task, 16), ("grad-norm", "snip", "zico"))
    assert all(np.isfinite(value) for value in found.values.values())
