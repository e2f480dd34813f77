"""BOHB: Falkner, Klein & Hutter 2018, "BOHB: Robust and Efficient Hyperparameter Optimization at Scale",
https://arxiv.org/abs/1807.01774.

Hyperband's brackets, with new architectures drawn from a model: a density around the good results of a rung, another
around the rest (TPE, Bergstra et al. 2011); of some draws around the good, the one whose ratio of densities is best.
The model is that of the highest rung with enough results. On a ladder of one rung this is TPE.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture, Space
from netwright.strategies.base import Problem
from netwright.strategies.brackets import Brackets, Draw
from netwright.strategies.density import Choices, Density, Kernel, around, decided
from netwright.strategies.hyperband import cycle
from netwright.strategies.rungs import Rungs, SortedRung, reductions
from netwright.trial import Proposal, Trial

GOOD, REST = 40, 200
"""Most results that a density is made of: the best of the good, the rest evenly thinned."""


@dataclass(frozen=True)
class BOHB:
    """eta: one in so many goes up a rung, None: by the ratio of the rungs' costs; random: share drawn at random;
    good: share of the results that count as good; least: results that a rung's model needs; candidates: draws to
    choose from."""

    eta: float | None = None
    random: float = 1 / 3
    good: float = 0.15
    least: int = 10
    candidates: int = 24
    name: ClassVar[str] = "bohb"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = True
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        reductions((), self.eta)
        if not (0 <= self.random <= 1 and 0 < self.good < 1 and self.least >= 4 and self.candidates >= 1):
            wanted = "0 <= random <= 1, 0 < good < 1, least >= 4 and candidates >= 1"
            raise InputError(f"bohb needs {wanted}", f"got {self}")

    def init(self, problem: Problem) -> Brackets:
        return Brackets(Rungs(problem, SortedRung), cycle(reductions(problem.fidelities, self.eta)))

    def ask(self, state: Brackets, n: int) -> Sequence[Proposal]:
        model = self._model(state.rungs)

        def draws(rng: np.random.Generator) -> Sequence[Draw]:
            if model is None or rng.random() < self.random:
                return ()
            return (("model", partial(next, self._drawn(state.rungs.problem.space, model, rng))),)

        return state.ask(n, draws)

    def tell(self, state: Brackets, trials: Sequence[Trial]) -> Brackets:
        for trial in trials:
            state.note(trial)
        return state

    def _model(self, rungs: Rungs[SortedRung]) -> Model | None:
        """That of the highest rung with enough results; None: no rung has."""
        for rung in reversed(rungs.rungs):
            best = rung.best()
            if len(best) >= self.least:
                good = max(self.least // 2, math.ceil(self.good * len(best)))
                return Model.of(best[: min(good, GOOD)], thinned(best[good:], REST))
        return None

    def _drawn(self, space: Space, model: Model, rng: np.random.Generator) -> Iterator[Architecture]:
        """Draws around the good, in batches, each from the best ratio of densities down; without end."""
        while True:
            drawn = [model.draw(space, rng) for _ in range(self.candidates)]
            ratios = [model.ratio(choices) for _, choices in drawn]
            yield from (drawn[place][0] for place in np.argsort(np.negative(ratios), kind="stable"))


@dataclass(frozen=True)
class Model:
    """good, rest: the densities; wide: what is drawn from, around the rows of the good."""

    rows: Sequence[Choices]
    good: Density
    rest: Density
    wide: Kernel

    @classmethod
    def of(cls, good: Sequence[Trial], rest: Sequence[Trial]) -> Model:
        rows, others = ([decided(trial.proposal.architecture) for trial in trials] for trials in (good, rest))
        return cls(rows, Density(rows, _kernel(rows)), Density(others, _kernel(others)), _kernel(rows))

    def draw(self, space: Space, rng: np.random.Generator) -> tuple[Architecture, Choices]:
        return around(space, self.rows[int(rng.integers(len(self.rows)))], self.wide, rng)

    def ratio(self, choices: Choices) -> float:
        """The logarithm of how much likelier the good are here than the rest."""
        return self.good.log(choices) - self.rest.log(choices)


def thinned(trials: Sequence[Trial], most: int) -> Sequence[Trial]:
    """At most so many, evenly from first to last."""
    if len(trials) <= most:
        return trials
    return [trials[place] for place in np.linspace(0, len(trials) - 1, most).round().astype(int)]


def _kernel(rows: Sequence[Choices]) -> Kernel:
    return Kernel(change=0.2, reach=0.1)
