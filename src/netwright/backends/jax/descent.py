"""One step of training as one compiled program."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import numpy as np
import optax
from jax import Array
from jax import numpy as jnp

from netwright.backends.jax.model import Tree, learnt
from netwright.backends.jax.network import Network
from netwright.backends.torch.recipe import Recipe
from netwright.operations import Signature
from netwright.space import OpGraph

KEPT = 8
"""Compiled programs that a process keeps at hand: one network is trained several times, at several lengths."""


class State(NamedTuple):
    """Everything that a step changes. average: of the weights and the running statistics, {} where none is wanted."""

    weights: Tree
    statistics: Tree
    optimizer: Any
    average: Tree


@dataclass(frozen=True)
class Rules:
    """What of a recipe is part of the program."""

    optimizer: str
    weight_decay: float
    momentum: float
    label_smoothing: float
    average: float

    @classmethod
    def of(cls, recipe: Recipe) -> Rules:
        return cls(recipe.optimizer, recipe.weight_decay, recipe.momentum, recipe.label_smoothing, recipe.average)

    def transformation(self) -> optax.GradientTransformation:
        """What makes a direction of a gradient; matrices alone decay, AdamW's beside its direction."""
        decay = optax.add_decayed_weights(self.weight_decay, _matrices)
        if self.optimizer == "adamw":
            return optax.chain(optax.scale_by_adam(), decay)
        return optax.chain(decay, optax.trace(self.momentum, nesterov=True))


def _matrices(weights: Tree) -> dict[str, bool]:
    return {name: weight.ndim > 1 for name, weight in weights.items()}


class Descent:
    """A compiled step of a network's training on batches of one size. seconds: that compiling took."""

    def __init__(
        self, network: Network, signature: Signature, rules: Rules, x: np.ndarray, y: np.ndarray, state: State
    ) -> None:
        self.network, self.kind, self.rules = network, signature.kind, rules
        self.transformation = rules.transformation()
        began = time.monotonic()
        number, rate = np.int32(0), np.float32(0.0)
        self.run = jax.jit(self._step, donate_argnums=0).lower(state, x, y, rate, number, number).compile()
        self.seconds = time.monotonic() - began

    def _step(self, state: State, x: Array, y: Array, rate: Array, number: Array, seed: Array) -> tuple[State, Array]:
        """number: of the step, from 0; it and the seed say what is dropped at random."""
        key = jax.random.fold_in(jax.random.key(seed), number)
        rules = self.rules
        (loss, statistics), gradients = learnt(
            self.network, self.kind, state.weights, state.statistics, (x, y), rules.label_smoothing, key
        )
        directions, optimizer = self.transformation.update(gradients, state.optimizer, state.weights)
        weights = {name: weight - rate * directions[name] for name, weight in state.weights.items()}
        average = self._averaged(state.average, {**weights, **statistics}, number + 1)
        return State(weights, statistics, optimizer, average), loss

    def _averaged(self, average: Tree, now: Tree, steps: Array) -> Tree:
        """The moving average after so many steps, of which the first count less."""
        share = 1 - jnp.minimum(self.rules.average, steps / (steps + 10))
        return {name: mean + share * (now[name] - mean) for name, mean in average.items()}


def begin(weights: Tree, statistics: Tree, rules: Rules) -> State:
    """The state before the first step."""
    average = {name: jnp.array(value) for name, value in {**weights, **statistics}.items()} if rules.average else {}
    return State(weights, statistics, rules.transformation().init(weights), average)


_COMPILED: OrderedDict[Any, Descent] = OrderedDict()


def compiled(graph: OpGraph, signature: Signature, rules: Rules, x: np.ndarray, y: np.ndarray, state: State) -> Descent:
    """The step for a graph on batches like x and y, compiled where it was not before in this process."""
    key = (repr(graph), signature, rules, x.shape, str(y.dtype))
    if key not in _COMPILED:
        _COMPILED[key] = Descent(Network(graph, signature), signature, rules, x, y, state)
        if len(_COMPILED) > KEPT:
            _COMPILED.popitem(last=False)
    _COMPILED.move_to_end(key)
    return _COMPILED[key]
