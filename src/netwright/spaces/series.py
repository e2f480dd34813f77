"""`series`: hybrids of convolution, recurrence and attention over time series.

Inception modules (Ismail Fawaz et al. 2019, https://arxiv.org/abs/1909.04939) and residual blocks at full length, then
halvings, then up to three layers of any kind each: windows, ConvNeXt, GRU or LSTM, transformer blocks. Window sizes,
widths, depths and the read-out are decisions.
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, parallel, repeat
from netwright.spaces.along import layer, readout

AT_ONCE = 64
"""Steps that recurrence and attention have to look at, at most."""


def series(signature: Signature) -> Space:
    """The space for series of any length.

    >>> series(Signature((1, 150), 3)).name
    'series'
    """
    if signature.form != "sequence":
        raise InputError("the space 'series' is for time series", "leave --space out for what suits the data")
    halvings = max(0, ((signature.inputs[1] - 1) // AT_ONCE).bit_length())
    width = choice(32, 48, 64, 96, name="width")
    early = choice(
        repeat(chain(inception(), op("norm", kind="batch"), op("activation", function="relu")), integer(1, 3)),
        repeat(op("resblock", kernel=choice(3, 5, 7, 9), channels=choice(16, 32, 64, name="early")), integer(1, 3)),
    )
    down = [op("conv", kernel=choice(3, 5), channels=width, stride=2) for _ in range(halvings)]
    enter = chain(*down) if down else op("conv", kernel=choice(1, 3, 5), channels=width)
    late = repeat(layer(3, 5, 7), integer(0, 3))
    return Space(chain(early=early, enter=enter, late=late, out=readout()), name="series")


def inception() -> Node:
    """A narrow layer seen through windows of several sizes, beside the largest of three neighbours."""
    filters = choice(8, 16, 32, name="filters")
    bare = {"norm": "none", "bias": False, "activation": "none"}
    narrow = op("conv", kernel=1, channels=filters, **bare)
    longest = choice(11, 21, 41, name="longest")
    windows = [chain(narrow, op("conv", kernel=size, channels=filters, **bare)) for size in (longest, choice(5, 9), 3)]
    pooled = chain(op("max-pool", kernel=3), op("conv", kernel=1, channels=filters, **bare))
    return parallel(*windows, pooled, merge="concat")
