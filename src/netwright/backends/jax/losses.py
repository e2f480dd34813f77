"""The losses that networks are trained by, one for each kind of signature: those of the torch backend."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import jax
from jax import Array
from jax import numpy as jnp

Loss = Callable[[Array, Array, float], Array]


def squared(answers: Array, y: Array, smoothing: float) -> Array:
    """Mean squared error. answers: (B, 1); y: (B,)."""
    return jnp.square(answers[:, 0] - y).mean()


def cross_entropy(answers: Array, y: Array, smoothing: float) -> Array:
    """With label smoothing. answers: (B, K) logits; y: (B,) classes."""
    shares = jax.nn.log_softmax(answers)
    told = jnp.take_along_axis(shares, y[:, None], 1).mean()
    return -(1 - smoothing) * told - smoothing * shares.mean()


LOSSES: Mapping[str, Loss] = {"classification": cross_entropy, "regression": squared}
