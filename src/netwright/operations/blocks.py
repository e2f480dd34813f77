"""Residual blocks for images and sequences: mbconv, resblock, bottleneck, convnext; and squeeze-and-excitation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.operations import attributes as a
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.convolution import ahead, zeros
from netwright.operations.tally import Tally, spatial, widened


def _mbconv(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(spatial(inputs[0]))
    norm, bias = attrs["norm"], attrs["norm"] == "none"
    hidden = widened(inputs[0][0], attrs["expansion"])
    if attrs["expansion"] != 1:
        tally.conv(hidden, 1, bias=bias)
        tally.norm(norm)
    tally.depthwise(attrs["kernel"], attrs["stride"], bias=bias)
    tally.norm(norm)
    if attrs["se"]:
        tally.squeeze()
    tally.conv(attrs["channels"] or inputs[0][0], 1, bias=bias)
    tally.norm(norm)
    return tally.footprint()


def _shortcut(attrs: Mapping[str, Any], before: Shape, after: Shape) -> Tally:
    """The projection beside a residual branch; nothing where the branch neither strides nor changes the channels."""
    tally, stride = Tally(before), attrs["stride"]
    if stride == 1 and before[0] == after[0]:
        return tally
    if attrs["shortcut"] == "pool" and stride > 1:
        tally.pool(stride, stride)
        stride = 1
    tally.conv(after[0], 1, stride, bias=attrs["norm"] == "none")
    if not attrs["preactivation"]:
        tally.norm(attrs["norm"])
    return tally


def _residual(attrs: Mapping[str, Any], before: Shape, layers: list[tuple[int, int, int, int]]) -> Footprint:
    """A residual block of convolutions (channels, kernel, stride, groups)."""
    tally = Tally(spatial(before))
    norm = attrs["norm"]
    for channels, kernel, stride, groups in layers:
        if attrs["preactivation"]:
            tally.norm(norm)
        tally.conv(channels, kernel, stride, groups, bias=norm == "none")
        if not attrs["preactivation"]:
            tally.norm(norm)
    if attrs["se"]:
        tally.squeeze()
    tally.beside(_shortcut(attrs, before, tally.shape))
    return tally.footprint()


def _resblock(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    channels = attrs["channels"] or inputs[0][0]
    kernel = attrs["kernel"]
    return _residual(attrs, inputs[0], [(channels, kernel, attrs["stride"], 1), (channels, kernel, 1, 1)])


def bottleneck_width(channels: int, ratio: float, groups: int) -> int:
    """The narrow width of a bottleneck: `channels` times `ratio`, brought to a multiple of `groups`."""
    return max(groups, round(channels * ratio / groups) * groups)


def _bottleneck(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    channels, groups = attrs["channels"] or inputs[0][0], attrs["groups"]
    narrow = bottleneck_width(channels, attrs["ratio"], groups)
    layers = [(narrow, 1, 1, 1), (narrow, attrs["kernel"], attrs["stride"], groups), (channels, 1, 1, 1)]
    return _residual(attrs, inputs[0], layers)


def _convnext(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(spatial(inputs[0]))
    channels, stride = attrs["channels"] or inputs[0][0], attrs["stride"]
    if stride > 1 or channels != inputs[0][0]:
        tally.norm("layer")
        tally.conv(channels, stride, stride, bias=True, mode="valid")
    tally.depthwise(attrs["kernel"], bias=True, mode=zeros(attrs, inputs[0]))
    tally.norm("layer")
    tally.conv(widened(channels, attrs["expansion"]), 1, bias=True)
    tally.conv(channels, 1, bias=True)
    return tally.footprint()


def _squeeze_excite(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(spatial(inputs[0]))
    tally.squeeze(attrs["reduction"])
    return tally.footprint()


_RESIDUAL = {
    "channels": a.CHANNELS,
    "stride": a.stride(),
    "kernel": a.odd_kernel(3),
    "norm": a.norm(),
    "activation": a.activation(),
    "preactivation": a.PREACTIVATION,
    "se": a.SE,
    "shortcut": a.SHORTCUT,
}

BLOCKS = (
    Operation(
        "mbconv",
        "Inverted residual: widen, depthwise, narrow (Sandler et al. 2018, https://arxiv.org/abs/1801.04381).",
        _mbconv,
        {
            "kernel": a.odd_kernel(3),
            "channels": a.CHANNELS,
            "stride": a.stride(),
            "expansion": a.expansion(6, "width inside, as a multiple of the input channels"),
            "se": a.SE,
            "norm": a.norm(),
            "activation": a.activation(),
        },
    ),
    Operation(
        "resblock",
        "Two convolutions and a shortcut (He et al. 2015, https://arxiv.org/abs/1512.03385).",
        _resblock,
        _RESIDUAL,
    ),
    Operation(
        "bottleneck",
        "Narrow, convolve, widen, and a shortcut (He et al. 2015); with groups: ResNeXt.",
        _bottleneck,
        {
            **_RESIDUAL,
            "ratio": Attribute(float, 0.25, 0.03125, 4, doc="width inside, as a multiple of the output channels"),
            "groups": a.GROUPS,
        },
    ),
    Operation(
        "convnext",
        "Depthwise, layer norm, widen, narrow, and a shortcut (Liu et al. 2022, https://arxiv.org/abs/2201.03545).",
        _convnext,
        {
            "kernel": a.odd_kernel(7),
            "channels": a.CHANNELS,
            "stride": a.stride(),
            "expansion": a.expansion(4, "width inside, as a multiple of the channels"),
            "activation": a.activation("gelu"),
            "causal": a.CAUSAL,
        },
        ahead=ahead,
    ),
    Operation(
        "squeeze-excite",
        "Scales each channel by what all of them hold (Hu et al. 2017, https://arxiv.org/abs/1709.01507).",
        _squeeze_excite,
        {"reduction": Attribute(int, 4, 1, 64, doc="how many times narrower the layer in between is")},
    ),
)
