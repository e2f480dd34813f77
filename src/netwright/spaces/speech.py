"""`speech`: hybrids of convolution in one dimension or two, recurrence and attention that write down what is said.

After Deep Speech 2 (Amodei et al. 2016, https://arxiv.org/abs/1512.02595): what is heard, as in `sound`; either windows
over time and bands, which halve both, or windows over time alone; then one to four layers of any kind each; then a
score for each character at each step that is left. How far time is thinned out is a decision: networks that leave too
few steps for the longest transcripts are no part of the space. So is how much of a recording is hidden in training
(Park et al. 2019, https://arxiv.org/abs/1904.08779).
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, repeat
from netwright.spaces.along import layer
from netwright.spaces.sound import heard


def speech(signature: Signature) -> Space:
    """The space for recordings as (bands, frames) with transcripts.

    >>> speech(Signature((40, 300), 28, "transcript", padded=True, steps=80)).name
    'speech'
    """
    if signature.kind != "transcript":
        raise InputError("the space 'speech' is for transcripts", "leave --space out for what suits the data")
    width = choice(64, 96, 128, 192, name="width")
    front = choice(chain(heard(), _plane()), chain(heard(deltas=choice(0, 1, 2)), _time()))
    enter = op("conv", kernel=choice(1, 3), channels=width)
    late = repeat(layer(5, 9, 15), integer(1, 4))
    out = op("transcript-head", dropout=choice(0.0, 0.1, 0.3))
    return Space(chain(hidden=_hidden(), front=front, enter=enter, late=late, out=out), name="speech")


def _hidden() -> Node:
    """What is left of a recording in training."""
    return op("spec-augment", bands=choice(0.0, 0.1, 0.2, 0.3), frames=choice(0, 4, 8, 16))


def _plane() -> Node:
    """Bands and frames as a picture, once or twice halved."""
    kernel, first, second = choice(3, 5), choice(8, 16, 24), choice(16, 24, 32)
    halved = op("conv", kernel=kernel, channels=first, stride=2)
    again = op("conv", kernel=3, channels=second, stride=2)
    residual = op("resblock", kernel=3, channels=second, stride=2)
    return chain(op("lift"), halved, repeat(choice(again, residual), integer(0, 1)), op("fold"))


def _time() -> Node:
    """Windows over time that see all bands."""
    window = op("conv", kernel=choice(3, 5, 9), channels=choice(64, 96, 128), stride=choice(1, 2))
    return repeat(window, integer(1, 3))
