"""Layers that know the columns of a table; see `netwright.operations.columns`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np
from jax import Array
from jax import numpy as jnp

from netwright.backends.jax.layers import dropout, linear, norm
from netwright.backends.jax.weights import Weights
from netwright.operations import Signature
from netwright.operations.columns import Layout, layout

Attrs = Mapping[str, Any]


def column_embedding(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    """(B, F) -> (B, columns * width)."""
    found = _vectors(w / "embedding", attrs["embedding"], x, layout(x.shape[1:], signature))
    return found.reshape(x.shape[0], -1)


def ft_transformer(w: Weights, attrs: Attrs, x: Array, signature: Signature) -> Array:
    """(B, F) -> (B, width): what the token for the answer has gathered."""
    columns = _vectors(w / "embedding", attrs["embedding"], x, layout(x.shape[1:], signature))
    answer = jnp.broadcast_to(w["answer"], (x.shape[0], 1, columns.shape[-1]))
    tokens = jnp.concatenate([columns, answer], 1)
    for index in range(attrs["layers"]):
        looking, inner = w / "attention" / str(index), w / "forwards" / str(index)
        heads, rate = attrs["heads"], attrs["dropout"]
        tokens = tokens + _attention(looking / "attention", heads, rate, norm(looking / "norm", "layer", tokens))
        tokens = tokens + _gated(inner / "forward_", rate, norm(inner / "norm", "layer", tokens))
    return jax.nn.relu(norm(w / "norm", "layer", tokens[:, -1]))


def _vectors(w: Weights, kind: str, x: Array, where: Layout) -> Array:
    """(B, F) -> (B, columns, width), first the numbers, then the categories."""
    parts = []
    if where.numbers:
        parts.append(_of_numbers(w, kind, x[:, np.array(where.numbers)]))
    row = 0
    for start, wide in where.categories:
        vectors = w["categories"][row : row + wide]
        parts.append((x[:, start : start + wide] @ vectors)[:, None])
        row += wide
    found = jnp.concatenate(parts, 1) + w["bias"]
    return found if kind == "linear" else jax.nn.relu(found)


def _of_numbers(w: Weights, kind: str, x: Array) -> Array:
    """(B, N) -> (B, N, width)."""
    if kind != "periodic":
        return x[:, :, None] * w["weight"][:, 0]
    angles = 2 * math.pi * x[:, :, None] * w["waves"]
    return jnp.einsum("bni,niw->bnw", jnp.concatenate([jnp.cos(angles), jnp.sin(angles)], 2), w["weight"])


def _attention(w: Weights, heads: int, rate: float, x: Array) -> Array:
    """Every token looks at all. (B, T, D) -> the same."""
    query, key, value = (linear(w / name, x).reshape(*x.shape[:2], heads, -1) for name in ("query", "key", "value"))
    scores = jnp.einsum("bihd,bjhd->bhij", query, key) / math.sqrt(query.shape[-1])
    shares = dropout(w, rate, jax.nn.softmax(scores, -1))
    return linear(w / "out", jnp.einsum("bhij,bjhd->bihd", shares, value).reshape(x.shape))


def _gated(w: Weights, rate: float, x: Array) -> Array:
    """Widen to two halves of which one gates the other, narrow (Shazeer 2020, https://arxiv.org/abs/2002.05202)."""
    value, gate = jnp.split(linear(w / "widen", x), 2, -1)
    return linear(w / "narrow", dropout(w, rate, value * jax.nn.relu(gate)))
