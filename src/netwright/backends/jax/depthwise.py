"""Depthwise convolution as sums of shifted products, with gradients of its own.

XLA's own takes 5 to 10 times as long on a CPU, and its gradients more. The gradient of the weights goes through the
examples one by one: what is added up then stays in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import jax
from jax import Array, lax
from jax import numpy as jnp


@partial(jax.custom_vjp, nondiff_argnums=(2, 3))
def depthwise(x: Array, weight: Array, stride: int, dilation: int) -> Array:
    """(B, H, W, C), weight (C, h, w) -> (B, H', W', C). Nothing is padded."""
    kernel = weight.shape[1:]
    parts = (view * weight[:, row, column] for row, column, view in _views(x, kernel, stride, dilation))
    first = next(parts)
    return sum(parts, first)


def _views(x: Array, kernel: tuple[int, ...], stride: int, dilation: int) -> Iterator[tuple[int, int, Array]]:
    """What each place (row, column) of the kernel sees of an image (..., H, W, C)."""
    high, wide = (x.shape[axis - 3] - dilation * (kernel[axis] - 1) for axis in (0, 1))
    for row in range(kernel[0]):
        for column in range(kernel[1]):
            down, right = row * dilation, column * dilation
            yield row, column, x[..., down : down + high : stride, right : right + wide : stride, :]


def _forth(x: Array, weight: Array, stride: int, dilation: int) -> tuple[Array, tuple[Array, Array]]:
    return depthwise(x, weight, stride, dilation), (x, weight)


def _back(stride: int, dilation: int, seen: tuple[Array, Array], gradient: Array) -> tuple[Array, Array]:
    """Of the image: the mirrored kernel over the gradient, with zeros where the stride left places out."""
    x, weight = seen
    kernel = weight.shape[1:]
    sides = [
        (dilation * (kernel[axis] - 1), x.shape[axis + 1] - 1 - (gradient.shape[axis + 1] - 1) * stride, stride - 1)
        for axis in (0, 1)
    ]
    spread = lax.pad(gradient, jnp.zeros((), gradient.dtype), [(0, 0, 0), *sides, (0, 0, 0)])
    of_image = depthwise(spread, weight[:, ::-1, ::-1], 1, dilation)

    def add(total: Array, one: tuple[Array, Array]) -> tuple[Array, None]:
        image, change = one
        sums = [(view * change).sum((0, 1)) for _, _, view in _views(image, kernel, stride, dilation)]
        return total + jnp.stack(sums, -1), None

    start = jnp.zeros((weight.shape[0], kernel[0] * kernel[1]), weight.dtype)
    of_weight, _ = lax.scan(add, start, (x, gradient))
    return of_image, of_weight.reshape(weight.shape)


depthwise.defvjp(_forth, _back)
