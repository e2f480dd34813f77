"""A recurrent controller in numpy: writes an architecture decision by decision, each conditioned on those before.

h[t] = tanh(U h[t-1] + e(decision[t-1], value[t-1])); p(value[t]) = softmax(W h[t] + b), with W, b and e of the decision's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from netwright.space import Decision, Value

BINS = 8
"""Values that a real, or a whole number or subset with very many values, is reduced to."""
MOST_VALUES = 64


@dataclass
class Controller:
    """hidden: width of the recurrent state; rate: of Adam (Kingma & Ba 2015). Weights appear when first needed."""

    hidden: int = 32
    rate: float = 0.03
    weights: dict[str, np.ndarray] = field(default_factory=dict)
    moments: dict[str, tuple[np.ndarray, np.ndarray]] = field(default_factory=dict)
    steps: int = 0

    def start(self) -> np.ndarray:
        return np.zeros(self.hidden)

    def probabilities(self, decision: Decision, state: np.ndarray) -> np.ndarray:
        """(values,) of the decision, given the history in `state` (hidden,)."""
        count = len(domain(decision))
        logits = self._get(f"W {decision.name}", (count, self.hidden)) @ state + self._get(f"b {decision.name}", (count,))
        weights = np.exp(logits - logits.max())
        return np.asarray(weights / weights.sum())

    def advance(self, decision: Decision, place: int, state: np.ndarray) -> np.ndarray:
        """The history after the decision took the value at `place`."""
        embedding = self._get(f"e {decision.name}", (len(domain(decision)), self.hidden))[place]
        return np.asarray(np.tanh(self._get("U", (self.hidden, self.hidden)) @ state + embedding))

    def reinforce(self, path: list[tuple[Decision, int]], advantage: float, entropy: float) -> None:
        """One step up the gradient of advantage * log p(path) + entropy * (entropy of each decision on it)."""
        states, chances = [self.start()], []
        for decision, place in path:
            chances.append(self.probabilities(decision, states[-1]))
            states.append(self.advance(decision, place, states[-1]))
        gradients: dict[str, np.ndarray] = {}
        flow = np.zeros(self.hidden)
        for (decision, place), chance, before, after in zip(
            reversed(path), reversed(chances), reversed(states[:-1]), reversed(states[1:]), strict=True
        ):
            inner = flow * (1 - after**2)
            _add(gradients, f"e {decision.name}", _row(inner, place, len(chance)))
            _add(gradients, "U", np.outer(inner, before))
            logits = advantage * (_one_hot(place, len(chance)) - chance) + entropy * _entropy_gradient(chance)
            _add(gradients, f"W {decision.name}", np.outer(logits, before))
            _add(gradients, f"b {decision.name}", logits)
            flow = self.weights["U"].T @ inner + self.weights[f"W {decision.name}"].T @ logits
        self._climb(gradients)

    def _climb(self, gradients: Mapping[str, np.ndarray]) -> None:
        self.steps += 1
        for name, gradient in gradients.items():
            first, second = self.moments.get(name, (np.zeros_like(gradient), np.zeros_like(gradient)))
            first, second = 0.9 * first + 0.1 * gradient, 0.99 * second + 0.01 * gradient**2
            self.moments[name] = first, second
            scale = math.sqrt(1 - 0.99**self.steps) / (1 - 0.9**self.steps)
            self.weights[name] = self.weights[name] + self.rate * scale * first / (np.sqrt(second) + 1e-8)

    def _get(self, name: str, shape: tuple[int, ...]) -> np.ndarray:
        """The weights of that name: output layers begin at zero (a uniform policy), the others small and random,
        the same in every controller."""
        if name not in self.weights:
            kind = name.split(" ", 1)[0]
            if kind in ("W", "b"):
                self.weights[name] = np.zeros(shape)
            else:
                rng = np.random.default_rng(list(name.encode()))
                self.weights[name] = rng.normal(0, 1 / math.sqrt(self.hidden), shape)
        return self.weights[name]


def domain(decision: Decision) -> tuple[Value, ...]:
    """The values that the controller chooses from: all of them, or a few spread evenly over a large domain."""
    if decision.kind == "real":
        return tuple(decision.at((place + 0.5) / BINS) for place in range(BINS))
    if decision.cardinality <= MOST_VALUES:
        return tuple(decision.values())
    if decision.kind == "integer":
        steps = np.linspace(0, decision.cardinality - 1, BINS).round().astype(int)
        return tuple(int(decision.lo) + decision.step * int(step) for step in steps)
    rng = np.random.default_rng(list(decision.name.encode()))
    return tuple(dict.fromkeys(decision.sample(rng) for _ in range(BINS)))


def nearest(decision: Decision, value: Value) -> int:
    """The place in the domain of the value, or of the one closest to it."""
    choices = domain(decision)
    if value in choices:
        return choices.index(value)
    if decision.kind in ("real", "integer"):
        return min(range(len(choices)), key=lambda place: abs(decision.unit(choices[place]) - decision.unit(value)))
    wanted = set(value) if isinstance(value, tuple) else {value}
    return max(range(len(choices)), key=lambda place: len(wanted & set(choices[place])))  # type: ignore[arg-type]


def _add(gradients: dict[str, np.ndarray], name: str, gradient: np.ndarray) -> None:
    gradients[name] = gradients[name] + gradient if name in gradients else gradient


def _row(row: np.ndarray, place: int, count: int) -> np.ndarray:
    rows = np.zeros((count, len(row)))
    rows[place] = row
    return rows


def _one_hot(place: int, count: int) -> np.ndarray:
    vector = np.zeros(count)
    vector[place] = 1
    return vector


def _entropy_gradient(chance: np.ndarray) -> np.ndarray:
    """Of the entropy, by the logits."""
    logs = np.log(np.maximum(chance, 1e-12))
    return np.asarray(-chance * (logs - (chance * logs).sum()))
