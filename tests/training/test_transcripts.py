"""Networks that write down what is said: the loss, what padding must not change, training to the end."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
import torch
from tests.tasks.tones import save, speak, texts

from netwright import spaces
from netwright.backends.torch.batches import Batches
from netwright.backends.torch.build import build
from netwright.backends.torch.losses import ends, loss_of
from netwright.backends.torch.recipe import Recipe, default_recipe
from netwright.backends.torch.spec_augment import SpecAugment
from netwright.backends.torch.train import outputs, train
from netwright.errors import InputError
from netwright.loop.feasibility import Feasible, restrict, sized
from netwright.operations import Signature
from netwright.proxies import applicable, refusal
from netwright.proxies.score import batch_of
from netwright.proxies.score import score as proxies
from netwright.space import Space, chain, op
from netwright.tasks import Task, open_task
from netwright.tasks.answers.transcripts import spoken

torch.set_num_threads(1)
SIGNATURE = Signature((40, 64), 6, "transcript", padded=True, steps=8)


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    folder = tmp_path_factory.mktemp("tones")
    for at, text in enumerate(texts(160)):
        save(folder / f"{at:03}.wav", speak(text, at))
        (folder / f"{at:03}.txt").write_text(text)
    return open_task(folder)


def network(*layers, signature=SIGNATURE, seed=0):
    graph = Space(chain(*layers, op("transcript-head")), "t").architecture({}).graph
    return build(graph, signature, seed=seed)


def likelihood(log_p: np.ndarray, target: list[int]) -> float:
    """Of a target, by adding up all ways to say it. log_p: (K, T)"""
    total = 0.0
    for way in product(range(log_p.shape[0]), repeat=log_p.shape[1]):
        said = spoken(np.eye(log_p.shape[0])[list(way)].T[None])[0].tolist()
        if said == target:
            total += math.exp(sum(log_p[one, step] for step, one in enumerate(way)))
    return math.log(total)


def test_the_loss_is_that_of_all_ways_to_say_it(task: Task) -> None:
    loss = loss_of(task, Recipe(label_smoothing=0.0))
    answers = torch.randn(2, 4, 5, generator=torch.Generator().manual_seed(0))
    answers[1, :, 4:] = 0.0
    y = torch.tensor([[2, 3, 3], [2, -1, -1]], dtype=torch.int32)
    log_p = answers.log_softmax(1).numpy().astype(np.float64)
    by_hand = [likelihood(log_p[0], [2, 3, 3]) / 3, likelihood(log_p[1, :, :4], [2])]
    assert float(loss(answers, y)) == pytest.approx(-np.mean(by_hand), rel=1e-4)
    even = -np.concatenate([log_p[0].mean(0), log_p[1, :, :4].mean(0)]).mean()
    smooth = loss_of(task, Recipe(label_smoothing=0.1))
    assert float(smooth(answers, y)) == pytest.approx(-0.9 * np.mean(by_hand) + 0.1 * even, rel=1e-4)


def test_a_recording_too_short_for_its_transcript_counts_nothing(task: Task) -> None:
    answers = torch.randn(1, 4, 3, requires_grad=True)
    value = loss_of(task, Recipe(label_smoothing=0.0))(answers, torch.tensor([[2, 2, 3]], dtype=torch.int32))
    value.backward()
    assert float(value.detach()) == 0.0
    assert answers.grad is not None
    assert not answers.grad.isnan().any()
    assert not answers.grad.any()


def test_a_teacher_of_another_pace_is_followed(task: Task) -> None:
    loss = loss_of(task, Recipe())
    teacher = torch.randn(2, 4, 6) * 5
    same = loss.distilled(teacher, teacher)
    assert float(same) < float(loss.distilled(-teacher, teacher))
    assert math.isfinite(float(loss.distilled(torch.randn(2, 4, 12), teacher)))
    cut = torch.randn(2, 4, 6)
    cut[:, :, 3:] = 0.0
    assert float(loss.distilled(cut, teacher)) == pytest.approx(float(loss.distilled(cut[:, :, :3], teacher[:, :, :3])))


def test_answers_end_where_only_zeros_follow() -> None:
    answers = torch.zeros(3, 2, 5)
    answers[0, 1, 3] = answers[1, 0, 0] = 1.0
    assert ends(answers).tolist() == [4, 1, 0]


LAYERS = {
    "convolutions": (op("conv", kernel=5, channels=8, stride=2), op("conv", kernel=3, channels=8, stride=2)),
    "planes": (op("lift"), op("conv", kernel=3, channels=4, stride=2), op("conv", kernel=3, channels=4), op("fold")),
    "recurrent": (op("conv", kernel=3, channels=8, stride=2), op("recurrent"), op("recurrent", cell="lstm")),
    "attention": (op("conv", kernel=3, channels=8), op("transformer", heads=2), op("norm", kind="layer")),
}


@pytest.mark.parametrize("name", LAYERS)
def test_padding_changes_no_answer(name: str) -> None:
    made = network(*LAYERS[name]).eval()
    with torch.no_grad():
        for values in made.parameters():
            values += 0.2 * torch.randn(values.shape, generator=torch.Generator().manual_seed(2))
    assert made.any_length
    x = torch.randn(2, 40, 64, generator=torch.Generator().manual_seed(1))
    x[0, :, 40:] = x[1, :, 24:] = 0.0
    with torch.no_grad():
        whole, short, alone = made(x), made(x[:, :, :41]), made(x[1:, :, :25])
    assert not whole[:, :, short.shape[2] :].any()
    torch.testing.assert_close(whole[:, :, : short.shape[2]], short)
    torch.testing.assert_close(whole[1:, :, : alone.shape[2]], alone)
    assert ends(whole).tolist() == [ends(short).tolist()[0], ends(alone).tolist()[0]]
    assert [len(one) for one in spoken(whole.numpy())] == [len(one) for one in spoken(short.numpy())]


def test_hidden_frames_stay_frames() -> None:
    layer = SpecAugment(8, 8)
    x = torch.randn(32, 40, 60, generator=torch.Generator().manual_seed(0))
    x[:, :, 50:] = 0.0
    torch.manual_seed(1)
    found = layer(x)
    changed = found != x
    assert 0.05 < float(changed[:, :, :50].float().mean()) < 0.5
    assert not changed[:, :, 50:].any()
    assert (found[:, :, :50] != 0).all()
    assert 8 < int(changed.all(1).sum(1).max()) <= 16
    assert 8 < int(changed[:, :, :50].all(2).sum(1).max()) <= 16
    assert layer.eval()(x) is x
    assert SpecAugment(0, 0)(x) is x


def test_networks_that_leave_too_few_steps_are_no_part_of_the_space() -> None:
    signature = Signature((40, 64), 6, "transcript", padded=True, steps=30)
    space = restrict(spaces.get("speech", signature), Feasible(signature))
    rng = np.random.default_rng(0)
    left = [sized(space.sample(rng), signature).shapes[-1][1] for _ in range(10)]
    assert min(left) >= 30
    strided = Space(chain(op("conv", stride=4), op("transcript-head")), "t").architecture({})
    with pytest.raises(InputError, match=r"ends in 6×16, not in 6 outputs for each of 30 steps .* fewer strides"):
        sized(strided, signature)
    with pytest.raises(InputError, match=r"ends in 6, not .*end the space in op\(\"transcript-head\"\)"):
        sized(Space(chain(op("head")), "t").architecture({}), signature)


def test_how_much_is_hidden_is_a_decision() -> None:
    space = spaces.get("speech", SIGNATURE)
    nodes = [space.sample(np.random.default_rng(seed)).graph.nodes[1] for seed in range(40)]
    assert {node.op for node in nodes} == {"spec-augment"}
    assert {node.attrs["bands"] for node in nodes} == {0.0, 0.1, 0.2, 0.3}
    assert {node.attrs["frames"] for node in nodes} == {0, 4, 8, 16}


@pytest.mark.parametrize("fraction", [1.0, 0.25])
def test_batches_hold_transcripts_with_their_recordings(task: Task, fraction: float) -> None:
    batches = Batches(task, task.train, torch.device("cpu"), fraction)
    known = {x.tobytes(): y.tolist() for x, y in zip(task.train.x, task.train.y, strict=True)}
    for x, y in batches.shuffled(16, {}, torch.Generator().manual_seed(0)):
        assert [known[one.numpy().tobytes()] for one in x] == y.tolist()
    assert len(batches) == round(fraction * len(task.train))
    assert sum(len(targets) for _, targets in batches.to_score()) == len(batches)


def test_a_small_network_learns_to_write(task: Task) -> None:
    """With no letter told where it is: blanks, repetitions and gaps are found by the loss alone."""
    layers = (op("conv", kernel=9, channels=32, stride=4), op("recurrent", channels=32))
    recipe = Recipe(epochs=25, learning_rate=0.01, batch_size=32)
    trained = train(network(*layers, signature=task.signature), task, recipe)
    kept = outputs(trained.network, task, task.test, trained.dtype)
    assert kept.shape == (len(task.test), 4)
    assert task.score(kept, task.test.y)["cer"] < 0.1


def test_the_recipe_suits_the_kind() -> None:
    written, told = (default_recipe(f"speech-{kind}", 2000) for kind in ("transcription", "recognition"))
    assert written.batch_size < told.batch_size


def test_proxies_of_second_derivatives_are_refused(task: Task) -> None:
    names = applicable(task.signature)
    assert "synflow" in names
    assert "grasp" not in names
    assert "second derivatives" in refusal("grasp", task.signature)
    graph = Space(chain(op("conv", channels=8, stride=2), op("conv"), op("transcript-head")), "t").architecture({})
    found = proxies(graph.graph, task, batch_of(task, 16), names)
    assert {name for name, value in found.values.items() if math.isnan(value)} == set(found.problems)
    assert math.isfinite(found.values["synflow"])
