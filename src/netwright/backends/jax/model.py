"""A network of JAX as functions of arrays, and what a batch says of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import jax
import numpy as np
from jax import Array
from jax import numpy as jnp
from jax.typing import ArrayLike

from netwright.backends.base import Arrays, Gradients
from netwright.backends.jax.losses import LOSSES
from netwright.backends.jax.network import Network
from netwright.backends.jax.weights import Pass
from netwright.backends.torch.build import build
from netwright.backends.torch.model import arrays
from netwright.operations import Shape, Signature
from netwright.space import OpGraph

Tree = dict[str, Array]
STATISTICS = ("running_mean", "running_var")
"""The last part of the names of what is not trained."""


def parted(weights: Mapping[str, ArrayLike]) -> tuple[Tree, Tree]:
    """Copies of the weights that are trained, and of the running statistics; what counts steps is left out."""
    copies = {name: jnp.array(value) for name, value in weights.items() if np.asarray(value).dtype.kind == "f"}
    statistics = {name: value for name, value in copies.items() if name.endswith(STATISTICS)}
    return {name: value for name, value in copies.items() if name not in statistics}, statistics


def learnt(
    network: Network,
    kind: str,
    weights: Tree,
    statistics: Tree,
    batch: tuple[Array, Array],
    smoothing: float,
    key: Array | None,
) -> tuple[tuple[Array, Tree], Tree]:
    """Of a batch (x, y): its loss, the running statistics after it, and the gradients of the weights.

    kind: of the signature; key: of what is dropped at random, None: nothing is.
    """

    def loss(weights: Tree) -> tuple[Array, Tree]:
        through = Pass({**weights, **statistics}, training=True, key=key)
        answers = network(through, batch[0])
        return LOSSES[kind](answers, batch[1], smoothing), {**statistics, **through.changed}

    found: tuple[tuple[Array, Tree], Tree] = jax.value_and_grad(loss, has_aux=True)(weights)
    return found


class JaxModel:
    """See `netwright.backends.Model`."""

    def __init__(self, graph: OpGraph, signature: Signature) -> None:
        self.graph, self.signature = graph, signature
        self.network = Network(graph, signature)
        self._run = jax.jit(lambda weights, x: self.network(Pass(weights), jnp.moveaxis(x, 1, -1)))
        self._learnt = jax.jit(self._gradients)

    @cached_property
    def shapes(self) -> Mapping[str, Shape]:
        """Those of the weights that a pass asks for."""
        weights = _Asked(arrays(build(self.graph, self.signature, seed=0)))
        x = np.zeros((2, *self.signature.inputs[1:], self.signature.inputs[0]), np.float32)
        jax.eval_shape(lambda x: self.network(Pass(weights), x), x)
        asked = sorted(weights.asked)
        return {name: weights[name].shape for name in asked if not name.endswith(STATISTICS)}

    def answers(self, weights: Arrays, x: np.ndarray) -> np.ndarray:
        others, statistics = parted(weights)
        return np.asarray(self._run({**others, **statistics}, x))

    def gradients(self, weights: Arrays, x: np.ndarray, y: np.ndarray, smoothing: float = 0.0) -> Gradients:
        (loss, statistics), found = self._learnt(*parted(weights), (np.moveaxis(x, 1, -1), y), smoothing)
        return Gradients(float(loss), _plain(found), _plain(statistics))

    def _gradients(
        self, weights: Tree, statistics: Tree, batch: tuple[Array, Array], smoothing: float
    ) -> tuple[tuple[Array, Tree], Tree]:
        return learnt(self.network, self.signature.kind, weights, statistics, batch, smoothing, None)


def _plain(tree: Tree) -> dict[str, np.ndarray]:
    return {name: np.asarray(value) for name, value in tree.items()}


class _Asked(dict[str, Array]):
    """Weights that note which of them are asked for."""

    def __init__(self, weights: Arrays) -> None:
        super().__init__({name: jnp.asarray(value) for name, value in weights.items()})
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> Array:
        self.asked.add(name)
        return super().__getitem__(name)

    def get(self, name: str, default: object = None) -> Array | None:  # type: ignore[override]
        return self[name] if name in self else None  # noqa: SIM401
