"""What counts of a language model's answers, against torch and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from netwright.backends.torch.losses import NextToken
from netwright.backends.torch.recipe import Recipe
from netwright.insight.quality import Outputs, example_scores, transform_of
from netwright.tasks.answers import answer_of, tokens
from netwright.tasks.answers.places import UNKNOWN

NOWHERE = None


def drawn(count=6, classes=5, places=7, seed=0, share=0.7):
    rng = np.random.default_rng(seed)
    logits = rng.normal(size=(count, classes, places)).astype(np.float32) * 3
    y = np.where(rng.random((count, places)) < share, rng.integers(0, classes, (count, places)), UNKNOWN)
    return logits, y


def test_metrics_agree_with_torch():
    logits, y = drawn()
    found = tokens.score(tokens.keep(logits, y), y)
    nats = float(F.cross_entropy(torch.from_numpy(logits), torch.from_numpy(y), ignore_index=UNKNOWN))
    assert found["bits_per_token"] == pytest.approx(nats / math.log(2), rel=1e-5)
    assert found["perplexity"] == pytest.approx(math.exp(nats), rel=1e-5)
    known = y != UNKNOWN
    assert found["token_accuracy"] == pytest.approx((logits.argmax(1) == y)[known].mean())
    assert tuple(found) == tokens.METRICS == answer_of("language").metrics


def test_the_loss_is_what_is_scored():
    logits, y = drawn()
    loss = NextToken(NOWHERE, Recipe(label_smoothing=0.0))(torch.from_numpy(logits), torch.from_numpy(y))
    assert float(loss) / math.log(2) == pytest.approx(
        tokens.score(tokens.keep(logits, y), y)["bits_per_token"], rel=1e-5
    )


@given(st.integers(0, 1000), st.integers(1, 5))
def test_batches_add_up(seed, cut):
    logits, y = drawn(seed=seed)
    whole = tokens.keep(logits, y)
    parts = np.concatenate([tokens.keep(logits[:cut], y[:cut]), tokens.keep(logits[cut:], y[cut:])])
    np.testing.assert_allclose(parts, whole, rtol=1e-6)
    assert whole.shape == (6, 3)


@pytest.mark.parametrize("metric", tokens.METRICS)
def test_scores_of_examples_give_the_metric(metric):
    logits, y = drawn()
    kept = tokens.keep(logits, y)
    scores, transform = example_scores(metric, Outputs(kept, np.zeros(6), "language")), transform_of(metric)
    mean = scores.mean(keepdims=True)
    value = float((transform(mean) if transform else mean)[0])
    sign = 1 if metric == "token_accuracy" else -1
    assert sign * value == pytest.approx(tokens.score(kept, y)[metric])


def test_nothing_to_foretell_and_answers_that_are_certain():
    logits, y = drawn(share=0.0)
    assert tokens.score(tokens.keep(logits, y), y)["bits_per_token"] == 0.0
    assert tokens.merits("bits_per_token", tokens.keep(logits, y), y) is None
    assert tokens.merits("auc", tokens.keep(*drawn()), y) is None
    sure = np.full((1, 3, 2), -1e4, np.float32)
    sure[0, 1] = 1e4
    found = tokens.score(tokens.keep(sure, np.array([[1, 2]])), y)
    assert found["perplexity"] == math.exp(700.0)
    assert found["token_accuracy"] == 0.5


def test_what_is_told_is_the_likeliest_token_of_each_place():
    logits, _ = drawn(count=1)
    assert tokens.told(logits, ()) == [{"tokens": logits[0].argmax(0).tolist()}]
