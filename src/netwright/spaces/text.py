"""`text`: hybrids of convolution, recurrence and attention over words.

Embeddings, then up to three layers of any kind each (windows with a skip, ConvNeXt, GRU or LSTM, transformer blocks),
read out by a pool, by attention (Lin et al. 2017, https://arxiv.org/abs/1703.03130), or by windows of several sizes
side by side (Kim 2014, https://arxiv.org/abs/1408.5882).
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, parallel, repeat


def text(signature: Signature) -> Space:
    """The space for texts as tokens.

    >>> text(Signature((40,), 2, vocabulary=5000, padded=True)).name
    'text'
    """
    if signature.form != "tokens":
        raise InputError("the space 'text' is for texts", "leave --space out for what suits the data")
    channels = choice(32, 64, 96, 128, name="channels")
    embedding = op(
        "embedding",
        channels=channels,
        positions=choice("none", "learned"),
        dropout=choice(0.0, 0.2, 0.4),
    )
    return Space(chain(embedding=embedding, body=repeat(layer(), integer(0, 3)), out=readout()), name="text")


def layer() -> Node:
    """One layer that keeps length and channels."""
    dropout = choice(0.0, 0.1, 0.3)
    window = op("conv", kernel=choice(3, 5, 7), norm=choice("layer", "batch"))
    recurrent = op("recurrent", cell=choice("gru", "lstm"))
    return choice(
        parallel(window, op("identity")),
        op("convnext", kernel=choice(3, 5, 7), expansion=choice(1, 2, 4)),
        recurrent,
        parallel(recurrent, op("identity")),
        op("transformer", heads=choice(2, 4), expansion=choice(1, 2, 4), dropout=dropout),
    )


def readout() -> Node:
    """From all positions to the outputs."""
    head = op("head", dropout=choice(0.0, 0.3, 0.5), pool=choice("max", "avg"))
    filters = choice(32, 64, 100, name="filters")
    windows = [
        chain(op("conv", kernel=kernel, channels=filters, norm="none"), op("global-pool", kind="max"))
        for kernel in (2, 3, 4, 5)
    ]
    return choice(
        head,
        chain(op("attention-pool"), head),
        chain(parallel(*windows[1:3], merge="concat"), head),
        chain(parallel(*windows[1:], merge="concat"), head),
        chain(parallel(*windows, merge="concat"), head),
    )
