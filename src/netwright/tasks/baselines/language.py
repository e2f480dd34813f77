"""Hand-designed language models.

An LSTM (Zaremba et al. 2014, https://arxiv.org/abs/1409.2329), in two sizes, and a decoder-only transformer
(Radford et al. 2018, "Improving Language Understanding by Generative Pre-Training") in the shape that nanoGPT
(Karpathy 2022, https://github.com/karpathy/nanoGPT) has for a CPU: four blocks of four heads and 128 channels.
"""

from __future__ import annotations

from netwright.space import Node, chain, op
from netwright.tasks.baselines.rival import Baseline, baseline


def language_baselines() -> tuple[Baseline, ...]:
    """Small to large."""
    return (
        baseline("lstm-128", "small", lstm(128, 1)),
        baseline("gpt-128", "medium", gpt(128, 4)),
        baseline("lstm-256", "large", lstm(256, 2)),
    )


def lstm(channels: int, depth: int) -> Node:
    """Layers in one direction over embeddings of half their size."""
    layer = op("recurrent", cell="lstm", channels=channels, bidirectional=False)
    return chain(op("embedding", channels=channels // 2), *[layer] * depth, op("language-head"))


def gpt(channels: int, depth: int) -> Node:
    """Pre-norm blocks of four heads over tokens and places."""
    block = op("transformer", heads=4, expansion=4, causal=True)
    embedding = op("embedding", channels=channels, positions="learned")
    return chain(embedding, *[block] * depth, op("language-head"))
