"""Multi-objective Bayesian optimisation by expected hypervolume improvement: Emmerich, Giannakoglou & Naujoks 2006,
"Single- and Multiobjective Evolutionary Optimization Assisted by Gaussian Random Field Metamodels",
https://doi.org/10.1109/TEVC.2005.859463; batches as in Daulton et al. 2020, https://arxiv.org/abs/2006.05078, with what
is under way believed to be as expected.

One Gaussian process an objective. The improvement expected of an architecture is the integral, over the region that no
network found dominates, of the chance that it does: the product over the objectives of the chance to be at least as
good. The integral is a mean over quasi-random points, so any number of objectives will do. With one objective this is
the expected improvement.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from netwright.predictors import below
from netwright.strategies import candidates
from netwright.strategies.belief import Belief, Surrogates
from netwright.strategies.candidates import Candidate
from netwright.strategies.guided import GuidedByProcesses

Floats = NDArray[np.float64]
POINTS = 1024
MARGIN = 3.0
"""How far beyond the front's corners the region reaches, in terms of its extent: what is worse than all of the front in
one objective and better in another counts."""


@dataclass(frozen=True)
class EHVI(GuidedByProcesses):
    """founders: random networks at the start; candidates: how many are looked at for each proposal; parents: how many
    of the best breed them."""

    founders: int = 10
    candidates: int = 100
    parents: int = 20
    name: ClassVar[str] = "ehvi"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = True

    def _promising(self, state: Surrogates, rng: np.random.Generator) -> Iterator[Candidate]:
        memory, elite = state.evidence.memory, state.evidence.elite[: self.parents]
        share = self.candidates // 4
        pool = candidates.random(memory, rng, share)
        pool += candidates.children(memory, elite, rng, self.candidates - share)
        if not pool:
            return
        belief, region = state.believe([one.architecture for one in pool]), open_region(state.front())
        left = np.ones(len(pool), dtype=bool)
        while left.any():
            worth = improvements(belief, region) * belief.feasible()
            place = int(np.argmax(np.where(left, worth, -np.inf)))
            left[place] = False
            yield pool[place]
            belief.expect(place)


def open_region(front: Floats) -> Floats:
    """(P, M) points spread evenly over what lies within the front's corners, and beyond, and is not dominated by the
    front (N, M), which may be empty.

    >>> region = open_region(np.array([[0.0, 1.0], [1.0, 0.0]]))
    >>> bool((region > [0, 1]).all(1).any()), bool((region < [0.5, 0.5]).all(1).any())
    (False, True)
    """
    several = front.shape[1]
    if not len(front):
        front = np.full((1, several), 3.0)
    extent = np.maximum(1.0, np.ptp(front, axis=0))
    low, high = front.min(0) - extent, front.max(0) + (MARGIN * extent if several > 1 else 0.0)
    points = low + (high - low) * _spread(several)
    dominated = (front[None] <= points[:, None]).all(2).any(1)
    return np.asarray(points[~dominated])


def improvements(belief: Belief, region: Floats) -> Floats:
    """(architectures,) the share of the region that each is expected to take."""
    chance = np.ones((len(belief.losses[0].mean), len(region)))
    for place, loss in enumerate(belief.losses):
        chance *= below((region[:, place] - loss.mean[:, None]) / loss.deviation[:, None])
    return np.asarray(chance.mean(1) if len(region) else np.zeros(len(chance)))


@cache
def _spread(dimensions: int) -> Floats:
    """(POINTS, dimensions) in the unit cube: the R sequence (Roberts 2018), a lattice of the generalised golden
    ratio."""
    golden = 2.0
    for _ in range(50):
        golden = (1 + golden) ** (1 / (dimensions + 1))
    steps = golden ** -np.arange(1, dimensions + 1)
    return np.asarray((0.5 + np.arange(1, POINTS + 1)[:, None] * steps) % 1)
