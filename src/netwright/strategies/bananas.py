"""BANANAS: White, Neiswanger & Savani 2021, "BANANAS: Bayesian Optimization with Neural Architectures for Neural
Architecture Search", https://arxiv.org/abs/1910.11858.

An ensemble of neural networks on the path encoding, and on the cheap scores where there are any; the acquisition is
optimised by mutating the best networks so far, and is independent Thompson sampling: each candidate's value is drawn
from what the ensemble believes of it, the best draw is proposed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from netwright.predictors import Ensemble, Part, Rows, below, even
from netwright.space import Architecture
from netwright.strategies import candidates
from netwright.strategies.base import Problem
from netwright.strategies.candidates import Candidate
from netwright.strategies.evidence import Evidence, kept, milestone
from netwright.strategies.guided import Guided, evidence

Floats = NDArray[np.float64]
PARTS: tuple[Part, ...] = ("paths", "decisions", "scores")
MOST = 400
"""Observations that the ensemble is fitted to."""


@dataclass(frozen=True)
class BANANAS(Guided["BANANASState"]):
    """founders: random networks at the start; candidates: mutants looked at for each proposal; parents: how many of the
    best they descend from."""

    founders: int = 10
    candidates: int = 100
    parents: int = 10
    name: ClassVar[str] = "bananas"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = True

    def init(self, problem: Problem) -> BANANASState:
        return BANANASState(evidence(problem, PARTS))

    def _promising(self, state: BANANASState, rng: np.random.Generator) -> Iterator[Candidate]:
        """Mutants of the best, in the order of values drawn for them."""
        known = state.evidence
        best = [Candidate(one.proposal.architecture, (one.number,)) for one in known.elite[: self.parents]]
        pool = candidates.mutants(known.memory, best, rng, self.candidates)
        if pool:
            mean, doubt = state.believe([one.architecture for one in pool])
            worth = mean[:, 0] + doubt[:, 0] * rng.standard_normal(len(pool))
            feasible = below(-mean[:, 1:] / doubt[:, 1:]).prod(1)
            yield from (pool[place] for place in np.argsort(worth - np.log(np.maximum(1e-9, feasible)), kind="stable"))


@dataclass
class BANANASState:
    """The ensemble is a memo: the same for the same evidence."""

    evidence: Evidence
    _fitted: tuple[int, Ensemble | None] = field(default=(0, None), repr=False, compare=False)

    def believe(self, architectures: Sequence[Architecture]) -> tuple[Floats, Floats]:
        """Mean and doubt, (M, 1 + constraints ever broken): loss, and how far above each constraint."""
        tuned = milestone(len(self.evidence.measured))
        if self._fitted[0] != tuned:
            losses = np.stack(self.evidence.losses)[:tuned, 0]
            places = kept(losses, MOST)
            columns = [even(losses), *(column[:tuned] for column in self.evidence.broken())]
            values = np.stack(columns, axis=1)[places]
            self._fitted = tuned, Ensemble(_joined(self.evidence.parts(places)), values)
        ensemble = self._fitted[1]
        assert ensemble is not None
        return ensemble.predict(_joined(self.evidence.encodings(architectures)))


def _joined(rows: Rows) -> Floats:
    return np.concatenate(rows, axis=1)
