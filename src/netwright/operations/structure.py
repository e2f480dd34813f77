"""The operations that hold a graph together: input, none, identity, sum, concat."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError
from netwright.operations.attributes import CHANNELS, stride
from netwright.operations.base import Footprint, Operation, Shape, Signature, never
from netwright.operations.tally import Tally


def _input(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    return Footprint(signature.inputs)


def _none(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(inputs[0])
    if len(tally.shape) > 1:
        tally.pool(1, attrs["stride"])
    elif attrs["stride"] != 1:
        raise InputError("stride is for images and sequences", "leave it out")
    return Footprint((attrs["channels"] or tally.shape[0], *tally.shape[1:]))


def _identity(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    return Footprint(inputs[0])


def _sum(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    if any(shape != inputs[0] for shape in inputs):
        raise InputError("cannot add branches of different shapes", "give them equal channels and strides")
    return Footprint(inputs[0])


def _concat(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    rest = inputs[0][1:]
    if any(shape[1:] != rest for shape in inputs):
        raise InputError("cannot join branches of different sizes", "give them equal strides and pools")
    return Footprint((sum(shape[0] for shape in inputs), *rest))


STRUCTURE = (
    Operation("input", "What the network is given.", _input, arity=(0, 0), ahead=never),
    Operation("none", "Zeros: no connection.", _none, {"channels": CHANNELS, "stride": stride()}, ahead=never),
    Operation("identity", "Its input as it is: a skip connection.", _identity, ahead=never),
    Operation("sum", "The sum of branches of one shape.", _sum, arity=(1, None), ahead=never),
    Operation(
        "concat", "Branches side by side, along the channels or features.", _concat, arity=(1, None), ahead=never
    ),
)

STRUCTURAL = frozenset(operation.name for operation in STRUCTURE)
"""Names of the operations that have no layer of their own."""
