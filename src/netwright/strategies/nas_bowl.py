"""NAS-BOWL: Ru et al. 2021, "Interpretable Neural Architecture Search via Bayesian Optimisation with Weisfeiler-Lehman
Kernels", https://arxiv.org/abs/2006.07556.

Bayesian optimisation with a Gaussian process whose kernel compares the graphs of networks by the subtrees they share.
To it are added kernels over the decisions, which hold the hyperparameters that no graph shows, and over the cheap
scores; marginal likelihood weighs them. Proposed is the expected improvement's best of a pool bred from the best
networks so far. The first networks are those that stand for most of the space.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from netwright.predictors import Part, improvement
from netwright.strategies import candidates
from netwright.strategies.belief import Belief, Surrogates, representative
from netwright.strategies.candidates import Candidate
from netwright.strategies.guided import GuidedByProcesses

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class NASBOWL(GuidedByProcesses):
    """founders: networks at the start that are chosen without any result; candidates: how many are looked at for each
    proposal; parents: how many of the best breed them."""

    founders: int = 6
    candidates: int = 100
    parents: int = 10
    name: ClassVar[str] = "nas-bowl"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = True
    encoded: ClassVar[tuple[Part, ...]] = ("subtrees", "decisions", "scores")

    def _founding(self, state: Surrogates, rng: np.random.Generator) -> Iterator[Candidate]:
        """Those first that tell most about all the others."""
        pool = candidates.random(state.evidence.memory, rng, self.candidates)
        if pool:
            likeness = representative(state.evidence, [one.architecture for one in pool])
        for _ in pool:
            place = int(np.argmax(likeness.told()))
            likeness.expect(place)
            yield pool[place]

    def _promising(self, state: Surrogates, rng: np.random.Generator) -> Iterator[Candidate]:
        memory, elite = state.evidence.memory, state.evidence.elite[: self.parents]
        share = self.candidates // 5
        pool = candidates.random(memory, rng, share)
        pool += candidates.children(memory, elite, rng, 3 * share)
        if not pool:
            return
        worth = self._worth(state, state.believe([one.architecture for one in pool]))
        ranked = [pool[place] for place in np.argsort(-worth, kind="stable")]
        pool = ranked[: 2 * share] + candidates.mutants(memory, ranked[:5], rng, share)
        belief = state.believe([one.architecture for one in pool])
        left = np.ones(len(pool), dtype=bool)
        while left.any():
            place = int(np.argmax(np.where(left, self._worth(state, belief), -np.inf)))
            left[place] = False
            belief.expect(place)
            yield pool[place]

    def _worth(self, state: Surrogates, belief: Belief) -> Floats:
        """The improvement expected; before anything feasible was found, the chance to be feasible."""
        best = state.best()
        gain = improvement(best, belief.losses[0]) if best < math.inf else 1.0
        return gain * belief.feasible()
