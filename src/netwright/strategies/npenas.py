"""Predictor-guided evolution: Wei et al. 2020, "NPENAS: Neural Predictor Guided Evolution for Neural Architecture
Search", https://arxiv.org/abs/2003.12857.

Many children of the best networks, and some random ones, are looked at by a predictor; the one it thinks best is
trained. The predictor is a Gaussian process over decisions and cheap scores; which one it thinks best is drawn from its
posterior (independent Thompson sampling: White et al. 2021, BANANAS, https://arxiv.org/abs/1910.11858), so that workers
asking at once get different answers. Several objectives are weighed at random each time (Knowles 2006, ParEGO).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from netwright.errors import InputError
from netwright.strategies import candidates
from netwright.strategies.belief import Belief, Surrogates
from netwright.strategies.candidates import Candidate
from netwright.strategies.guided import GuidedByProcesses

Floats = NDArray[np.float64]
ALL_COUNT = 0.05
"""Weight of the sum of the objectives beside the worst of them, in ParEGO's scalarisation."""


@dataclass(frozen=True)
class NPENAS(GuidedByProcesses):
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
    model_based: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if min(self.founders, self.parents, self.candidates) < 1 or self.boldness < 0:
            raise InputError(
                "npenas needs founders, parents and candidates of at least 1, boldness >= 0", f"got {self}"
            )
        if not 0 <= self.random_share <= 1:
            raise InputError(f"random_share must lie between 0 and 1, got {self.random_share}")

    def _promising(self, state: Surrogates, rng: np.random.Generator) -> Iterator[Candidate]:
        memory, elite = state.evidence.memory, state.evidence.elite[: self.parents]
        share = round(self.random_share * self.candidates)
        pool = candidates.random(memory, rng, share)
        pool += candidates.children(memory, elite, rng, self.candidates - share)
        if pool:
            belief = state.believe([one.architecture for one in pool])
            yield from (pool[place] for place in np.argsort(self._worth(belief, rng), kind="stable"))

    def _worth(self, belief: Belief, rng: np.random.Generator) -> Floats:
        """A loss for each, drawn from what is believed."""
        drawn = np.stack(
            [one.mean + self.boldness * one.deviation * rng.standard_normal(len(one.mean)) for one in belief.losses]
        )
        several = len(drawn)
        weights = rng.dirichlet(np.ones(several)) if several > 1 else np.ones(1)
        weighed = weights[:, None] * drawn
        total = weighed.max(axis=0) + ALL_COUNT * weighed.sum(axis=0)
        return np.asarray(total - np.log(np.maximum(1e-9, belief.feasible())))
