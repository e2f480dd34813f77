"""`forecast`: linear maps, perceptrons and hybrids of convolution, recurrence and attention from the last steps of
series to the next ones.

A linear map of the window (NLinear: Zeng et al. 2023, https://arxiv.org/abs/2205.13504) stands beside what layers make
of it, steps by themselves or in patches (PatchTST: Nie et al. 2023, https://arxiv.org/abs/2211.14730), or is left out.
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, parallel, repeat
from netwright.spaces.along import layer


def forecast(signature: Signature) -> Space:
    """The space for windows of any length.

    >>> forecast(Signature((1, 48), 12, "forecast")).name
    'forecast'
    """
    if signature.kind != "forecast":
        raise InputError("the space 'forecast' is for forecasting", "leave --space out for what suits the data")
    length = signature.inputs[1]
    return Space(chain(body=choice(chain(op("flatten"), _dense()), _deep(length)), out=op("head")), name="forecast")


def _dense() -> Node:
    """Nothing, or hidden layers beside the window as it is."""
    hidden = op(
        "linear",
        units=choice(32, 64, 128, 256, name="units"),
        activation=choice("relu", "gelu"),
        dropout=choice(0.0, 0.1, 0.3, name="dropout"),
    )
    return choice(op("identity"), parallel(op("identity"), repeat(hidden, integer(1, 2)), merge="concat"))


def _deep(length: int) -> Node:
    """Patches or steps, layers along them, and all that comes of them beside the window as it is, or alone."""
    width = choice(16, 32, 64, name="width")
    strides = [size for size in (1, 2, 4, 8, 16) if size == 1 or length // size >= 4]
    enter = choice(
        *(op("conv", kernel=max(3, size + 1 - size % 2), channels=width, stride=size, norm="none") for size in strides)
    )
    layers = repeat(layer(3, 5), integer(1, 3))
    end = choice(op("flatten"), op("global-pool"), op("attention-pool"))
    deep = chain(enter, layers, end, op("dropout", rate=choice(0.0, 0.2)))
    return choice(deep, parallel(deep, op("flatten"), merge="concat"))
