"""`text`: hybrids of convolution, recurrence and attention over words.

Embeddings, then up to three layers of any kind each (windows with a skip, ConvNeXt, GRU or LSTM, transformer blocks),
read out by a pool, by attention (Lin et al. 2017, https://arxiv.org/abs/1703.03130), or by windows of several sizes
side by side (Kim 2014, https://arxiv.org/abs/1408.5882).
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, parallel, repeat
from netwright.spaces.along import head, layer


def text(signature: Signature) -> Space:
    """The space for texts as tokens.

    >>> text(Signature((40,), 2, vocabulary=5000, padded=True)).name
    'text'
    """
    if signature.form != "tokens":
        raise InputError("the space 'text' is for texts", "leave --space out for what suits the data")
    embedding = op(
        "embedding",
        channels=choice(32, 64, 96, 128, name="channels"),
        positions=choice("none", "learned"),
        dropout=choice(0.0, 0.2, 0.4),
    )
    body = repeat(layer(3, 5, 7), integer(0, 3))
    return Space(chain(embedding=embedding, body=body, out=readout()), name="text")


def readout() -> Node:
    """From all positions to the outputs."""
    filters = choice(32, 64, 100, name="filters")
    windows = [
        chain(op("conv", kernel=kernel, channels=filters, norm="none"), op("global-pool", kind="max"))
        for kernel in (2, 3, 4, 5)
    ]
    return choice(
        head(),
        chain(op("attention-pool"), head()),
        chain(parallel(*windows[1:3], merge="concat"), head()),
        chain(parallel(*windows[1:], merge="concat"), head()),
        chain(parallel(*windows, merge="concat"), head()),
    )
