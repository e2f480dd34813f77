"""Where things are: codes for positions, and a token that stands for the whole input. For attention, which does not
see order by itself."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.tally import Tally, spatial

KINDS = ("learned", "sinusoidal", "conditional", "none")
REACH = 3
"""Side of the window of conditional codes."""


def _positions(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(spatial(inputs[0]))
    if attrs["kind"] == "learned":
        tally.params += math.prod(tally.shape)
    if attrs["kind"] == "conditional":
        tally.depthwise(REACH, bias=True)
    return tally.footprint()


def _class_token(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    channels, *sizes = spatial(inputs[0])
    return Footprint((channels, 1 + math.prod(sizes)), channels)


POSITIONS = (
    Operation(
        "positions",
        "Adds to each position a code for where it is: learnt, of waves (Vaswani et al. 2017), or by a small depthwise "
        "convolution (Chu et al. 2021, https://arxiv.org/abs/2102.10882). Images of another size see a resized code.",
        _positions,
        {"kind": Attribute(str, "learned", options=KINDS, doc="how codes are made")},
    ),
    Operation(
        "class-token",
        "A learnt vector before all positions, as a sequence (C, positions + 1); an image's row by row "
        "(Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929).",
        _class_token,
    ),
)
