"""Simulated annealing: Kirkpatrick, Gelatt & Vecchi 1983, "Optimization by Simulated Annealing",
https://doi.org/10.1126/science.220.4598.671.

A walk by mutations from the current network: a better one is always moved to, a worse one with a chance that falls with
how much worse it is and with the temperature. Temperatures are in units of the usual size of a change for the worse, so
that no scale has to be known. The walk starts from the best of some random networks; where all close mutants are known,
it takes longer steps. Several workers explore around the current network at once, each outcome is judged against the
network that is current when it comes in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture
from netwright.strategies.base import Problem
from netwright.strategies.memory import TRIES, Memory
from netwright.trial import Proposal, Trial

REACH = 3
"""The most decisions that one step changes."""


@dataclass(frozen=True)
class SimulatedAnnealing:
    """temperature: at the start; cooling: what each completed step multiplies it with; founders: random networks before
    the walk."""

    temperature: float = 0.2
    cooling: float = 0.98
    founders: int = 5
    name: ClassVar[str] = "simulated-annealing"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not (self.temperature >= 0 and 0 < self.cooling <= 1 and self.founders >= 1):
            wanted = "temperature >= 0, 0 < cooling <= 1 and founders >= 1"
            raise InputError(f"simulated-annealing needs {wanted}", f"got {self}")

    def init(self, problem: Problem) -> AnnealingState:
        return AnnealingState(Memory(problem), self.temperature)

    def ask(self, state: AnnealingState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        proposals: dict[str, Proposal] = {}
        for _ in range(n):
            walking = memory.asked + len(proposals) >= self.founders
            here = state.current if walking else None
            draws = [] if here is None else [_step(memory, here, rng)]
            found = memory.unseen(proposals, rng, *draws)
            if found is None:
                break
            stepped = here is not None and found[1] == 0
            proposals[found[0].key] = Proposal(
                found[0],
                parents=(here.number,) if here is not None and stepped else (),
                origin="step" if stepped else "random",
            )
        return list(proposals.values())

    def tell(self, state: AnnealingState, trials: Sequence[Trial]) -> AnnealingState:
        for trial in trials:
            state.memory.note(trial)
            if state.memory.objectives.valid(trial):
                state.judge(trial)
                if trial.proposal.parents:
                    state.temperature *= self.cooling
        return state


def _step(memory: Memory, here: Trial, rng: np.random.Generator) -> Callable[[], Architecture]:
    """A draw of a mutant; the longer those drawn are known already, the more of it is changed."""
    drawn = 0

    def draw() -> Architecture:
        nonlocal drawn
        drawn += 1
        return memory.space.mutate(here.proposal.architecture, rng, 1 + drawn * REACH // (TRIES + 1))

    return draw


@dataclass
class AnnealingState:
    """worse, rise: how many outcomes were worse than the current one, and by how much in the mean."""

    memory: Memory
    temperature: float
    current: Trial | None = None
    worse: int = 0
    rise: float = 0.0

    def judge(self, trial: Trial) -> None:
        """Moves to the trial, or stays."""
        if self.current is None or self._accepts(trial, self.current):
            self.current = trial

    def _accepts(self, trial: Trial, current: Trial) -> bool:
        violation, loss, _ = self.memory.objectives.rank_key(trial)
        current_violation, current_loss, _ = self.memory.objectives.rank_key(current)
        if violation != current_violation:
            return violation < current_violation
        rise = loss - current_loss
        if rise <= 0:
            return True
        self.worse += 1
        self.rise += (rise - self.rise) / self.worse
        if not trial.proposal.parents or self.temperature <= 0:
            return False
        return self.memory.lots(trial).random() < math.exp(-rise / self.rise / self.temperature)
