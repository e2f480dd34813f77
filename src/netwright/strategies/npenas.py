"""Predictor-guided evolution: Wei et al. 2020, "NPENAS: Neural Predictor Guided Evolution for Neural Architecture
Search", https://arxiv.org/abs/2003.12857.

Many children of the best networks, and some random ones, are looked at by a predictor; the one it thinks best is
trained. The predictor is a Gaussian process over decisions and cheap scores; which one it thinks best is drawn from its
posterior (independent Thompson sampling: White et al. 2021, BANANAS, https://arxiv.org/abs/1910.11858), so that workers
asking at once get different answers. Several objectives are weighed at random each time (Knowles 2006, ParEGO).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import ClassVar, NamedTuple

import numpy as np
from numpy.typing import NDArray

from netwright.errors import InputError
from netwright.predictors import Features, GaussianProcess
from netwright.space import Architecture
from netwright.strategies.base import Problem
from netwright.strategies.memory import Memory
from netwright.strategies.selection import order
from netwright.trial import Proposal, Trial

Floats = NDArray[np.float64]


class Child(NamedTuple):
    architecture: Architecture
    parents: tuple[int, ...]


@dataclass(frozen=True)
class NPENAS:
    """founders: random networks at the start; parents: how many of the best breed; candidates: children looked at for
    each that is trained; random_share: of them, those drawn from the whole space; boldness: weight of the predictor's
    doubt."""

    founders: int = 8
    parents: int = 10
    candidates: int = 60
    random_share: float = 0.25
    boldness: float = 0.5
    name: ClassVar[str] = "npenas"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if min(self.founders, self.parents, self.candidates) < 1 or self.boldness < 0:
            raise InputError(
                "npenas needs founders, parents and candidates of at least 1, boldness >= 0", f"got {self}"
            )
        if not 0 <= self.random_share <= 1:
            raise InputError(f"random_share must lie between 0 and 1, got {self.random_share}")

    def init(self, problem: Problem) -> NPENASState:
        return NPENASState(Memory(problem), Features(problem.space, problem.scores))

    def ask(self, state: NPENASState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        proposals: dict[str, Proposal] = {}
        ranked: Iterator[Child] | None = None
        for _ in range(n):
            draws: list[Callable[[], Architecture]] = []
            drawn: list[Child] = []
            if memory.asked + len(proposals) >= self.founders and len(state.measured) > 1:
                ranked = ranked or self._ranked(state, rng)
                draws.append(_next(ranked, drawn))
            found = memory.unseen(proposals, rng, *draws)
            if found is None:
                break
            chosen = bool(draws) and found[1] == 0
            proposals[found[0].key] = Proposal(
                found[0], parents=drawn[-1].parents if chosen else (), origin="predicted" if chosen else "random"
            )
        return list(proposals.values())

    def tell(self, state: NPENASState, trials: Sequence[Trial]) -> NPENASState:
        for trial in trials:
            state.memory.note(trial)
            if trial.status == "completed" and np.isfinite(state.memory.objectives.losses(trial)).all():
                state.take(trial)
        return state

    def _ranked(self, state: NPENASState, rng: np.random.Generator) -> Iterator[Child]:
        """Children not seen yet, the most promising first; then single mutants of the best for ever."""
        children = self._children(state, rng)
        best = state.best(self.parents)
        space = state.memory.space

        def mutants() -> Iterator[Child]:
            while True:
                parent = best[int(rng.integers(len(best)))]
                yield Child(space.mutate(parent.proposal.architecture, rng, 2), (parent.number,))

        if not children:
            return mutants()
        worth = state.worth([child.architecture for child in children], rng, self.boldness)
        return chain((children[int(place)] for place in np.argsort(worth, kind="stable")), mutants())

    def _children(self, state: NPENASState, rng: np.random.Generator) -> list[Child]:
        space, best = state.memory.space, state.best(self.parents)
        children: dict[str, Child] = {}
        for place in range(self.candidates):
            if place < self.random_share * self.candidates:
                child = Child(space.sample(rng), ())
            else:
                one, other = (best[int(rng.integers(len(best)))] for _ in range(2))
                crossed = one is not other and rng.random() < 0.5
                architecture = one.proposal.architecture
                if crossed:
                    architecture = space.crossover(architecture, other.proposal.architecture, rng)
                if not crossed or rng.random() < 0.5:
                    architecture = space.mutate(architecture, rng, int(rng.integers(1, 4)))
                child = Child(architecture, (one.number, other.number) if crossed else (one.number,))
            if child.architecture.key not in state.memory.seen:
                children[child.architecture.key] = child
        return list(children.values())


def _next(ranked: Iterator[Child], drawn: list[Child]) -> Callable[[], Architecture]:
    def draw() -> Architecture:
        drawn.append(next(ranked))
        return drawn[-1].architecture

    return draw


@dataclass
class NPENASState:
    """measured: completed trials; decisions, scores: their features; losses: what they got; violations: of
    constraints."""

    memory: Memory
    features: Features = field(repr=False, compare=False)
    measured: list[Trial] = field(default_factory=list)
    decisions: list[Floats] = field(default_factory=list)
    scores: list[Floats] = field(default_factory=list)
    losses: list[Floats] = field(default_factory=list)
    violations: list[float] = field(default_factory=list)
    _models: tuple[int, list[GaussianProcess]] = field(default=(0, []), repr=False, compare=False)
    _best: tuple[int, list[Trial]] = field(default=(0, []), repr=False, compare=False)

    def take(self, trial: Trial) -> None:
        decisions, scores = self.features(trial.proposal.architecture)
        self.measured.append(trial)
        self.decisions.append(decisions)
        self.scores.append(scores)
        self.losses.append(np.asarray(self.memory.objectives.losses(trial), dtype=np.float64))
        self.violations.append(float(self.memory.objectives.violation(trial)))

    def best(self, count: int) -> list[Trial]:
        """The best of what was measured, feasible ones first."""
        if self._best[0] != len(self.measured):
            places = order(self.measured, self.memory.objectives)
            self._best = len(self.measured), [self.measured[place] for place in places[:50]]
        return self._best[1][:count]

    def worth(self, architectures: Sequence[Architecture], rng: np.random.Generator, boldness: float) -> Floats:
        """A loss for each, drawn from what the predictor believes."""
        decisions, scores = (np.stack(part) for part in zip(*map(self.features, architectures), strict=True))
        drawn = []
        for model in self._fitted():
            mean, deviation = model.predict(decisions, scores)
            draw = mean + boldness * deviation * rng.standard_normal(len(mean))
            drawn.append((draw - model.mean) / model.deviation)
        several = len(self.losses[0])
        weights = rng.dirichlet(np.ones(several)) if several > 1 else np.ones(1)
        weighed = np.stack(drawn[:several], axis=1) * weights
        total = weighed.max(axis=1) + 0.05 * weighed.sum(axis=1)
        if len(drawn) > several:
            allowed = -self._fitted()[-1].mean / self._fitted()[-1].deviation
            total += 10 * np.maximum(0.0, drawn[several] - allowed)
        return np.asarray(total, dtype=np.float64)

    def _fitted(self) -> list[GaussianProcess]:
        """A predictor for each objective, and one for the violation where there is any. The same for the same log:
        settings are chosen anew whenever there are a quarter more observations."""
        count = len(self.measured)
        if self._models[0] != count:
            decisions, scores = np.stack(self.decisions), np.stack(self.scores)
            columns = [*np.stack(self.losses).T]
            if any(self.violations):
                columns.append(np.minimum(self.violations, 1e6))
            tuned = _milestone(count)
            models = []
            for column in columns:
                first = GaussianProcess.fit(decisions[:tuned], scores[:tuned], _tame(column[:tuned]))
                models.append(GaussianProcess.fit(decisions, scores, _tame(column), first.settings))
            self._models = count, models
        return self._models[1]


def _tame(values: Floats) -> Floats:
    """Without outliers: a network that failed to learn tells no more than that it is bad."""
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    reach = 3 * max(high - middle, middle - low)
    return np.clip(values, middle - reach, middle + reach) if reach > 0 else values


def _milestone(count: int) -> int:
    """The largest of 2, 3, 4, 5, 7, 9, 12, ... that is not above `count`."""
    reached = 2
    while reached + max(1, reached // 4) <= count:
        reached += max(1, reached // 4)
    return reached
