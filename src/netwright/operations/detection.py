"""What a detector ends in: for each cell of a grid, scores of classes and how far the sides of a box are away."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.operations import attributes as a
from netwright.operations.base import SIDES, Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.tally import Tally, spatial


def _trunk(attrs: Mapping[str, Any], inputs: Shape) -> Tally:
    """The convolutions before the answers."""
    tally = Tally(spatial(inputs))
    channels, bias = attrs["channels"] or inputs[0], attrs["norm"] == "none"
    for _ in range(attrs["depth"]):
        if attrs["separable"]:
            tally.depthwise(attrs["kernel"])
            tally.conv(channels, 1, bias=bias)
        else:
            tally.conv(channels, attrs["kernel"], bias=bias)
        tally.norm(attrs["norm"])
    return tally


def _detection_head(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = _trunk(attrs, inputs[0])
    if attrs["shared"]:
        tally.conv(signature.outputs + SIDES, 1, bias=True)
        return tally.footprint()
    sides = _trunk(attrs, inputs[0])
    tally.conv(signature.outputs, 1, bias=True)
    sides.conv(SIDES, 1, bias=True)
    tally.beside(sides)
    tally.shape = (signature.outputs + SIDES, *tally.shape[1:])
    return tally.footprint()


DETECTION = (
    Operation(
        "detection-head",
        "Convolutions, then for each cell scores of classes and the sides of a box (Tian et al. 2019, "
        "https://arxiv.org/abs/1904.01355; Liu et al. 2020, https://arxiv.org/abs/1909.00700).",
        _detection_head,
        {
            "depth": Attribute(int, 1, 0, 8, doc="convolutions before the answers"),
            "channels": Attribute(int, None, 1, a.LARGEST, doc="of these; as many as come in when left out"),
            "kernel": a.odd_kernel(3),
            "shared": Attribute(bool, True, doc="classes and boxes share them"),
            "separable": Attribute(bool, False, doc="depthwise separable"),
            "norm": a.norm(),
            "activation": a.activation(),
        },
    ),
)
