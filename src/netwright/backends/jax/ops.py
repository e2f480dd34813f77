"""One function per operation: its layer's weights, resolved attributes, an input and the network's signature -> its
output.

The names of layers inside are those of the torch backend, because weights go by them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jax import Array
from jax import numpy as jnp

from netwright.backends.jax import layers
from netwright.backends.jax.columns import column_embedding, ft_transformer
from netwright.backends.jax.layers import ACTIVATIONS, norm, squeeze_excite
from netwright.backends.jax.weights import Weights
from netwright.operations import Signature
from netwright.operations.tally import padding

Attrs = Mapping[str, Any]
Layer = Callable[[Weights, Attrs, Array, Signature], Array]


def conv(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    activation = ACTIVATIONS[attrs["activation"]]
    if attrs["preactivation"]:
        x = activation(x)
    pad = padding(attrs["kernel"], attrs["dilation"], attrs["padding"])
    x = layers.conv(w / "conv", x, attrs["stride"], pad, attrs["dilation"], attrs["groups"])
    x = norm(w / "norm", attrs["norm"], x)
    return x if attrs["preactivation"] else activation(x)


def sepconv(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    activation = ACTIVATIONS[attrs["activation"]]
    for index in range(attrs["repeats"]):
        inner = w / str(index)
        if attrs["preactivation"]:
            x = activation(x)
        stride = attrs["stride"] if index == 0 else 1
        x = _depthwise(inner / "depthwise", x, attrs["kernel"], stride, attrs["dilation"])
        x = norm(inner / "norm", attrs["norm"], layers.conv(inner / "pointwise", x))
        if not attrs["preactivation"]:
            x = activation(x)
    return x


def _depthwise(w: Weights, x: Array, kernel: int, stride: int = 1, dilation: int = 1) -> Array:
    return layers.conv(w, x, stride, padding(kernel, dilation, "same"), dilation, x.shape[-1])


def mbconv(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    inner, kind, activation = w / "branch", attrs["norm"], ACTIVATIONS[attrs["activation"]]
    y = x
    if attrs["expansion"] != 1:
        y = activation(norm(inner / "widen_norm", kind, layers.conv(inner / "widen", y)))
    y = _depthwise(inner / "depthwise", y, attrs["kernel"], attrs["stride"])
    y = activation(norm(inner / "depthwise_norm", kind, y))
    if attrs["se"]:
        y = squeeze_excite(inner / "se", y)
    y = norm(inner / "narrow_norm", kind, layers.conv(inner / "narrow", y))
    return x + y if attrs["stride"] == 1 and y.shape == x.shape else y


def resblock(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    kernel = attrs["kernel"]
    return _residual(w, attrs, x, [(kernel, attrs["stride"], 1), (kernel, 1, 1)])


def bottleneck(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    return _residual(w, attrs, x, [(1, 1, 1), (attrs["kernel"], attrs["stride"], attrs["groups"]), (1, 1, 1)])


def _residual(w: Weights, attrs: Attrs, x: Array, convolutions: list[tuple[int, int, int]]) -> Array:
    """A residual block of convolutions (kernel, stride, groups)."""
    kind, before, activation = attrs["norm"], attrs["preactivation"], ACTIVATIONS[attrs["activation"]]
    inner = w / "branch"
    start = activation(norm(w / "first" / "norm", kind, x)) if before else x
    y = start
    for index, (kernel, stride, groups) in enumerate(convolutions, 1):
        if before and index > 1:
            y = activation(norm(inner / f"norm{index}", kind, y))
        y = layers.conv(inner / f"conv{index}", y, stride, padding(kernel, 1, "same"), 1, groups)
        if not before:
            y = norm(inner / f"norm{index}", kind, y)
            y = y if index == len(convolutions) else activation(y)
    if attrs["se"]:
        y = squeeze_excite(inner / "se", y)
    y = y + _shortcut(w / "shortcut", attrs, x, start, y.shape[-1])
    return y if before else activation(y)


def _shortcut(w: Weights, attrs: Attrs, x: Array, start: Array, channels: int) -> Array:
    """x: the block's input; start: after what both ways begin with."""
    stride = attrs["stride"]
    if stride == 1 and x.shape[-1] == channels:
        return x
    if attrs["shortcut"] == "pool" and stride > 1:
        start, stride = layers.avg_pool(start, stride, stride, "same"), 1
    y = layers.conv(w / "conv", start, stride)
    return y if attrs["preactivation"] else norm(w / "norm", attrs["norm"], y)


def convnext(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    stride, same = attrs["stride"], (attrs["channels"] or x.shape[-1]) == x.shape[-1]
    if stride > 1 or not same:
        down = w / "down"
        x = layers.conv(down / "conv", norm(down / "norm", "layer", x), stride)
        w = w / "block"
    inner = w / "branch"
    y = norm(inner / "norm", "layer", _depthwise(inner / "depthwise", x, attrs["kernel"]))
    y = ACTIVATIONS[attrs["activation"]](layers.conv(inner / "widen", y))
    return x + layers.conv(inner / "narrow", y)


def max_pool(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    return layers.max_pool(x, attrs["kernel"], attrs["stride"], attrs["padding"])


def avg_pool(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    return layers.avg_pool(x, attrs["kernel"], attrs["stride"], attrs["padding"])


def channel_split(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    size = x.shape[-1] // attrs["parts"]
    begin = attrs["part"] * size
    if not attrs["others"]:
        return x[..., begin : begin + size]
    return jnp.concatenate([x[..., :begin], x[..., begin + size :]], -1)


def channel_shuffle(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    dealt = x.reshape(*x.shape[:-1], attrs["groups"], -1)
    return dealt.swapaxes(-1, -2).reshape(x.shape)


def flatten(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    return jnp.moveaxis(x, -1, 1).reshape(x.shape[0], -1)


def linear(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    y = norm(w / "norm", attrs["norm"], layers.linear(w / "linear", x))
    return layers.dropout(w, attrs["dropout"], ACTIVATIONS[attrs["activation"]](y))


def tabular_resblock(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    inner = w / "branch"
    y = layers.linear(inner / "widen", norm(inner / "norm", attrs["norm"], x))
    y = layers.dropout(w, attrs["dropout"], ACTIVATIONS[attrs["activation"]](y))
    return x + layers.linear(inner / "narrow", y)


def head(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    return layers.linear(w / "linear", layers.dropout(w, attrs["dropout"], layers.global_pool(attrs["pool"], x)))


OPERATIONS: Mapping[str, Layer] = {
    "conv": conv,
    "sepconv": sepconv,
    "mbconv": mbconv,
    "resblock": resblock,
    "bottleneck": bottleneck,
    "convnext": convnext,
    "squeeze-excite": lambda w, attrs, x, signature: squeeze_excite(w, x),
    "max-pool": max_pool,
    "avg-pool": avg_pool,
    "global-pool": lambda w, attrs, x, signature: layers.global_pool(attrs["kind"], x),
    "channel-split": channel_split,
    "channel-shuffle": channel_shuffle,
    "flatten": flatten,
    "linear": linear,
    "tabular-resblock": tabular_resblock,
    "head": head,
    "column-embedding": column_embedding,
    "ft-transformer": ft_transformer,
    "norm": lambda w, attrs, x, signature: norm(w, attrs["kind"], x),
    "activation": lambda w, attrs, x, signature: ACTIVATIONS[attrs["function"]](x),
    "dropout": lambda w, attrs, x, signature: layers.dropout(w, attrs["rate"], x),
}
