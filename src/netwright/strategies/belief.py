"""What Gaussian processes make of the evidence: beliefs about architectures that were not measured."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from netwright.predictors import GaussianProcess, Posterior, below, prior
from netwright.space import Architecture
from netwright.strategies.evidence import Evidence, kept, milestone

Floats = NDArray[np.float64]
ELITE = 20
MOST, MOST_TUNED = 400, 150
"""Observations that a prediction stands on, and that its settings are chosen on."""


@dataclass(frozen=True)
class Belief:
    """About some architectures: their loss in each objective, and their slack of each constraint that was ever
    broken."""

    losses: tuple[Posterior, ...]
    slacks: tuple[Posterior, ...]

    def expect(self, place: int) -> None:
        """As if this one had been measured and were as believed."""
        for posterior in (*self.losses, *self.slacks):
            posterior.expect(place)

    def feasible(self) -> Floats:
        """(M,) The chance of each to meet every constraint."""
        chance = np.ones(len(self.losses[0].mean))
        for slack in self.slacks:
            chance *= below(-slack.mean / slack.deviation)
        return chance


@dataclass
class Surrogates:
    """target: how losses are shown to the predictors. The predictors are a memo: the same for the same evidence."""

    evidence: Evidence
    target: Callable[[Floats], Floats]
    _losses: tuple[int, list[GaussianProcess]] = field(default=(0, []), repr=False, compare=False)
    _slacks: tuple[int, list[GaussianProcess]] = field(default=(0, []), repr=False, compare=False)

    def believe(self, architectures: Sequence[Architecture]) -> Belief:
        """Given what is measured, and as if what is under way were as expected."""
        rows = self.evidence.encodings([*architectures, *self.evidence.pending.values()])
        self._refresh()
        losses, slacks = (
            tuple(_given(model.posterior(rows), len(architectures)) for model in models)
            for _, models in (self._losses, self._slacks)
        )
        return Belief(losses, slacks)

    def best(self) -> float:
        """The least loss believed of a network that was measured and is feasible; the objective is the only one."""
        return float(self.front().min(initial=math.inf))

    def front(self) -> Floats:
        """(N, objectives) Losses believed of the best networks that were measured and are feasible."""
        self._refresh()
        models = self._losses[1]
        elite = [trial for trial in self.evidence.elite if self.evidence.memory.objectives.feasible(trial)]
        if not elite:
            return np.empty((0, len(models)))
        rows = self.evidence.encodings([trial.proposal.architecture for trial in elite[:ELITE]])
        return np.stack([model.predict(rows)[0] for model in models], axis=1)

    def _refresh(self) -> None:
        """Settings are chosen anew whenever there are a quarter more observations."""
        evidence, count = self.evidence, len(self.evidence.measured)
        if self._losses[0] != count:
            self._losses = count, [self._fitted(column, self.target) for column in np.stack(evidence.losses).T]
            self._slacks = count, [self._fitted(column, np.asarray) for column in evidence.broken()]

    def _fitted(self, values: Floats, target: Callable[[Floats], Floats]) -> GaussianProcess:
        parts, tuned = self.evidence.parts, milestone(len(values))
        first, every = kept(values[:tuned], MOST_TUNED), kept(values, MOST)
        settings = GaussianProcess(parts(first), target(values[first])).settings
        return GaussianProcess(parts(every), target(values[every]), settings)


def representative(evidence: Evidence, architectures: Sequence[Architecture]) -> Posterior:
    """How alike these are before anything is learnt, given what is measured or under way, whatever its outcome."""
    known = [*(trial.proposal.architecture for trial in evidence.measured), *evidence.pending.values()]
    return _given(prior(evidence.encodings([*architectures, *known])), len(architectures))


def _given(posterior: Posterior, count: int) -> Posterior:
    """Of the first `count`, as if the others were as expected."""
    for place in range(count, len(posterior.mean)):
        posterior.expect(place)
    return Posterior(posterior.mean[:count], posterior.covariance[:count, :count], posterior.noise)
