"""REINFORCE with an autoregressive controller: Zoph & Le 2017, "Neural Architecture Search with Reinforcement
Learning", https://arxiv.org/abs/1611.01578; the policy gradient is Williams 1992.

The controller writes an architecture decision by decision. Each measured network moves it by its advantage: the reward
less a moving average of rewards, in units of their spread; an entropy bonus keeps it from settling early. A network
that breaks a constraint counts as one unit worse than usual, and a failed one for nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture, Decision, Value
from netwright.strategies.base import Problem
from netwright.strategies.controller import Controller
from netwright.strategies.memory import Memory
from netwright.strategies.steps import path, steps, value
from netwright.trial import Proposal, Trial

HEATING = 1.2
"""What each draw of a known architecture multiplies the temperature of the next with."""


@dataclass(frozen=True)
class Reinforce:
    """learning_rate: of the controller; entropy: weight of the bonus; baseline: decay of the moving average; hidden:
    width of the controller."""

    learning_rate: float = 0.02
    entropy: float = 0.1
    baseline: float = 0.9
    hidden: int = 32
    name: ClassVar[str] = "reinforce"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if not (self.learning_rate > 0 and self.entropy >= 0 and 0 <= self.baseline < 1 and self.hidden >= 1):
            wanted = "learning_rate > 0, entropy >= 0, 0 <= baseline < 1 and hidden >= 1"
            raise InputError(f"reinforce needs {wanted}", f"got {self}")

    def init(self, problem: Problem) -> ReinforceState:
        return ReinforceState(Memory(problem), Controller(self.hidden, self.learning_rate))

    def ask(self, state: ReinforceState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        proposals: dict[str, Proposal] = {}
        for _ in range(n):
            found = memory.unseen(proposals, rng, _policy(state, rng))
            if found is None:
                break
            origin = "controller" if found[1] == 0 and state.controller.learnt else "random"
            proposals[found[0].key] = Proposal(found[0], origin=origin)
        return list(proposals.values())

    def tell(self, state: ReinforceState, trials: Sequence[Trial]) -> ReinforceState:
        for trial in trials:
            state.memory.note(trial)
            if trial.status == "completed":
                self._learn(state, trial)
        return state

    def _learn(self, state: ReinforceState, trial: Trial) -> None:
        objectives = state.memory.objectives
        if not objectives.valid(trial):
            return
        feasible = objectives.feasible(trial)
        reward = -float(objectives.losses(trial)[0])
        if state.rewards or not feasible:
            architecture = trial.proposal.architecture
            written = [
                step
                for name, decision in architecture.decisions.items()
                for step in path(decision, architecture.choices[name])
            ]
            state.controller.reinforce(written, state.advantage(reward) if feasible else -1.0, self.entropy)
        if feasible:
            state.note(reward, self.baseline)


def _policy(state: ReinforceState, rng: np.random.Generator) -> Callable[[], Architecture]:
    """A draw from the controller; each further one, made because the last was known already, is hotter."""
    space, controller = state.memory.space, state.controller
    heat = 1.0

    def draw() -> Architecture:
        nonlocal heat
        history = controller.start()

        def decide(decision: Decision) -> Value:
            nonlocal history
            taken: list[int] = []
            for step in steps(decision, taken):
                chance = controller.probabilities(step, history, heat)
                taken.append(_pick(chance.tolist(), rng.random()))
                history = controller.advance(step, taken[-1], history)
            return value(decision, taken, rng)

        architecture = space.decided(decide, rng)
        heat *= HEATING
        return architecture

    return draw


def _pick(chances: list[float], where: float) -> int:
    """The place in the cumulated chances that `where`, between 0 and 1, falls on."""
    for place, chance in enumerate(chances):
        where -= chance
        if where < 0:
            return place
    return len(chances) - 1


@dataclass
class ReinforceState:
    """mean, spread: moving average of the rewards, and of their distance from it."""

    memory: Memory
    controller: Controller
    rewards: int = 0
    mean: float = 0.0
    spread: float = field(default=0.0)

    def advantage(self, reward: float) -> float:
        """How much better than usual, in units of the usual distance, at most 2 either way."""
        return float(np.clip((reward - self.mean) / max(self.spread, 1e-12), -2, 2))

    def note(self, reward: float, decay: float) -> None:
        self.rewards += 1
        weight = max(1 - decay, 1 / self.rewards)
        distance = abs(reward - self.mean) if self.rewards > 1 else 0.0
        self.spread += weight * (distance - self.spread)
        self.mean += weight * (reward - self.mean)
