"""REINFORCE with an autoregressive controller: Zoph & Le 2017, "Neural Architecture Search with Reinforcement
Learning", https://arxiv.org/abs/1611.01578; the policy gradient is Williams 1992.

The controller writes an architecture decision by decision. Each measured network moves it by its advantage: the reward
less a moving average of rewards, in units of their spread; an entropy bonus keeps it from settling early.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.objectives import Objectives
from netwright.space import Architecture, Decision, Space, Value
from netwright.strategies.controller import Controller, domain, nearest
from netwright.strategies.memory import Memory
from netwright.trial import Proposal, Trial


@dataclass(frozen=True)
class Reinforce:
    """learning_rate: of the controller; entropy: weight of the bonus; baseline: decay of the moving average; hidden:
    width of the controller."""

    learning_rate: float = 0.03
    entropy: float = 0.03
    baseline: float = 0.9
    hidden: int = 32
    name: ClassVar[str] = "reinforce"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if self.learning_rate <= 0 or self.entropy < 0 or not 0 <= self.baseline < 1 or self.hidden < 1:
            raise InputError("reinforce needs learning_rate > 0, entropy >= 0, 0 <= baseline < 1, hidden >= 1", f"{self}")

    def init(self, space: Space, objectives: Objectives, seed: int) -> ReinforceState:
        return ReinforceState(Memory(space, objectives, seed), Controller(self.hidden, self.learning_rate))

    def ask(self, state: ReinforceState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        proposals: dict[str, Proposal] = {}
        for _ in range(n):
            found = memory.unseen(proposals, rng, _policy(state, rng))
            if found is None:
                break
            origin = "controller" if found[1] == 0 and state.controller.steps else "random"
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
        reward = -float(objectives.losses(trial)[0])
        if not math.isfinite(reward):
            return
        if state.rewards:
            advantage = (reward - state.mean) / max(state.spread, 1e-12)
            advantage = -1.0 if not objectives.feasible(trial) else float(np.clip(advantage, -2, 2))
            architecture = trial.proposal.architecture
            path = [
                (decision, nearest(decision, architecture.choices[name]))
                for name, decision in architecture.decisions.items()
            ]
            state.controller.reinforce(path, advantage, self.entropy)
        state.note(reward, self.baseline)


def _policy(state: ReinforceState, rng: np.random.Generator) -> Callable[[], Architecture]:
    """A draw from the controller."""
    space, controller = state.memory.space, state.controller

    def draw() -> Architecture:
        history = controller.start()

        def decide(decision: Decision) -> Value:
            nonlocal history
            chance = controller.probabilities(decision, history)
            place = min(int(np.searchsorted(np.cumsum(chance), rng.random())), len(chance) - 1)
            history = controller.advance(decision, place, history)
            return domain(decision)[place]

        return space.decided(decide, rng)

    return draw


@dataclass
class ReinforceState:
    """mean, spread: moving average of the rewards, and of their distance from it."""

    memory: Memory
    controller: Controller
    rewards: int = 0
    mean: float = 0.0
    spread: float = field(default=0.0)

    def note(self, reward: float, decay: float) -> None:
        self.rewards += 1
        weight = max(1 - decay, 1 / self.rewards)
        distance = abs(reward - self.mean) if self.rewards > 1 else 0.0
        self.spread += weight * (distance - self.spread)
        self.mean += weight * (reward - self.mean)
