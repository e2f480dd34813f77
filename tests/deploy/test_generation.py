"""What language models write: token after token, the same for the same seed, and how well they foretell a text."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from netwright.backends.torch.train import outputs
from netwright.deploy.generation import Sampling, coded, continued, drawn
from netwright.deploy.network import Network
from netwright.errors import InputError
from netwright.tasks import Task
from netwright.tasks.text.language import END, FIRST, text_of, tokens_of

PROMPTS = ["the cat", "", "7: the dog saw the cat and"]


@pytest.fixture
def writer(saved: Callable[[str], Path]) -> Network:
    return Network.load(saved("running text, in every way"))


def test_the_same_seed_writes_the_same(writer: Network) -> None:
    texts = writer.generate(PROMPTS, tokens=30, seed=5)
    assert texts == writer.generate(PROMPTS, tokens=30, seed=5)
    assert texts != writer.generate(PROMPTS, tokens=30, seed=6)
    assert len(set(texts)) == 3
    assert writer.predict(PROMPTS) == writer.generate(PROMPTS)
    assert all(0 < len(text) <= 30 for text in texts)


def test_the_likeliest_token_is_taken_each_time(writer: Network) -> None:
    text = "the cat saw"
    for token in writer.generate(text, tokens=24, temperature=0.0)[0]:
        x = writer.encode([text])
        logits = writer.outputs(x)[0][END:, int((x > 0).sum()) - 1]
        assert text_of([int(logits.argmax()) + END], writer.metadata.prepare) == token
        text += token


def test_a_file_of_prompts(writer: Network, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("\n".join(PROMPTS[:1] * 2))
    found = writer.generate(tmp_path / "prompts.txt", tokens=5)
    assert len(found) == 2
    assert found == writer.generate(PROMPTS[:1] * 2, tokens=5)


def counting(length: int, most: int) -> Callable[[np.ndarray], np.ndarray]:
    """Stands for a network that foretells the number after each; after `most` the text ends."""

    def answers(x: np.ndarray) -> np.ndarray:
        assert x.shape[1] <= length
        logits = np.zeros((len(x), most + 1, x.shape[1]))
        following = np.where(x == most, END, x + 1)
        np.put_along_axis(logits, following[:, None], 9.0, axis=1)
        return logits

    return answers


def test_texts_go_on_beyond_the_window_until_they_end() -> None:
    randoms = [np.random.default_rng(0)] * 2
    made = continued(counting(4, 20), [[5], [14, 15, 16, 17, 18]], 4, Sampling(8, 0.0), randoms)
    assert made == [[6, 7, 8, 9, 10, 11, 12, 13], [19, 20, END]]
    assert continued(counting(4, 20), [[5]], 4, Sampling(0), randoms) == [[]]


def test_tokens_are_drawn_by_their_probabilities() -> None:
    logits = np.array([50.0, 50.0, 0.0, math.log(2), math.log(7)])
    random = np.random.default_rng(0)
    counts = np.bincount([drawn(logits, 1.0, random) for _ in range(4000)], minlength=5) / 4000
    assert counts.tolist() == pytest.approx([0, 0, 0.1, 0.2, 0.7], abs=0.03)
    cold = np.bincount([drawn(logits, 0.1, random) for _ in range(200)], minlength=5)
    assert cold.tolist() == [0, 0, 0, 0, 200]


def test_how_a_text_is_foretold_is_what_training_scores(writer: Network, tasks: dict[str, Task]) -> None:
    task = tasks["story"]
    scored = task.score(outputs(writer.module, task, task.test, torch.float32), task.test.y)
    read = task.test.x[task.test.x > 0].tolist() + task.test.y[task.test.y >= 0][-1:].tolist()
    text = text_of(read, task.prepare)
    found = coded(writer, text)
    assert found["characters"] == found["tokens"] == len(text) - 1
    assert found["bits_per_character"] == pytest.approx(scored["bits_per_token"], rel=1e-4)
    assert found["token_accuracy"] == pytest.approx(scored["token_accuracy"])


def test_bits_are_those_of_the_probabilities_one_by_one(writer: Network) -> None:
    text, bits = "the dog ran", 0.0
    tokens = tokens_of(text, writer.metadata.prepare)
    for place in range(1, len(text)):
        logits = writer.outputs(writer.encode([text[:place]]))[0][:, place - 1].astype(np.float64)
        bits -= math.log2(math.exp(logits[tokens[place]]) / np.exp(logits).sum())
    assert coded(writer, text)["bits_per_character"] == pytest.approx(bits / (len(text) - 1), rel=1e-4)
    assert coded(writer, "t") == {"characters": 0, "tokens": 0}
    assert min(tokens) >= FIRST


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"tokens": -1}, "a text cannot go on for -1 tokens: give 0 to"),
        ({"temperature": -0.5}, "the temperature is -0.5"),
        ({"temperature": math.nan}, "the temperature is nan"),
    ],
)
def test_what_cannot_be_asked_for(writer: Network, given: dict[str, float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        writer.generate("a", **given)  # type: ignore[arg-type]


def test_other_networks_do_not_write(digits: Network) -> None:
    with pytest.raises(InputError, match="a network for image-classification does not write: use predict"):
        digits.generate("a")
