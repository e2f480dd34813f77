"""From characters to frames of sound."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError
from netwright.operations import attributes as a
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.sequences import heads_of
from netwright.operations.tally import Tally, sequence


def _stretch(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    if signature.kind != "frames":
        raise InputError("makes frames of sound, and this network is for none", "leave it out")
    channels, length = sequence(inputs[0])
    heads_of(channels, attrs["heads"])
    tally = Tally((channels, length))
    tally.norm("layer")
    tally.projection(channels)
    tally.projection(channels)
    tally.params += signature.steps * channels
    tally.flops += 2 * signature.steps * length * channels
    tally.shape = (channels, signature.steps)
    tally.projection(channels)
    return tally.footprint()


def _frames_head(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(sequence(inputs[0]))
    tally.projection(signature.outputs)
    return tally.footprint()


SPEAKING = (
    Operation(
        "stretch",
        "As many frames as there are to be spoken, each by a learnt vector of its own that looks for its characters "
        "(Carion et al. 2020, https://arxiv.org/abs/2005.12872; Jaegle et al. 2021, https://arxiv.org/abs/2107.14795).",
        _stretch,
        {
            "heads": Attribute(int, 4, 1, 64, doc="how many heads; divides the channels"),
            "dropout": a.DROPOUT,
        },
    ),
    Operation(
        "frames-head",
        "Dropout, then for each frame the power in each band, and whether there is sound yet.",
        _frames_head,
        {"dropout": a.DROPOUT},
    ),
)
