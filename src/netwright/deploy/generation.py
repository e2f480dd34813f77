"""What a language model writes: token after token, each drawn by the probabilities that the network gives.

The network reads the last tokens that fit in its window, for every token anew: any architecture can be asked so.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks.answers.tokens import keep, score
from netwright.tasks.text import language
from netwright.tasks.text.corpus import windows

if TYPE_CHECKING:
    from netwright.deploy.network import Array, Network

AT_ONCE = 64
"""Texts, or windows of a text, that the network is given together."""


@dataclass(frozen=True)
class Sampling:
    """How texts go on. tokens: at most so many more, 0 for none; temperature: what logits are divided by, 0 takes the
    likeliest token each time; seed: of the draws."""

    tokens: int = 200
    temperature: float = 0.8
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.tokens <= 1_000_000:
            raise InputError(f"a text cannot go on for {self.tokens} tokens", "give 0 to 1,000,000")
        if not 0.0 <= self.temperature <= 100.0:
            raise InputError(f"the temperature is {self.temperature}", "give 0 to 100; 0 takes the likeliest token")


def continuations(network: Network, texts: Sequence[str], sampling: Sampling) -> list[str]:
    """What the network writes after each text, which is not repeated. The same seed gives the same."""
    prepare, length = network.metadata.prepare, network.signature.inputs[0]
    starts = [row[row > 0].tolist() for row in network.encode(list(texts))]
    made: list[list[int]] = []
    for begin in range(0, len(starts), AT_ONCE):
        randoms = [np.random.default_rng([sampling.seed, begin + place]) for place in range(AT_ONCE)]
        some = starts[begin : begin + AT_ONCE]
        made += continued(network.outputs, some, length, sampling, randoms)
    written = [language.text_of(tokens, prepare) for tokens in made]
    return [text.strip() for text in written] if network.domain.replies else written


def continued(
    answers: Callable[[Array], Array],
    starts: Sequence[Sequence[int]],
    length: int,
    sampling: Sampling,
    randoms: Sequence[np.random.Generator],
) -> list[list[int]]:
    """Tokens after each start, up to the end of a text.

    answers: windows of up to `length` tokens (N, T) -> logits (N, K, T); starts: one token each at least; randoms: one
    for each.
    """
    made: list[list[int]] = [[] for _ in starts]
    going = list(range(len(starts)))
    for _ in range(sampling.tokens):
        if not going:
            break
        seen = [[*starts[one], *made[one]][-length:] for one in going]
        x = np.zeros((len(going), max(map(len, seen))), dtype=np.int32)
        for row, tokens in enumerate(seen):
            x[row, : len(tokens)] = tokens
        logits = answers(x)[np.arange(len(going)), :, [len(tokens) - 1 for tokens in seen]]
        chosen = [drawn(row, sampling.temperature, randoms[one]) for row, one in zip(logits, going, strict=True)]
        for one, token in zip(going, chosen, strict=True):
            made[one].append(token)
        going = [one for one, token in zip(going, chosen, strict=True) if token != language.END]
    return made


def drawn(logits: Array, temperature: float, random: np.random.Generator) -> int:
    """A token, never none nor a strange character.

    >>> drawn(np.array([9.0, 9.0, 0.0, 3.0]), 0.0, np.random.default_rng(0))
    3
    """
    scores = np.asarray(logits, dtype=np.float64)[language.END :]
    if temperature:
        scores = scores / temperature + random.gumbel(size=len(scores))
    return int(scores.argmax()) + language.END


def coded(network: Network, text: str) -> Mapping[str, Any]:
    """How well a network foretells a text: characters and tokens that count, and where there are any bits for each,
    perplexity and accuracy."""
    prepare = network.metadata.prepare
    tokens = language.tokens_of(text, prepare)
    if len(tokens) < 2:
        return {"characters": 0, "tokens": 0}
    x, y = windows(tokens, network.signature.inputs[0])
    parts = [
        keep(network.outputs(x[begin : begin + AT_ONCE]), y[begin : begin + AT_ONCE])
        for begin in range(0, len(x), AT_ONCE)
    ]
    kept = np.concatenate(parts)
    characters = len(language.text_of(y[y >= 0].tolist(), prepare))
    bits = float(kept[:, 0].sum()) / math.log(2)
    return {
        "characters": characters,
        "tokens": int(kept[:, 1].sum()),
        "bits_per_character": bits / max(1, characters),
        **score(kept, y),
    }
