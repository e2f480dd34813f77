"""Back up to where the input's places are: for networks that answer for each of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.tally import spatial, written


def halved(size: int, times: int) -> int:
    """What is left of a side after so many layers of stride 2, each of which rounds up.

    >>> halved(45, 1), halved(45, 3)
    (23, 6)
    """
    return -(-size >> times)


def _upsample(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    channels, *sizes = spatial(inputs[0])
    if signature.padded:
        raise InputError("cannot tell where padded sequences end", "leave it out")
    if attrs["halvings"] is None:
        return Footprint((channels, *(attrs["factor"] * size for size in sizes)))
    whole = signature.inputs if signature.form == "tokens" else signature.inputs[1:]
    if len(whole) != len(sizes):
        problem = f"inputs of shape {written(signature.inputs)} have other places than {written(inputs[0])}"
        raise InputError(problem, "give a factor in the place of halvings")
    return Footprint((channels, *(halved(size, attrs["halvings"]) for size in whole)))


PLACES = (
    Operation(
        "upsample",
        "More places from fewer, without weights: between them (linear) or the nearest.",
        _upsample,
        {
            "factor": Attribute(int, 2, 1, 32, doc="how many times as many along each axis"),
            "halvings": Attribute(
                int, None, 0, 8, doc="instead: as many as the network's input has after so many layers of stride 2"
            ),
            "mode": Attribute(str, "linear", options=("linear", "nearest"), doc="what stands between places"),
        },
    ),
)
