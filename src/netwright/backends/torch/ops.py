"""One function per operation: resolved attributes and input shapes -> module.

Input shapes are without the batch; modules take and give batches. Children have readable names, because the
`state_dict` is made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from torch import nn

from netwright.backends.torch import layers
from netwright.backends.torch.blocks import Residual
from netwright.backends.torch.columns import column_embedding, ft_transformer
from netwright.backends.torch.detection import detection_head
from netwright.backends.torch.fitted import KINDS, fitted
from netwright.backends.torch.layers import (
    ChannelShuffle,
    ChannelSplit,
    FactorizedReduce,
    GlobalPool,
    Linear,
    SqueezeExcite,
    extend,
    sequence,
)
from netwright.backends.torch.messages import messages
from netwright.backends.torch.places import HeadOfPlaces, Upsample
from netwright.backends.torch.positions import class_token, positions
from netwright.backends.torch.sequence_ops import SEQUENCE_BUILDERS, Attrs, Builder
from netwright.operations import Shape, Signature
from netwright.operations.blocks import bottleneck_width
from netwright.operations.convolution import factorized_halves, has_bias
from netwright.operations.messages import DOCS as MESSAGES
from netwright.operations.tally import padding, squeezed, widened


def conv(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    channels = attrs["channels"] or shape[0]
    dims = len(shape) - 1
    main = layers.conv(
        dims,
        shape[0],
        channels,
        attrs["kernel"],
        attrs["stride"],
        0 if attrs["causal"] else padding(attrs["kernel"], attrs["dilation"], attrs["padding"]),
        attrs["dilation"],
        attrs["groups"],
        bias=has_bias(attrs),
        causal=attrs["causal"],
    )
    norm, activation = layers.norm(attrs["norm"], channels, dims), layers.activation(attrs["activation"])
    if attrs["preactivation"]:
        return sequence(activation=activation, conv=main, norm=norm)
    return sequence(conv=main, norm=norm, activation=activation)


def sepconv(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    row, dims = nn.Sequential(), len(shape) - 1
    for index in range(attrs["repeats"]):
        last = index == attrs["repeats"] - 1
        channels = (attrs["channels"] or shape[0]) if last else shape[0]
        stride = attrs["stride"] if index == 0 else 1
        spatial = _depthwise(dims, shape[0], attrs["kernel"], stride, False, attrs["dilation"], attrs["causal"])
        pointwise = layers.conv(dims, shape[0], channels, 1, bias=attrs["norm"] == "none")
        norm, activation = layers.norm(attrs["norm"], channels, dims), layers.activation(attrs["activation"])
        if attrs["preactivation"]:
            part = sequence(activation=activation, depthwise=spatial, pointwise=pointwise, norm=norm)
        else:
            part = sequence(depthwise=spatial, pointwise=pointwise, norm=norm, activation=activation)
        row.append(part)
    return row


def _depthwise(
    dims: int, channels: int, kernel: int, stride: int, bias: bool, dilation: int = 1, causal: bool = False
) -> nn.Module:
    pad = 0 if causal else padding(kernel, dilation, "same")
    return layers.conv(dims, channels, channels, kernel, stride, pad, dilation, channels, bias=bias, causal=causal)


def factorized_reduce(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    channels, dims = attrs["channels"] or shape[0], len(shape) - 1
    bias = attrs["norm"] == "none"
    first, second = factorized_halves(channels)
    straight = layers.conv(dims, shape[0], first, 1, bias=bias)
    aside = layers.conv(dims, shape[0], second, 1, bias=bias) if second else None
    reduce = FactorizedReduce(straight, aside, attrs["stride"])
    return sequence(activation=_act(attrs), reduce=reduce, norm=layers.norm(attrs["norm"], channels, dims))


def mbconv(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    channels, kind = attrs["channels"] or shape[0], attrs["norm"]
    bias, hidden = kind == "none", widened(shape[0], attrs["expansion"])
    branch, dims = nn.Sequential(), len(shape) - 1
    if attrs["expansion"] != 1:
        widen = layers.conv(dims, shape[0], hidden, 1, bias=bias)
        extend(branch, widen=widen, widen_norm=layers.norm(kind, hidden, dims), widen_act=_act(attrs))
    spatial = _depthwise(dims, hidden, attrs["kernel"], attrs["stride"], bias)
    extend(branch, depthwise=spatial, depthwise_norm=layers.norm(kind, hidden, dims), depthwise_act=_act(attrs))
    squeeze = SqueezeExcite(hidden, squeezed(hidden, 4), dims, signature.padded) if attrs["se"] else None
    narrow = layers.conv(dims, hidden, channels, 1, bias=bias)
    extend(branch, se=squeeze, narrow=narrow, narrow_norm=layers.norm(kind, channels, dims))
    return Residual(branch) if attrs["stride"] == 1 and channels == shape[0] else sequence(branch=branch)


def _act(attrs: Attrs) -> nn.Module | None:
    return layers.activation(attrs["activation"])


def resblock(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    channels, kernel = attrs["channels"] or shape[0], attrs["kernel"]
    convolutions = [(channels, kernel, attrs["stride"], 1), (channels, kernel, 1, 1)]
    return _residual(attrs, shape, convolutions, signature.padded)


def bottleneck(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    channels, groups = attrs["channels"] or shape[0], attrs["groups"]
    narrow = bottleneck_width(channels, attrs["ratio"], groups)
    convolutions = [(narrow, 1, 1, 1), (narrow, attrs["kernel"], attrs["stride"], groups), (channels, 1, 1, 1)]
    return _residual(attrs, shape, convolutions, signature.padded)


def _residual(attrs: Attrs, shape: Shape, convolutions: list[tuple[int, int, int, int]], padded: bool) -> nn.Module:
    """A residual block of convolutions (channels, kernel, stride, groups)."""
    kind, before, first = attrs["norm"], attrs["preactivation"], None
    branch, width, dims = nn.Sequential(), shape[0], len(shape) - 1
    for index, (channels, kernel, stride, groups) in enumerate(convolutions, 1):
        pad = padding(kernel, 1, "same")
        main = layers.conv(dims, width, channels, kernel, stride, pad, groups=groups, bias=kind == "none")
        parts = {f"norm{index}": layers.norm(kind, width if before else channels, dims), f"act{index}": _act(attrs)}
        if not before:
            if index == len(convolutions):
                del parts[f"act{index}"]
            extend(branch, **{f"conv{index}": main}, **parts)
        elif index == 1:
            first = sequence(norm=parts["norm1"], act=parts["act1"])
            extend(branch, conv1=main)
        else:
            extend(branch, **parts, **{f"conv{index}": main})
        width = channels
    if attrs["se"]:
        extend(branch, se=SqueezeExcite(width, squeezed(width, 4), dims, padded))
    return Residual(branch, _shortcut(attrs, shape[0], width, dims), first, None if before else _act(attrs))


def _shortcut(attrs: Attrs, before: int, after: int, dims: int) -> nn.Module | None:
    stride, pool = attrs["stride"], None
    if stride == 1 and before == after:
        return None
    if attrs["shortcut"] == "pool" and stride > 1:
        pool, stride = _average(dims, stride, stride, "same"), 1
    main = layers.conv(dims, before, after, 1, stride, bias=attrs["norm"] == "none")
    norm = None if attrs["preactivation"] else layers.norm(attrs["norm"], after, dims)
    return sequence(pool=pool, conv=main, norm=norm)


def convnext(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    channels, stride = attrs["channels"] or shape[0], attrs["stride"]
    hidden, dims = widened(channels, attrs["expansion"]), len(shape) - 1
    branch = sequence(
        depthwise=_depthwise(dims, channels, attrs["kernel"], 1, bias=True, causal=attrs["causal"]),
        norm=layers.norm("layer", channels, dims),
        widen=layers.conv(dims, channels, hidden, 1),
        act=_act(attrs),
        narrow=layers.conv(dims, hidden, channels, 1),
    )
    if stride == 1 and channels == shape[0]:
        return Residual(branch)
    conv = layers.conv(dims, shape[0], channels, stride, stride)
    down = sequence(norm=layers.norm("layer", shape[0], dims), conv=conv)
    return sequence(down=down, block=Residual(branch))


def squeeze_excite(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    narrow = squeezed(shape[0], attrs["reduction"])
    return SqueezeExcite(shape[0], narrow, len(shape) - 1, signature.padded)


def max_pool(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    pad, ceil = _window(attrs["kernel"], attrs["padding"])
    kind = nn.MaxPool2d if len(shape) == 3 else nn.MaxPool1d
    return kind(attrs["kernel"], attrs["stride"], pad, ceil_mode=ceil)


def avg_pool(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return _average(len(shape) - 1, attrs["kernel"], attrs["stride"], attrs["padding"])


def _average(dims: int, kernel: int, stride: int, mode: str) -> nn.Module:
    pad, ceil = _window(kernel, mode)
    kind = nn.AvgPool2d if dims == 2 else nn.AvgPool1d
    return kind(kernel, stride, pad, ceil_mode=ceil, count_include_pad=False)


def _window(kernel: int, mode: str) -> tuple[int, bool]:
    """Padding and ceil mode of a pool (see `netwright.operations.tally`)."""
    odd = kernel % 2 == 1
    return (padding(kernel, 1, mode) if odd else 0), mode == "same" and not odd


def global_pool(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return GlobalPool(attrs["kind"], signature.padded)


def channel_split(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return ChannelSplit(attrs["parts"], attrs["part"], attrs["others"])


def channel_shuffle(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return ChannelShuffle(attrs["groups"])


def flatten(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return nn.Flatten()


def linear(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return sequence(
        linear=Linear(shape[0], attrs["units"]),
        norm=layers.norm(attrs["norm"], attrs["units"], dims=0),
        activation=_act(attrs),
        dropout=layers.dropout(attrs["dropout"]),
    )


def tabular_resblock(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    hidden = widened(shape[0], attrs["expansion"])
    branch = sequence(
        norm=layers.norm(attrs["norm"], shape[0], dims=0),
        widen=Linear(shape[0], hidden),
        act=_act(attrs),
        dropout=layers.dropout(attrs["dropout"]),
        narrow=Linear(hidden, shape[0]),
    )
    return Residual(branch)


def upsample(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return Upsample(attrs["factor"], attrs["halvings"], attrs["mode"])


def head(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    if signature.places:
        return HeadOfPlaces(shape, signature.outputs, attrs["dropout"])
    pool = GlobalPool(attrs["pool"], signature.padded) if len(shape) > 1 else None
    return sequence(pool=pool, dropout=layers.dropout(attrs["dropout"]), linear=Linear(shape[0], signature.outputs))


def norm(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return layers.norm(attrs["kind"], shape[0], len(shape) - 1) or nn.Identity()


def activation(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return layers.activation(attrs["function"]) or nn.Identity()


def dropout(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return layers.dropout(attrs["rate"]) or nn.Identity()


def module(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    made: nn.Module = attrs["name"].make(attrs)
    return made


BUILDERS: Mapping[str, Builder] = {
    "conv": conv,
    "sepconv": sepconv,
    "factorized-reduce": factorized_reduce,
    "mbconv": mbconv,
    "resblock": resblock,
    "bottleneck": bottleneck,
    "convnext": convnext,
    "squeeze-excite": squeeze_excite,
    "max-pool": max_pool,
    "avg-pool": avg_pool,
    "global-pool": global_pool,
    "upsample": upsample,
    "channel-split": channel_split,
    "channel-shuffle": channel_shuffle,
    "flatten": flatten,
    "linear": linear,
    "tabular-resblock": tabular_resblock,
    "head": head,
    "detection-head": detection_head,
    "norm": norm,
    "activation": activation,
    "dropout": dropout,
    "module": module,
    "positions": positions,
    "class-token": class_token,
    "column-embedding": column_embedding,
    "ft-transformer": ft_transformer,
    **{operation: partial(messages, operation) for operation in MESSAGES},
    **{operation: partial(fitted, operation) for operation in KINDS},
    **SEQUENCE_BUILDERS,
}
