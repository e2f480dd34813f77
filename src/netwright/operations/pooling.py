"""Pools, and the ways from an image or a sequence to a vector."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.operations import attributes as a
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.tally import Tally, spatial

POOLS = Attribute(str, "avg", options=("avg", "max", "first"), doc="of all positions: the mean, the largest, the first")


def _pool(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(spatial(inputs[0]))
    tally.pool(attrs["kernel"], attrs["stride"], attrs["padding"])
    return tally.footprint()


def _global_pool(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    return Footprint(spatial(inputs[0])[:1])


def _flatten(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(inputs[0])
    tally.flatten()
    return tally.footprint()


_WINDOW = {"kernel": a.kernel(3), "stride": a.stride(), "padding": a.PADDING}

POOLING = (
    Operation("max-pool", "The largest value of each window.", _pool, _WINDOW),
    Operation("avg-pool", "The mean of each window; padding is not counted in.", _pool, _WINDOW),
    Operation("global-pool", "One value a channel.", _global_pool, {"kind": POOLS}),
    Operation("flatten", "An image or a sequence as a vector.", _flatten),
)
