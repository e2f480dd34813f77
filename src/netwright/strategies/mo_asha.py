"""Multi-objective asynchronous successive halving: Schmucker et al. 2021, "Multi-objective Asynchronous Successive
Halving" (MO-ASHA), https://arxiv.org/abs/2106.12639.

ASHA (see `asha`), where a rung is ranked by non-dominated sorting, and within a front by the epsilon-net rule: the next
is the one farthest from those before it. So what goes up covers the whole front.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import ClassVar

import numpy as np

from netwright.objectives import Objectives
from netwright.strategies.asha import ASHAState, promoted_first
from netwright.strategies.base import Problem
from netwright.strategies.layers import Layers
from netwright.strategies.rungs import Rungs, reductions
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class MOASHA:
    """eta: one in so many goes up a rung; None: by the ratio of the rungs' costs."""

    eta: float | None = None
    name: ClassVar[str] = "mo-asha"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = True
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        reductions((), self.eta)

    def init(self, problem: Problem) -> ASHAState:
        return ASHAState(Rungs(problem, LayeredRung), reductions(problem.fidelities, self.eta))

    def ask(self, state: ASHAState, n: int) -> Sequence[Proposal]:
        return promoted_first(state, n)

    def tell(self, state: ASHAState, trials: Sequence[Trial]) -> ASHAState:
        for trial in trials:
            state.rungs.note(trial)
        return state


class LayeredRung:
    """Ranked by front, then by epsilon net."""

    def __init__(self, objectives: Objectives) -> None:
        self._objectives = objectives
        self._ended = 0
        self._layers = Layers()
        self._good: dict[int, Trial] = {}
        self._numbers: dict[str, int] = {}
        self._staying: set[int] = set()

    def end(self, trial: Trial) -> None:
        self._ended += 1
        if not self._objectives.valid(trial) or trial.key in self._numbers:
            return
        self._layers.add(trial.number, self._objectives.losses(trial), self._objectives.violation(trial))
        self._good[trial.number] = trial
        self._numbers[trial.key] = trial.number
        self._staying.add(trial.number)

    def waiting(self, share: float = 1.0) -> Iterator[Trial]:
        quota = int(self._ended * share + 1e-9)
        for place, front in enumerate(self._layers.fronts):
            if quota <= 0:
                return
            numbers = front.tolist()
            if not self._staying.isdisjoint(numbers):
                ranked = (numbers[member] for member in epsilon_net(self._layers.losses(place)))
                yield from (self._good[number] for number in islice(ranked, quota) if number in self._staying)
            quota -= len(numbers)

    def leave(self, key: str) -> None:
        if key in self._numbers:
            self._staying.discard(self._numbers[key])


def epsilon_net(losses: np.ndarray) -> Iterator[int]:
    """(N, M) losses of one front -> all places: first the best by the first objective, then each time the one farthest
    from all before it, in units of each objective's range.

    >>> list(epsilon_net(np.array([[0.0, 9.0], [1.0, 8.0], [5.0, 4.0], [9.0, 0.0]])))
    [0, 3, 2, 1]
    """
    spans = np.ptp(losses, axis=0)
    scaled = (losses - losses.min(0)) / np.where(spans > 0, spans, 1.0)
    near = np.full(len(losses), np.inf)
    place = int(np.lexsort(losses.T[::-1])[0])
    for _ in losses:
        yield place
        near = np.minimum(near, ((scaled - scaled[place]) ** 2).sum(1))
        near[place] = -1.0
        place = int(near.argmax())
