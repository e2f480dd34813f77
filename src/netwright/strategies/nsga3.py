"""NSGA-III: Deb & Jain 2014, "An Evolutionary Many-Objective Optimization Algorithm Using Reference-Point-Based
Nondominated Sorting Approach, Part I", https://doi.org/10.1109/TEVC.2013.2281535; constraints as in Jain & Deb 2014,
"Part II", https://doi.org/10.1109/TEVC.2013.2281534.

Fronts survive as in NSGA-II, but of the front that does not fit whole those are taken that lie near directions which
few others represent, directions being spread evenly between the objectives. Parents are any two survivors, only that
less violation of constraints wins. Generations are asynchronous (see `generations`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netwright.objectives import fronts
from netwright.strategies.base import Problem
from netwright.strategies.breeding import Breeding
from netwright.strategies.generations import LEAST, Generations, check_size
from netwright.strategies.memory import Memory
from netwright.strategies.niches import directions, fill
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class NSGA3:
    """population_size: of a generation, and the most directions, None: by the rule of `Generations`; crossover_rate:
    share of children with two parents; mutation_rate: share of those that are mutated as well (one-parent children
    always are)."""

    population_size: int | None = None
    crossover_rate: float = 0.9
    mutation_rate: float = 0.6
    name: ClassVar[str] = "nsga3"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        check_size(self.population_size)
        self._breeding()

    def init(self, problem: Problem) -> Generations:
        return Generations(Memory(problem))

    def ask(self, state: Generations, n: int) -> Sequence[Proposal]:
        def pick(rng: np.random.Generator) -> Trial:
            drawn: list[int] = rng.choice(len(state.parents), size=2, replace=False).tolist()
            return min((state.parents[place] for place in drawn), key=state.memory.objectives.violation)

        parents = pick if state.parents else None
        return self._breeding().ask(state.memory, n, self.population_size or LEAST, parents)

    def tell(self, state: Generations, trials: Sequence[Trial]) -> Generations:
        def survive(competitors: list[Trial], size: int, last: Trial) -> list[Trial]:
            losses = np.array([state.memory.objectives.losses(trial) for trial in competitors])
            violations = np.array([state.memory.objectives.violation(trial) for trial in competitors])
            places = survivors(losses, violations, size, state.memory.lots(last))
            return [competitors[place] for place in places]

        state.tell(trials, self.population_size, survive)
        return state

    def _breeding(self) -> Breeding:
        return Breeding(self.crossover_rate, self.mutation_rate)


def survivors(losses: np.ndarray, violations: np.ndarray, size: int, rng: np.random.Generator) -> list[int]:
    """(N, M) losses, (N,) violations -> places of `size` survivors, whole fronts first."""
    chosen: list[int] = []
    for front in fronts(losses, violations):
        if len(chosen) + len(front) <= size:
            chosen += front.tolist()
            continue
        if len(chosen) < size:
            met = losses[[*chosen, *front]]
            taken = fill(met, len(chosen), size, directions(losses.shape[1], size), rng)
            chosen += [int(front[place - len(chosen)]) for place in taken]
        break
    return chosen
