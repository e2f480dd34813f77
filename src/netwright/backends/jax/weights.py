"""What a layer sees of a network's weights while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import jax
from jax import Array


@dataclass
class Pass:
    """One way through a network. weights: weights and running statistics by their names; training: norms go by the
    batch, and leave their statistics in `changed`; key: of what is dropped at random, None: nothing is."""

    weights: Mapping[str, Array]
    training: bool = False
    key: Array | None = None
    changed: dict[str, Array] = field(default_factory=dict)

    def random(self) -> Array | None:
        """A key that was not given out before."""
        if self.key is None:
            return None
        one: Array
        self.key, one = jax.random.split(self.key)
        return one


@dataclass(frozen=True)
class Weights:
    """Those of one layer: whose names begin with `path`."""

    all: Pass
    path: str

    def __getitem__(self, name: str) -> Array:
        return self.all.weights[self.path + name]

    def get(self, name: str) -> Array | None:
        return self.all.weights.get(self.path + name)

    def __truediv__(self, part: str) -> Weights:
        """Those of a layer inside."""
        return Weights(self.all, f"{self.path}{part}.")

    def change(self, name: str, value: Array) -> None:
        """Says what a running statistic is after this pass."""
        self.all.changed[self.path + name] = value
