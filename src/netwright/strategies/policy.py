"""What policy-gradient strategies share: drawing architectures from a controller, and how good trials were by rank."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from netwright.errors import InputError, unknown
from netwright.space import Architecture, Decision, Value
from netwright.strategies.controller import Controller
from netwright.strategies.memory import Memory
from netwright.strategies.steps import path, steps, value
from netwright.strategies.writing import Writing
from netwright.trial import Proposal, Trial

KINDS = ("factorised", "autoregressive")
HEATING = 1.5
"""What each draw of a known architecture multiplies the temperature of the next with."""


class Scored(NamedTuple):
    """A completed trial: how far it breaks constraints, its loss, its path."""

    violation: float
    loss: float
    writing: Writing


@dataclass
class Policy:
    """A controller and the last completed trials, `window` of them. noted: how many there have been in all."""

    memory: Memory
    controller: Controller
    window: int
    recent: deque[Scored] = field(default_factory=deque)
    noted: int = 0

    @property
    def writings(self) -> list[Writing]:
        """The last trials' paths."""
        return [scored.writing for scored in self.recent]

    def propose(self, n: int) -> list[Proposal]:
        """Up to `n` architectures that the controller writes."""
        rng = self.memory.generator()
        proposals: dict[str, Proposal] = {}
        for _ in range(n):
            found = self.memory.unseen(proposals, rng, self._draw(rng))
            if found is None:
                break
            origin = "controller" if found[1] == 0 and self.controller.learnt else "random"
            proposals[found[0].key] = Proposal(found[0], origin=origin)
        return list(proposals.values())

    def note(self, trial: Trial) -> bool:
        """Takes a proposed or an ended trial in; whether there is something new to learn from."""
        self.memory.note(trial)
        objectives, architecture = self.memory.objectives, trial.proposal.architecture
        if not (objectives.valid(trial) and architecture.choices):
            return False
        violation, loss, _ = objectives.rank_key(trial)
        choices = architecture.choices
        written = [step for name, decision in architecture.decisions.items() for step in path(decision, choices[name])]
        self.recent.append(Scored(violation, loss, self.controller.write(written)))
        if len(self.recent) > self.window:
            self.recent.popleft()
        self.noted += 1
        return True

    def advantages(self) -> np.ndarray:
        """(recent,) by rank, so that the scale of the results does not matter: about logarithmic in the rank for the
        better half, equal for the worse, zero in the mean (fitness shaping of Wierstra et al. 2014, "Natural Evolution
        Strategies", https://jmlr.org/papers/v15/wierstra14a.html). Equal results have equal advantages."""
        results = [scored[:2] for scored in self.recent]
        count = len(results)
        better = np.maximum(0, math.log(count / 2 + 1) - np.log(np.arange(1, count + 1)))
        ranked = sorted(results)
        shares: dict[tuple[float, float], list[float]] = {}
        for result, weight in zip(ranked, better / better.mean() - 1, strict=True):
            shares.setdefault(result, []).append(float(weight))
        return np.array([math.fsum(shares[result]) / len(shares[result]) for result in results])

    def _draw(self, rng: np.random.Generator) -> Callable[[], Architecture]:
        """A draw from the controller; each further one, made because the last was known already, is hotter."""
        space, controller = self.memory.space, self.controller
        heat = 1.0

        def draw() -> Architecture:
            nonlocal heat
            history = controller.start()

            def decide(decision: Decision) -> Value:
                nonlocal history
                taken: list[int] = []
                for step in steps(decision, taken):
                    chance = controller.probabilities(step, history, heat)
                    taken.append(_pick(chance, rng.random()))
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


def controller_of(kind: str, hidden: int, learning_rate: float) -> Controller:
    """A new controller of a kind. InputError where there is none, or a setting makes no sense."""
    if kind not in KINDS:
        raise unknown("controller", kind, KINDS)
    if not (hidden >= 1 and 0 < learning_rate < math.inf):
        raise InputError(
            "a controller needs hidden >= 1 and learning_rate > 0",
            f"got hidden={hidden}, learning_rate={learning_rate}",
        )
    return Controller(hidden if kind == "autoregressive" else 0, learning_rate)
