"""`sound`: hybrids of convolution in one dimension or two, recurrence and attention over bands and frames.

First what is heard of a recording: how coarse its bands and frames are, and whether the bands of each are normalised.
Then either windows over time and bands (two-dimensional convolutions, halved as images are), or windows over time
alone, which may see how the bands change as well; then up to three layers of any kind each: windows, ConvNeXt, GRU or
LSTM, transformer blocks.
"""

from __future__ import annotations

from typing import Any

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, repeat
from netwright.spaces.along import layer, readout


def sound(signature: Signature) -> Space:
    """The space for recordings as (bands, frames).

    >>> sound(Signature((40, 60), 10, padded=True)).name
    'sound'
    """
    if signature.form != "sequence":
        raise InputError("the space 'sound' is for recordings", "leave --space out for what suits the data")
    width = choice(48, 64, 96, 128, name="width")
    front = choice(chain(heard(), _plane()), chain(heard(deltas=choice(0, 1, 2)), _time()))
    enter = op("conv", kernel=choice(1, 3), channels=width)
    late = repeat(layer(3, 5, 9), integer(0, 3))
    return Space(chain(front=front, enter=enter, late=late, out=readout()), name="sound")


def heard(deltas: Any = 0) -> Node:
    """The front end, as a decision."""
    return op("front-end", merge=choice(1, 2), every=choice(1, 2), normalise=choice(False, True), deltas=deltas)


def _plane() -> Node:
    """Bands and frames as a picture, two or three times halved."""

    def stage(channels: tuple[int, ...]) -> Node:
        wide = choice(*channels)
        return choice(
            op("conv", kernel=choice(3, 5), channels=wide, stride=2),
            op("resblock", kernel=3, channels=wide, stride=2),
            op("mbconv", kernel=choice(3, 5), channels=wide, stride=2, expansion=choice(2, 4), se=choice(False, True)),
        )

    first = op("conv", kernel=choice(3, 5), channels=choice(12, 16, 24))
    third = repeat(stage((32, 48)), integer(0, 1))
    return chain(op("lift"), first, stage((16, 24, 32)), stage((24, 32, 48)), third, op("fold"))


def _time() -> Node:
    """Windows over time that see all bands."""
    return repeat(
        op("conv", kernel=choice(3, 5, 9), channels=choice(64, 96, 128), stride=choice(1, 2)),
        integer(1, 3),
    )
