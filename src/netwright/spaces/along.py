"""Layers along a sequence that keep its length and its channels: what the spaces for text, series and sound share."""

from __future__ import annotations

from netwright.space import Node, chain, choice, op, parallel


def layer(*kernels: int) -> Node:
    """A window of steps with a skip, ConvNeXt, GRU or LSTM with a skip or without, or a transformer block."""
    dropout = choice(0.0, 0.1, 0.3)
    window = op("conv", kernel=choice(*kernels), norm=choice("layer", "batch"))
    recurrent = op("recurrent", cell=choice("gru", "lstm"))
    return choice(
        parallel(window, op("identity")),
        op("convnext", kernel=choice(*kernels), expansion=choice(1, 2, 4)),
        recurrent,
        parallel(recurrent, op("identity")),
        op("transformer", heads=choice(2, 4), expansion=choice(1, 2, 4), dropout=dropout),
    )


def head() -> Node:
    return op("head", dropout=choice(0.0, 0.2, 0.5), pool=choice("max", "avg"))


def readout() -> Node:
    """From all positions to the outputs: a pool, or attention (Lin et al. 2017, https://arxiv.org/abs/1703.03130)."""
    return choice(head(), chain(op("attention-pool"), head()))
