"""Convolutions over images or along sequences, plain and separable.

A convolution is conv, norm, activation; with `preactivation` it is activation, conv, norm (the ReLU-Conv-BN of
Liu et al. 2018, https://arxiv.org/abs/1806.09055). It has a bias where it has no norm, unless `bias` says otherwise.
A causal one has all its zeros before the sequence (van den Oord et al. 2016, https://arxiv.org/abs/1609.03499).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError
from netwright.operations import attributes as a
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature
from netwright.operations.tally import Tally, spatial


def has_bias(attrs: Mapping[str, Any]) -> bool:
    """Whether a convolution with these resolved attributes has a bias."""
    if attrs["bias"] is None:
        return bool(attrs["norm"] == "none")
    return bool(attrs["bias"])


def zeros(attrs: Mapping[str, Any], shape: Shape) -> str:
    """Where a convolution has zeros around its input: "same", "valid" or "causal". Raises InputError where it cannot be
    causal."""
    wanted: str = attrs.get("padding", "same")
    if not attrs["causal"]:
        return wanted
    if len(shape) != 2:
        raise InputError("only along a sequence is there a before and an after", "leave causal out")
    if wanted == "valid":
        raise InputError('a causal convolution has zeros before the sequence, with padding="valid" it has none', "")
    return "causal"


def ahead(attrs: Mapping[str, Any]) -> str:
    """`Operation.ahead` of convolutions."""
    if not attrs["causal"]:
        return "give causal=True"
    if attrs["stride"] != 1:
        return "give stride=1"
    return 'give norm="layer"' if attrs.get("norm") == "batch" else ""


def _conv(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(spatial(inputs[0]))
    tally.conv(
        attrs["channels"] or inputs[0][0],
        attrs["kernel"],
        attrs["stride"],
        attrs["groups"],
        attrs["dilation"],
        has_bias(attrs),
        zeros(attrs, inputs[0]),
    )
    tally.norm(attrs["norm"])
    return tally.footprint()


def _sepconv(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(spatial(inputs[0]))
    channels, mode = attrs["channels"] or inputs[0][0], zeros(attrs, inputs[0])
    for index in range(attrs["repeats"]):
        last = index == attrs["repeats"] - 1
        tally.depthwise(attrs["kernel"], attrs["stride"] if index == 0 else 1, attrs["dilation"], mode=mode)
        tally.conv(channels if last else inputs[0][0], 1, bias=attrs["norm"] == "none")
        tally.norm(attrs["norm"])
    return tally.footprint()


def factorized_halves(channels: int) -> tuple[int, int]:
    """Output channels of the two convolutions of a factorized reduction; the second may have none."""
    return channels - channels // 2, channels // 2


def _factorized_reduce(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(spatial(inputs[0]))
    tally.conv(attrs["channels"] or inputs[0][0], 1, attrs["stride"], bias=attrs["norm"] == "none")
    tally.norm(attrs["norm"])
    return tally.footprint()


CONVOLUTION = (
    Operation(
        "conv",
        "Convolution with norm and activation.",
        _conv,
        {
            "kernel": a.kernel(3),
            "channels": a.CHANNELS,
            "stride": a.stride(),
            "groups": a.GROUPS,
            "dilation": a.DILATION,
            "norm": a.norm(),
            "activation": a.activation(),
            "preactivation": a.PREACTIVATION,
            "padding": a.PADDING,
            "bias": Attribute(bool, None, doc="left out: where there is no norm"),
            "causal": a.CAUSAL,
        },
        ahead=ahead,
    ),
    Operation(
        "sepconv",
        "Depthwise separable convolution (Chollet 2017, https://arxiv.org/abs/1610.02357), once or more.",
        _sepconv,
        {
            "kernel": a.kernel(3),
            "channels": a.CHANNELS,
            "stride": a.stride(),
            "dilation": a.DILATION,
            "repeats": Attribute(int, 1, 1, 8, doc="times in a row; the first one strides, the last one widens"),
            "norm": a.norm(),
            "activation": a.activation(),
            "preactivation": a.PREACTIVATION,
            "causal": a.CAUSAL,
        },
        ahead=ahead,
    ),
    Operation(
        "factorized-reduce",
        "Activation, two strided convolutions of single points, one a step aside of the other, side by side, norm: a "
        "skip that shrinks and misses less (Liu et al. 2018, https://arxiv.org/abs/1806.09055).",
        _factorized_reduce,
        {
            "channels": a.CHANNELS,
            "stride": Attribute(int, 2, 2, 32, doc="step; divides height and width, or length"),
            "norm": a.norm(),
            "activation": a.activation(),
        },
    ),
)
