"""Progressive search: Liu et al. 2018, "Progressive Neural Architecture Search", https://arxiv.org/abs/1712.00559.

Simple networks first. A generation is measured; its best networks are extended by what makes them a little more
complex; a predictor that was fitted to everything measured so far ranks the extensions, and the best of these are the
next generation. In the paper complexity is the number of blocks in a cell; here it is the number of operations in the
graph, so that it works on every space, and levels are quantiles of it. On the last level the search goes on among
neighbours of the same complexity. In a space whose networks are all equally complex it starts there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.predictors import Part, even
from netwright.space import Architecture
from netwright.strategies import candidates
from netwright.strategies.base import Problem
from netwright.strategies.belief import Surrogates
from netwright.strategies.candidates import Candidate
from netwright.strategies.guided import evidence
from netwright.trial import Proposal, Trial

PARTS: tuple[Part, ...] = ("decisions", "scores")
SAMPLED = 200
"""Random networks that the levels are quantiles of."""
SHARE = 0.1
"""Of the search, if its length is known: what a level may take."""


@dataclass(frozen=True)
class PNAS:
    """levels: of complexity; beam: networks of a level that are extended; generation: trials of a level, None: a tenth
    of the search, or 10; candidates: extensions looked at for each proposal."""

    levels: int = 4
    beam: int = 8
    generation: int | None = None
    candidates: int = 100
    name: ClassVar[str] = "pnas"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = True

    def __post_init__(self) -> None:
        counts = (self.levels, self.beam, self.candidates, self.generation or 1)
        if min(counts) < 1:
            raise InputError("pnas needs levels, beam, generation and candidates of at least 1", f"got {self}")

    def init(self, problem: Problem) -> PNASState:
        size = self.generation or (10 if problem.trials > 1e6 else max(4, round(SHARE * problem.trials)))
        return PNASState(Surrogates(evidence(problem, PARTS), even), size, self.levels)

    def tell(self, state: PNASState, trials: Sequence[Trial]) -> PNASState:
        for trial in trials:
            state.surrogates.evidence.note(trial)
        return state

    def ask(self, state: PNASState, n: int) -> Sequence[Proposal]:
        memory = state.surrogates.evidence.memory
        rng = memory.generator()
        chosen = self._simplest(state, rng) if not state.level else self._extended(state, rng)
        return candidates.proposals(memory, rng, n, chosen, "predicted" if state.level else "simple")

    def _simplest(self, state: PNASState, rng: np.random.Generator) -> Iterator[Candidate]:
        """Random networks of the lowest level."""
        pool = candidates.random(state.surrogates.evidence.memory, rng, self.candidates)
        yield from sorted(pool, key=lambda one: max(state.bounds[0], complexity(one.architecture)))

    def _extended(self, state: PNASState, rng: np.random.Generator) -> Iterator[Candidate]:
        """Extensions of the best up to the level at hand, the most promising first."""
        surrogates = state.surrogates
        bound = state.bounds[state.level]
        parents = [one for one in surrogates.evidence.elite if complexity(one.proposal.architecture) <= bound]
        parents = parents[: self.beam] or surrogates.evidence.elite[: self.beam]
        pool = candidates.children(surrogates.evidence.memory, parents, rng, self.candidates)
        if pool:
            sizes = [complexity(one.architecture) for one in pool]
            bound = max(bound, min(sizes))
            least = state.bounds[state.level - 1] if state.level < len(state.bounds) - 1 else 0
            within = [one for one, size in zip(pool, sizes, strict=True) if least < size <= bound]
            within = within or [one for one, size in zip(pool, sizes, strict=True) if size <= bound]
            belief = surrogates.believe([one.architecture for one in within])
            worth = belief.losses[0].mean - np.log(np.maximum(1e-9, belief.feasible()))
            yield from (within[place] for place in np.argsort(worth, kind="stable"))


@dataclass
class PNASState:
    """generation: trials of a level; levels: of complexity."""

    surrogates: Surrogates
    generation: int
    levels: int
    _bounds: list[float] = field(default_factory=list, repr=False, compare=False)

    @property
    def bounds(self) -> list[float]:
        """The most complexity of each level: quantiles over random networks, the last without a bound."""
        if not self._bounds:
            rng = np.random.default_rng(0)
            space = self.surrogates.evidence.memory.space
            drawn = {one.key: complexity(one) for one in (space.sample(rng) for _ in range(SAMPLED))}
            shares = np.arange(1, self.levels) / self.levels
            self._bounds = [*np.unique(np.quantile(list(drawn.values()), shares)).tolist(), math.inf]
        return self._bounds

    @property
    def level(self) -> int:
        """The level at hand: each has its generation of trials, the last has all that come after."""
        known = self.surrogates.evidence
        if len(known.measured) < 2:
            return 0
        return min(len(self.bounds) - 1, known.memory.asked // self.generation)


def complexity(architecture: Architecture) -> int:
    """Operations in the network."""
    space = architecture.space
    return space.memo("complexity", architecture.choices, lambda: len(space.encode(architecture, "graph").operations))
