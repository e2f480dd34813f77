"""An ensemble of small neural networks: where they disagree, they do not know (Lakshminarayanan et al. 2017, "Deep
Ensembles", https://arxiv.org/abs/1612.01474)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
MEMBERS, WIDTH = 5, 24
STEPS, RATE, DECAY = 120, 0.02, 1e-3
"""Of Adam on all data at once, and the weight decay beside it."""
FIRST_DECAY, SECOND_DECAY = 0.9, 0.99


class Ensemble:
    """Fitted to x (N, width) and y (N, outputs): five networks with one hidden layer beside a linear one, each from its
    own start and on its own bootstrap sample.

    >>> x = np.linspace(-1, 1, 40)[:, None]
    >>> mean, doubt = Ensemble(x, x).predict(np.array([[0.5], [3.0]]))
    >>> bool(abs(mean[0, 0] - 0.5) < 0.2), bool(doubt[1, 0] > doubt[0, 0])
    (True, True)
    """

    def __init__(self, x: Floats, y: Floats, seed: int = 0) -> None:
        rng = np.random.default_rng(seed)
        self._used = np.flatnonzero(np.ptp(x, axis=0) > 0)
        self._centre, self._spread = y.mean(0), np.maximum(1e-12, y.std(0))
        inputs, targets = self._inputs(x), (y - self._centre) / self._spread
        wide, outputs = inputs.shape[1], y.shape[1]
        self._weights = [
            rng.normal(0, 1, (MEMBERS, wide, WIDTH)) / np.sqrt(max(1, np.square(inputs).sum(1).mean())),
            rng.normal(0, 1 / np.sqrt(WIDTH), (MEMBERS, WIDTH, outputs)),
            np.zeros((MEMBERS, wide, outputs)),
        ]
        drawn = rng.multinomial(len(x), np.full(len(x), 1 / len(x)), size=MEMBERS)
        self._fit(inputs, targets, drawn[:, :, None] / len(x))

    def predict(self, x: Floats) -> tuple[Floats, Floats]:
        """Mean of the members and how much they differ (standard deviation), (M, outputs) each."""
        answers = self._answers(self._inputs(x))[1] * self._spread + self._centre
        return answers.mean(0), np.maximum(1e-6 * self._spread, answers.std(0, ddof=1))

    def _inputs(self, x: Floats) -> Floats:
        return np.concatenate([x[:, self._used], np.ones((len(x), 1))], axis=1)

    def _answers(self, inputs: Floats) -> tuple[Floats, Floats]:
        """Hidden layer (members, N, WIDTH) and answers (members, N, outputs)."""
        into, out, straight = self._weights
        hidden = np.tanh(inputs @ into)
        return hidden, hidden @ out + inputs @ straight

    def _fit(self, inputs: Floats, targets: Floats, shares: Floats) -> None:
        """shares: (members, N, 1) how much each observation counts."""
        first = [np.zeros_like(weight) for weight in self._weights]
        second = [np.zeros_like(weight) for weight in self._weights]
        for step in range(1, STEPS + 1):
            hidden, answers = self._answers(inputs)
            away = shares * (answers - targets)
            into = (away @ self._weights[1].transpose(0, 2, 1)) * (1 - hidden**2)
            gradients = (inputs.T @ into, hidden.transpose(0, 2, 1) @ away, inputs.T @ away)
            rate = RATE * (1 - step / (STEPS + 1))
            for weight, gradient, one, two in zip(self._weights, gradients, first, second, strict=True):
                one += (1 - FIRST_DECAY) * (gradient - one)
                two += (1 - SECOND_DECAY) * (gradient**2 - two)
                slope = one / (1 - FIRST_DECAY**step) / (np.sqrt(two / (1 - SECOND_DECAY**step)) + 1e-8)
                weight -= rate * (slope + DECAY * weight)
