"""Hill climbing by network morphism: Elsken et al. 2017, "Simple and Efficient Architecture Search for Convolutional
Neural Networks", https://arxiv.org/abs/1711.04528.

From small networks up: one of the best grows in one place, and its child goes on from its weights. Where weights are
carried over, a child that only grew answers what its parent did, so no training is lost. Without sizes of networks
among the scores, and where nothing larger is found, any mutation is tried.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import ClassVar

import numpy as np

from netwright.errors import InputError
from netwright.space import Architecture
from netwright.strategies.base import Problem
from netwright.strategies.memory import Memory
from netwright.trial import Proposal, Trial

SIZE = "params"
TRIES = 16
"""Mutations looked at for one that grows."""


@dataclass(frozen=True)
class Morphism:
    """founders: small networks at the start; drawn: random networks that each is the smallest of; parents: how many of
    the best grow."""

    founders: int = 4
    drawn: int = 8
    parents: int = 3
    name: ClassVar[str] = "morphism"
    multi_objective: ClassVar[bool] = False
    learns: ClassVar[bool] = True
    uses_fidelity: ClassVar[bool] = False
    model_based: ClassVar[bool] = False

    def __post_init__(self) -> None:
        if min(self.founders, self.drawn, self.parents) < 1:
            raise InputError("morphism needs founders, drawn and parents of at least 1", f"got {self}")

    def init(self, problem: Problem) -> MorphismState:
        return MorphismState(Memory(problem))

    def ask(self, state: MorphismState, n: int) -> Sequence[Proposal]:
        memory, rng = state.memory, state.memory.generator()
        proposals: dict[str, Proposal] = {}
        for _ in range(n):
            founding = memory.asked + len(proposals) < self.founders or not state.ranks
            parent = None if founding else self._parent(state, rng)
            smallest = partial(self._smallest, memory, rng)
            found = memory.unseen(proposals, rng, smallest if parent is None else partial(_grown, memory, parent, rng))
            if found is None:
                break
            child, place = found
            parents = (parent.number,) if parent is not None and place == 0 else ()
            proposals[child.key] = Proposal(child, parents=parents, origin="morphism" if parents else "random")
        return list(proposals.values())

    def tell(self, state: MorphismState, trials: Sequence[Trial]) -> MorphismState:
        for trial in trials:
            state.memory.note(trial)
            if state.memory.objectives.valid(trial):
                insort(state.ranks, state.memory.objectives.rank_key(trial))
                state.known[trial.number] = trial
                for *_, number in state.ranks[self.parents :]:
                    del state.known[number]
                del state.ranks[self.parents :]
        return state

    def _parent(self, state: MorphismState, rng: np.random.Generator) -> Trial:
        return state.known[state.ranks[int(rng.integers(len(state.ranks)))][-1]]

    def _smallest(self, memory: Memory, rng: np.random.Generator) -> Architecture:
        return min((memory.space.sample(rng) for _ in range(self.drawn)), key=lambda one: _size(memory, one))


def _grown(memory: Memory, parent: Trial, rng: np.random.Generator) -> Architecture:
    mine = parent.proposal.architecture
    least = _size(memory, mine)
    for _ in range(TRIES):
        child = memory.space.mutate(mine, rng)
        if least < _size(memory, child) < math.inf and child.key not in memory.seen:
            return child
    return memory.space.mutate(mine, rng)


def _size(memory: Memory, architecture: Architecture) -> float:
    """How large a network is, 0 where that is not known."""
    scores = memory.problem.scores
    size = 0.0 if scores is None else float(scores(architecture).get(SIZE, 0.0))
    return math.inf if math.isnan(size) else size


@dataclass
class MorphismState:
    """ranks: of the best, best first; known: these trials by number."""

    memory: Memory
    ranks: list[tuple[float, float, int]] = field(default_factory=list)
    known: dict[int, Trial] = field(default_factory=dict)
