"""A controller in numpy: writes an architecture step by step.

    h[t] = tanh(U h[t-1] + e(step[t-1], value[t-1]))        p(value[t]) = softmax(W h[t] + b + prior)

Every value of every step has its own row of e and W and its own b. Autoregressive: each step is conditioned on those
before. Factorised: no history, h has no entries, and p(value[t]) = softmax(b + prior).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from netwright.strategies.steps import Step
from netwright.strategies.writing import Batch, Writing

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


@dataclass(frozen=True)
class Reading:
    """A batch as the controller finds it: histories before and after each step (paths, steps, hidden), padded; the
    logarithms of the probabilities of all values, row by row."""

    batch: Batch
    before: np.ndarray
    after: np.ndarray
    logs: np.ndarray

    @property
    def taken(self) -> np.ndarray:
        """(steps of all paths,) logarithms of the probabilities of what was taken."""
        return np.asarray(self.logs[self.batch.taken])


class Controller:
    """hidden: width of the recurrent state, 0 for a factorised controller; rate: of Adam. Parameters appear when a step
    is first met: those of the output at zero, so that the prior rules, the others small and random, the same in every
    controller."""

    def __init__(self, hidden: int, rate: float) -> None:
        self.hidden, self.rate, self.learnt = hidden, rate, 0
        self.recurrence = Table(self._random("recurrence", hidden))
        self.embedding, self.output = (Table(np.empty((0, hidden))) for _ in range(2))
        self.bias = Table(np.empty(0))
        self._rows: dict[str, slice] = {}

    def start(self) -> np.ndarray:
        """(hidden,) no history."""
        return np.zeros(self.hidden)

    def probabilities(self, step: Step, history: np.ndarray, heat: float = 1.0) -> list[float]:
        """Of the step's values; the hotter, the nearer to the prior."""
        rows = self._rows_of(step)
        logits = self.bias.values[rows]
        if self.hidden:
            logits = self.output.values[rows] @ history + logits
        scaled = (logits / heat + step.prior).tolist()
        most = max(scaled)
        weights = [math.exp(logit - most) for logit in scaled]
        total = sum(weights)
        return [weight / total for weight in weights]

    def advance(self, step: Step, place: int, history: np.ndarray) -> np.ndarray:
        """The history after the step took the value at `place`."""
        if not self.hidden:
            return history
        embedding = self.embedding.values[self._rows_of(step).start + place]
        return np.asarray(np.tanh(self.recurrence.values @ history + embedding))

    def write(self, path: Sequence[tuple[Step, int]]) -> Writing:
        """A path of at least one step in the controller's rows."""
        spans = [self._rows_of(step) for step, _ in path]
        return Writing(
            rows=np.concatenate([np.arange(span.start, span.stop) for span in spans]),
            prior=np.concatenate([step.prior for step, _ in path]),
            counts=np.array([span.stop - span.start for span in spans]),
            places=np.array([place for _, place in path]),
        )

    def read(self, batch: Batch) -> Reading:
        """What the controller makes of a batch as it is now."""
        before = np.zeros((*batch.shape, self.hidden))
        after = np.zeros_like(before)
        logits = self.bias.values[batch.rows] + batch.prior
        if self.hidden:
            self._remember(batch, before, after)
            logits += np.einsum("rh,rh->r", self.output.values[batch.rows], before[batch.inside][batch.owner])
        logits -= np.maximum.reduceat(logits, batch.starts)[batch.owner]
        return Reading(batch, before, after, logits - np.log(batch.sums(np.exp(logits)))[batch.owner])

    def climb(self, reading: Reading, pulls: np.ndarray, entropy: float) -> None:
        """One step of Adam up the gradient of the mean over the paths of the sum over their steps of
        pull * log p(what was taken) + entropy * (entropy of the step). pulls: (steps of all paths,)."""
        touched, (recurrence, embedding, output, bias) = self.gradients(reading, pulls, entropy)
        self.learnt += 1
        rate = self.rate * math.sqrt(1 - SECOND_DECAY**self.learnt) / (1 - FIRST_DECAY**self.learnt)
        self.bias.climb(touched, bias, rate)
        if self.hidden:
            self.recurrence.climb(slice(None), recurrence, rate)
            self.embedding.climb(touched, embedding, rate)
            self.output.climb(touched, output, rate)

    def gradients(
        self, reading: Reading, pulls: np.ndarray, entropy: float
    ) -> tuple[np.ndarray, tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]]:
        """The rows touched; the gradients of the recurrence (hidden, hidden), and of the embeddings, outputs (touched,
        hidden) and biases (touched,)."""
        batch, chance = reading.batch, np.exp(reading.logs)
        pulls = pulls / batch.shape[0]
        spread = batch.sums(chance * reading.logs)
        weight = entropy / batch.shape[0]
        upward = -chance * (pulls[batch.owner] + weight * (reading.logs - spread[batch.owner]))
        upward[batch.taken] += pulls
        touched, which = batch.touched
        bias = np.bincount(which, upward, len(touched))
        if not self.hidden:
            nothing = np.empty((len(touched), 0))
            return touched, (np.empty((0, 0)), nothing, nothing, bias)
        before = reading.before[batch.inside]
        output = batch.gathered(upward[:, None] * before[batch.owner])
        inner = self._backwards(reading, batch.sums(upward[:, None] * self.output.values[batch.rows]))[batch.inside]
        embedding = np.zeros_like(output)
        np.add.at(embedding, which[batch.taken], inner)
        return touched, (inner.T @ before, embedding, output, bias)

    def _remember(self, batch: Batch, before: np.ndarray, after: np.ndarray) -> None:
        """Fills in the histories before and after each step of each path."""
        embedded = np.zeros_like(before)
        embedded[batch.inside] = self.embedding.values[batch.rows[batch.taken]]
        for time in range(batch.shape[1]):
            if time:
                before[:, time] = after[:, time - 1]
            after[:, time] = np.tanh(before[:, time] @ self.recurrence.values.T + embedded[:, time])

    def _backwards(self, reading: Reading, to_history: np.ndarray) -> np.ndarray:
        """(paths, steps, hidden) the gradient inside the tanh of each step, by backpropagation through time.
        to_history: (steps of all paths, hidden) what each step's output pulls at the history before it."""
        pulled = np.zeros_like(reading.after)
        pulled[reading.batch.inside] = to_history
        inner, flow = np.empty_like(pulled), np.zeros_like(pulled[:, 0])
        slope = 1 - reading.after**2
        for time in range(reading.batch.shape[1] - 1, -1, -1):
            inner[:, time] = flow * slope[:, time]
            flow = inner[:, time] @ self.recurrence.values + pulled[:, time]
        return inner

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
        return rng.normal(0, 1 / math.sqrt(max(1, self.hidden)), (count, self.hidden))
