"""`language`: hybrids of attention, recurrence and convolution that see what came before only.

Embeddings, then one to five layers of any kind each: windows with a skip, possibly dilated (van den Oord et al. 2016,
https://arxiv.org/abs/1609.03499), ConvNeXt, GRU or LSTM, transformer blocks that see all or the nearest (Radford et al.
2018; Beltagy et al. 2020, https://arxiv.org/abs/2004.05150). Width, depth, heads, spans and dropout are decisions.
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, parallel, repeat

SPANS = (8, 16, 32)


def language(signature: Signature) -> Space:
    """The space for language models.

    >>> language(Signature((64,), 80, "language", vocabulary=80)).name
    'language'
    """
    if not signature.causal:
        raise InputError("the space 'language' is for language models", "leave --space out for what suits the data")
    dropout = choice(0.0, 0.1, 0.2, name="dropout")
    embedding = op(
        "embedding",
        channels=choice(64, 96, 128, 192, 256, name="channels"),
        positions=choice("none", "learned"),
        dropout=dropout,
    )
    body = repeat(layer(signature.inputs[0], dropout), integer(1, 5))
    return Space(chain(embedding=embedding, body=body, out=op("language-head", dropout=dropout)), name="language")


def layer(length: int, dropout: Node) -> Node:
    """A layer that keeps channels and length and does not look ahead. length: of the windows of text."""
    window = op("conv", kernel=choice(3, 5, 9), dilation=choice(1, 2, 4), norm="layer", activation="gelu", causal=True)
    recurrent = op("recurrent", cell=choice("gru", "lstm"), bidirectional=False)
    spans = [span for span in SPANS if span < length]
    return choice(
        parallel(window, op("identity")),
        op("convnext", kernel=choice(3, 5, 9), expansion=choice(1, 2, 4), causal=True),
        recurrent,
        parallel(recurrent, op("identity")),
        op(
            "transformer",
            heads=choice(2, 4, 8),
            expansion=choice(1, 2, 4),
            dropout=dropout,
            causal=True,
            span=choice(None, *spans),
        ),
    )
