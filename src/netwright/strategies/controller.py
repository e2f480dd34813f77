"""A recurrent controller in numpy: writes an architecture step by step, each conditioned on those before.

    h[t] = tanh(U h[t-1] + e(step[t-1], value[t-1]))        p(value[t]) = softmax(W h[t] + b + prior)

Every value of every step has its own row of e and W and its own b.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from netwright.strategies.steps import Step

FIRST_DECAY, SECOND_DECAY = 0.9, 0.99
"""Of Adam's moments (Kingma & Ba 2015, https://arxiv.org/abs/1412.6980)."""


class Table:
    """Rows of parameters with Adam's moments; each step of the rule touches some of them."""

    def __init__(self, values: np.ndarray) -> None:
        self.values = values
        self.first, self.second = np.zeros_like(values), np.zeros_like(values)

    def extend(self, rows: np.ndarray) -> None:
        self.values = np.concatenate([self.values, rows])
        self.first, self.second = (np.concatenate([old, np.zeros_like(rows)]) for old in (self.first, self.second))

    def climb(self, rows: np.ndarray | slice, gradient: np.ndarray, rate: float) -> None:
        self.first[rows] += (1 - FIRST_DECAY) * (gradient - self.first[rows])
        self.second[rows] += (1 - SECOND_DECAY) * (gradient**2 - self.second[rows])
        self.values[rows] += rate * self.first[rows] / (np.sqrt(self.second[rows]) + 1e-8)


class Controller:
    """hidden: width of the recurrent state; rate: of Adam. Parameters appear when a step is first met: those of the
    output at zero, so that the prior rules, the others small and random, the same in every controller."""

    def __init__(self, hidden: int = 32, rate: float = 0.02) -> None:
        self.hidden, self.rate, self.learnt = hidden, rate, 0
        self.recurrence = Table(self._random("recurrence", hidden))
        self.embedding, self.output = (Table(np.empty((0, hidden))) for _ in range(2))
        self.bias = Table(np.empty(0))
        self._rows: dict[str, slice] = {}

    def start(self) -> np.ndarray:
        """(hidden,) no history."""
        return np.zeros(self.hidden)

    def probabilities(self, step: Step, history: np.ndarray, heat: float = 1.0) -> np.ndarray:
        """(values,) of the step; the hotter, the nearer to the prior."""
        rows = self._rows_of(step)
        logits = (self.output.values[rows] @ history + self.bias.values[rows]) / heat + step.prior
        weights = np.exp(logits - logits.max())
        return np.asarray(weights / weights.sum())

    def advance(self, step: Step, place: int, history: np.ndarray) -> np.ndarray:
        """The history after the step took the value at `place`."""
        embedding = self.embedding.values[self._rows_of(step).start + place]
        return np.asarray(np.tanh(self.recurrence.values @ history + embedding))

    def reinforce(self, path: Sequence[tuple[Step, int]], advantage: float, entropy: float) -> None:
        """One step of Adam up the gradient of advantage * log p(path) + entropy * (entropy of each step on it)."""
        if not path:
            return
        rows, taken, _ = self._layout(path)
        recurrence, embedding, output, bias = self._gradients(path, advantage, entropy)
        self.learnt += 1
        rate = self.rate * math.sqrt(1 - SECOND_DECAY**self.learnt) / (1 - FIRST_DECAY**self.learnt)
        self.recurrence.climb(slice(None), recurrence, rate)
        self.embedding.climb(rows[taken], embedding, rate)
        self.output.climb(rows, output, rate)
        self.bias.climb(rows, bias, rate)

    def _gradients(self, path: Sequence[tuple[Step, int]], advantage: float, entropy: float) -> tuple[np.ndarray, ...]:
        """Of the recurrence (hidden, hidden); of the embeddings taken (steps, hidden); of the outputs (rows, hidden)
        and
        biases (rows,) on the path, by backpropagation through time."""
        rows, taken, owner = self._layout(path)
        starts = np.searchsorted(owner, np.arange(len(path)))
        histories = [self.start()]
        for step, place in path:
            histories.append(self.advance(step, place, histories[-1]))
        before, after = np.array(histories[:-1]), np.array(histories[1:])
        prior = np.concatenate([step.prior for step, _ in path])
        logits = (self.output.values[rows] * before[owner]).sum(1) + self.bias.values[rows] + prior
        logits -= np.maximum.reduceat(logits, starts)[owner]
        logs = logits - np.log(np.add.reduceat(np.exp(logits), starts))[owner]
        chance = np.exp(logs)
        spread = np.add.reduceat(chance * logs, starts)[owner]
        upward = -advantage * chance - entropy * chance * (logs - spread)
        upward[taken] += advantage
        to_history = np.add.reduceat(upward[:, None] * self.output.values[rows], starts)
        inner, flow = np.empty_like(after), self.start()
        for time in range(len(path) - 1, -1, -1):
            inner[time] = flow * (1 - after[time] ** 2)
            flow = self.recurrence.values.T @ inner[time] + to_history[time]
        return inner.T @ before, inner, upward[:, None] * before[owner], upward

    def _layout(self, path: Sequence[tuple[Step, int]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """All rows of the path's steps, one after the other; where among them the rows taken are; each row's step."""
        spans = [self._rows_of(step) for step, _ in path]
        counts = np.array([span.stop - span.start for span in spans])
        rows = np.concatenate([np.arange(span.start, span.stop) for span in spans])
        taken = np.cumsum(counts) - counts + np.array([place for _, place in path])
        return rows, taken, np.repeat(np.arange(len(path)), counts)

    def _rows_of(self, step: Step) -> slice:
        rows = self._rows.get(step.name)
        if rows is None:
            count, start = len(step.prior), len(self.bias.values)
            rows = self._rows[step.name] = slice(start, start + count)
            self.embedding.extend(self._random(step.name, count))
            self.output.extend(np.zeros((count, self.hidden)))
            self.bias.extend(np.zeros(count))
        return rows

    def _random(self, name: str, count: int) -> np.ndarray:
        rng = np.random.default_rng(list(name.encode()))
        return rng.normal(0, 1 / math.sqrt(self.hidden), (count, self.hidden))
