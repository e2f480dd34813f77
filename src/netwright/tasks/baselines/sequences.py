"""Hand-designed models for sequences.

Texts: a convolutional network over windows of words (Kim 2014, https://arxiv.org/abs/1408.5882), a bidirectional GRU
(Cho et al. 2014, https://arxiv.org/abs/1406.1078) and a small transformer (Vaswani et al. 2017,
https://arxiv.org/abs/1706.03762). Series and recordings: a convolution before a bidirectional GRU, a fully
convolutional network (Wang et al. 2016, https://arxiv.org/abs/1611.06455) and InceptionTime at half its width
(Ismail Fawaz et al. 2019, https://arxiv.org/abs/1909.04939).
"""

from __future__ import annotations

from netwright.operations import Signature
from netwright.space import Node, chain, op, parallel
from netwright.tasks.baselines.language import language_baselines
from netwright.tasks.baselines.rival import Baseline, baseline


def sequence_baselines(signature: Signature) -> tuple[Baseline, ...]:
    """Small to large.

    >>> [one.name for one in sequence_baselines(Signature((40,), 2, vocabulary=5000, padded=True))]
    ['bigru-64', 'cnn-100', 'transformer-2']
    """
    if signature.causal:
        return language_baselines()
    if signature.vocabulary:
        return (
            baseline("bigru-64", "small", bigru(64)),
            baseline("cnn-100", "medium", kim(100)),
            baseline("transformer-2", "large", transformer(128, 2)),
        )
    return (
        baseline("cnn-gru", "small", cnn_gru(signature.inputs[1])),
        baseline("fcn", "medium", fcn()),
        baseline("inception-time", "large", inception_time(signature.inputs)),
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


AT_ONCE = 64
"""Steps that a recurrent layer reads at most: longer series are halved before it."""


def cnn_gru(length: int) -> Node:
    """Convolutions that halve long series, and one recurrent layer over what is left."""
    halvings = max(0, ((length - 1) // AT_ONCE).bit_length())
    down = [op("conv", kernel=5, channels=32, stride=2) for _ in range(halvings)] or [op("conv", kernel=5, channels=32)]
    return chain(*down, op("recurrent", cell="gru", channels=64), op("head", dropout=0.2))


def fcn() -> Node:
    """Three convolutions and the mean over time."""
    layers = [op("conv", kernel=kernel, channels=channels) for kernel, channels in ((7, 64), (5, 128), (3, 64))]
    return chain(*layers, op("head"))


def inception_time(inputs: tuple[int, ...]) -> Node:
    """Two residual blocks of three modules each, of 4 × 16 filters with windows of up to 39 steps."""
    blocks = []
    for place in range(2):
        skip = op("conv", kernel=1, channels=64, activation="none") if place == 0 else op("identity")
        modules = [inception(16) for _ in range(3)]
        blocks += [parallel(chain(*modules), skip), op("activation", function="relu")]
    return chain(*blocks, op("head"))


def inception(filters: int, kernels: tuple[int, ...] = (9, 19, 39)) -> Node:
    """One module: a narrow layer seen through windows of several sizes, beside the largest of three neighbours."""
    narrow = op("conv", kernel=1, channels=filters, norm="none", bias=False, activation="none")
    windows = [
        chain(narrow, op("conv", kernel=kernel, channels=filters, norm="none", bias=False, activation="none"))
        for kernel in kernels
    ]
    pooled = chain(
        op("max-pool", kernel=3),
        op("conv", kernel=1, channels=filters, norm="none", bias=False, activation="none"),
    )
    joined = parallel(*windows, pooled, merge="concat")
    return chain(joined, op("norm", kind="batch"), op("activation", function="relu"))
