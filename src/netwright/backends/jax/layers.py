"""The layers that operations are made of, as functions of weights. Channels come last: (B, H, W, C), (B, F); weights
are as torch has them, (out, in / groups, H, W)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax
import numpy as np
from jax import Array, lax
from jax import numpy as jnp

from netwright.backends.jax.depthwise import depthwise
from netwright.backends.jax.weights import Weights

EPSILON, MOMENTUM = 1e-5, 0.1
"""Of norms: what is added to the variance; what a batch counts in the running statistics."""


def conv(w: Weights, x: Array, stride: int = 1, pad: int = 0, dilation: int = 1, groups: int = 1) -> Array:
    """(B, H, W, C) -> (B, H', W', C'). pad: zeros on each side."""
    weight, bias = w["weight"], w.get("bias")
    if weight.shape[2:] == (1, 1) and groups == 1 and pad == 0:
        y = x[:, ::stride, ::stride] @ weight[:, :, 0, 0].T
    elif groups == x.shape[-1] == weight.shape[0]:
        y = depthwise(_padded(x, [(pad, pad)] * 2), weight[:, 0], stride, dilation)
    else:
        y = lax.conv_general_dilated(
            x,
            weight,
            (stride, stride),
            [(pad, pad)] * 2,
            rhs_dilation=(dilation, dilation),
            dimension_numbers=("NHWC", "OIHW", "NHWC"),
            feature_group_count=groups,
        )
    return y if bias is None else y + bias


def _padded(x: Array, sides: list[tuple[int, int]], value: float = 0.0) -> Array:
    """Rows and columns around an image; sides: before and after, of each axis."""
    if not any(size for side in sides for size in side):
        return x
    return jnp.pad(x, [(0, 0), *sides, (0, 0)], constant_values=value)


def linear(w: Weights, x: Array) -> Array:
    """(B, F) -> (B, F')."""
    return x @ w["weight"].T + w["bias"]


def norm(w: Weights, kind: str, x: Array) -> Array:
    """By batch or by layer (the channels of each position), or not at all. (..., C) -> the same."""
    if kind == "none":
        return x
    mean, variance = _batch(w, x) if kind == "batch" else (x.mean(-1, keepdims=True), x.var(-1, keepdims=True))
    return (x - mean) * (lax.rsqrt(variance + EPSILON) * w["weight"]) + w["bias"]


def _batch(w: Weights, x: Array) -> tuple[Array, Array]:
    """Mean and variance of each channel: of the batch in training, which the running ones follow, else these."""
    if not w.all.training:
        return w["running_mean"], w["running_var"]
    axes = tuple(range(x.ndim - 1))
    mean, variance = x.mean(axes), x.var(axes)
    count = x.size // x.shape[-1]
    w.change("running_mean", (1 - MOMENTUM) * w["running_mean"] + MOMENTUM * mean)
    w.change("running_var", (1 - MOMENTUM) * w["running_var"] + MOMENTUM * variance * count / max(1, count - 1))
    return mean, variance


def dropout(w: Weights, rate: float, x: Array) -> Array:
    """Zeros in the place of that share of the elements, in training."""
    key = w.all.random() if rate else None
    if key is None:
        return x
    kept = jax.random.bernoulli(key, 1 - rate, x.shape)
    return jnp.where(kept, x / (1 - rate), 0.0)


def global_pool(kind: str, x: Array) -> Array:
    """(B, H, W, C) -> (B, C); vectors pass as they are."""
    places = tuple(range(1, x.ndim - 1))
    if not places:
        return x
    return x.mean(places) if kind == "avg" else x.max(places)


def squeeze_excite(w: Weights, x: Array) -> Array:
    """Scales channels by a gate in (0, 1) that sees the mean of all of them. (B, H, W, C) -> the same."""
    mean = global_pool("avg", x)
    narrow = jax.nn.relu(mean @ w["narrow.weight"][:, :, 0, 0].T + w["narrow.bias"])
    gate = jax.nn.sigmoid(narrow @ w["widen.weight"][:, :, 0, 0].T + w["widen.bias"])
    return x * gate[:, None, None]


def max_pool(x: Array, kernel: int, stride: int, mode: str) -> Array:
    """The largest value of each window; see `netwright.operations.pooling`."""
    sides = [_sides(size, kernel, stride, mode) for size in x.shape[1:3]]
    window, steps = (1, kernel, kernel, 1), (1, stride, stride, 1)
    found: Array = lax.reduce_window(x, -math.inf, lax.max, window, steps, [(0, 0), *sides, (0, 0)])
    return found


def avg_pool(x: Array, kernel: int, stride: int, mode: str) -> Array:
    """The mean of each window, of the places that are there: along one axis, then the other."""
    for axis in (1, 2):
        sides = _sides(x.shape[axis], kernel, stride, mode)
        there = np.pad(np.ones(x.shape[axis], np.float32), sides)
        counts = np.asarray(_sums(there, 0, kernel, stride)).reshape(-1, *[1] * (3 - axis))
        around = [sides, (0, 0)] if axis == 1 else [(0, 0), sides]
        x = _sums(_padded(x, around), axis, kernel, stride) / counts
    return x


def _sums(x: Any, axis: int, kernel: int, stride: int) -> Any:
    """Of each window along an axis."""
    span = x.shape[axis] - kernel + 1
    ahead = (slice(None),) * axis
    first, *rest = (x[(*ahead, slice(place, place + span, stride))] for place in range(kernel))
    return sum(rest, first)


def _sides(size: int, kernel: int, stride: int, mode: str) -> tuple[int, int]:
    """Places before and after an axis that windows reach: with "same" half of an odd kernel on both sides, and none of
    an even one, whose last window may reach beyond the end but begins before it."""
    if mode == "valid":
        return 0, 0
    if kernel % 2:
        return kernel // 2, kernel // 2
    last = -((kernel - size) // stride) * stride
    last = last - stride if last >= size else last
    return 0, max(0, last + kernel - size)


ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "none": lambda x: x,
    "relu": jax.nn.relu,
    "relu6": jax.nn.relu6,
    "leaky-relu": lambda x: jax.nn.leaky_relu(x, 0.01),
    "elu": jax.nn.elu,
    "selu": jax.nn.selu,
    "gelu": lambda x: jax.nn.gelu(x, approximate=False),
    "silu": jax.nn.silu,
    "mish": jax.nn.mish,
    "hardswish": jax.nn.hard_swish,
    "tanh": jnp.tanh,
    "sigmoid": jax.nn.sigmoid,
}
