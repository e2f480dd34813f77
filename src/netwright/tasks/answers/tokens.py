"""For each place of a text, which token comes next.

Targets are tokens, `UNKNOWN` where nothing is to be foretold. What counts is how many bits a text takes when each token
is coded by the probability that it was given (Shannon 1951, https://doi.org/10.1002/j.1538-7305.1951.tb01366.x).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.operations import Signature
from netwright.tasks.answers.base import Answer
from netwright.tasks.answers.classes import log_shares
from netwright.tasks.answers.places import UNKNOWN
from netwright.tasks.examples import Array

METRICS = ("bits_per_token", "perplexity", "token_accuracy")


def keep(outputs: Array, y: Array) -> Array:
    """Logits (N, K, T) and targets (N, T) -> (N, 3): nats that the right tokens take, how many tokens count, and how
    many of them are the likeliest."""
    y = np.asarray(y)
    known = y != UNKNOWN
    rows, _ = np.nonzero(known)
    logits, right = np.moveaxis(outputs, 1, 2)[known].astype(np.float32), y[known]
    nats = -np.take_along_axis(log_shares(logits), right[:, None], axis=1)[:, 0]
    parts = (nats, np.ones(len(right)), logits.argmax(axis=1) == right)
    return np.stack([np.bincount(rows, weights=part, minlength=len(y)) for part in parts], axis=1)


def score(kept: Array, y: Array) -> dict[str, float]:
    """Metrics of what `keep` kept. bits_per_token: the mean of -log2 of the right token's probability; perplexity: two
    to the power of it; token_accuracy: how often the likeliest token is the right one. All are means over tokens."""
    nats, count, right = np.asarray(kept, dtype=np.float64).reshape(-1, 3).sum(axis=0).tolist()
    mean = nats / max(1.0, count)
    return {
        "bits_per_token": mean / math.log(2),
        "perplexity": math.exp(min(mean, 700.0)),
        "token_accuracy": right / max(1.0, count),
    }


def told(outputs: Array, classes: Sequence[str]) -> list[Mapping[str, Any]]:
    """The likeliest next token at each place."""
    return [{"tokens": one} for one in np.asarray(outputs).argmax(axis=1).tolist()]


def merits(metric: str, kept: Array, y: Array) -> Array | None:
    """For all of them, an example counting by its tokens: of the perplexity, its logarithm."""
    kept = np.asarray(kept, dtype=np.float64)
    total = kept[:, 1].sum()
    if metric not in METRICS or not total:
        return None
    values = {"bits_per_token": -kept[:, 0] / math.log(2), "perplexity": -kept[:, 0], "token_accuracy": kept[:, 2]}
    weighed: Array = values[metric] * (len(kept) / total)
    return weighed


def _places(signature: Signature) -> tuple[int | None, ...]:
    return signature.places


TOKENS = Answer(
    metrics=METRICS,
    output="logits",
    stored="int64",
    classes=False,
    score=score,
    told=told,
    merits=merits,
    keep=keep,
    places=_places,
)
