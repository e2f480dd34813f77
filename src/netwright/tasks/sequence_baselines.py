"""Hand-designed models for sequences.

Texts: a convolutional network over windows of words (Kim 2014, https://arxiv.org/abs/1408.5882), a bidirectional GRU
(Cho et al. 2014, https://arxiv.org/abs/1406.1078) and a small transformer (Vaswani et al. 2017,
https://arxiv.org/abs/1706.03762).
"""

from __future__ import annotations

from netwright.operations import Signature
from netwright.space import Node, chain, op, parallel
from netwright.tasks.rival import Baseline, baseline


def sequence_baselines(signature: Signature) -> tuple[Baseline, ...]:
    """Small to large.

    >>> [one.name for one in sequence_baselines(Signature((40,), 2, vocabulary=5000, padded=True))]
    ['bigru-64', 'cnn-100', 'transformer-2']
    """
    return (
        baseline("bigru-64", "small", bigru(64)),
        baseline("cnn-100", "medium", kim(100)),
        baseline("transformer-2", "large", transformer(128, 2)),
    )


def kim(filters: int) -> Node:
    """Windows of 3, 4 and 5 words, the largest answer of each filter, dropout."""
    windows = [
        chain(op("conv", kernel=kernel, channels=filters, norm="none"), op("global-pool", kind="max"))
        for kernel in (3, 4, 5)
    ]
    return chain(op("embedding", channels=128), parallel(*windows, merge="concat"), op("head", dropout=0.5))


def bigru(channels: int) -> Node:
    """One layer in both directions, the largest state of each unit."""
    return chain(
        op("embedding", channels=64, dropout=0.3),
        op("recurrent", cell="gru", channels=2 * channels),
        op("head", pool="max", dropout=0.3),
    )


def transformer(channels: int, depth: int) -> Node:
    """Pre-norm blocks of four heads over words and places, and the mean of what they make."""
    blocks = [op("transformer", heads=4, expansion=2, dropout=0.2) for _ in range(depth)]
    embedding = op("embedding", channels=channels, positions="learned", dropout=0.3)
    return chain(embedding, *blocks, op("norm", kind="layer"), op("head", dropout=0.3))
