"""Channels parted and mixed: Zhang et al. 2018, "ShuffleNet", https://arxiv.org/abs/1707.01083."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature, never


def _split(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    channels, *rest = inputs[0]
    parts = attrs["parts"]
    if channels % parts or attrs["part"] >= parts:
        raise InputError(f"{channels} channels have no part {attrs['part']} of {parts}", "choose a divisor of them")
    part = channels // parts
    return Footprint((channels - part if attrs["others"] else part, *rest))


def _shuffle(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    if inputs[0][0] % attrs["groups"]:
        raise InputError(f"{inputs[0][0]} channels make no {attrs['groups']} groups", "give a number that divides them")
    return Footprint(inputs[0])


SHUFFLING = (
    Operation(
        "channel-split",
        "An equal part of the channels, or all but that part.",
        _split,
        {
            "parts": Attribute(int, 2, 2, 64, doc="how many"),
            "part": Attribute(int, 0, 0, 63, doc="which, from 0"),
            "others": Attribute(bool, False, doc="the other parts instead"),
        },
        ahead=never,
    ),
    Operation(
        "channel-shuffle",
        "Channels dealt out: one of each group in turn.",
        _shuffle,
        {"groups": Attribute(int, 2, 1, 64, doc="how many")},
        ahead=never,
    ),
)
