"""What strategies that are guided by predictors have in common: founders first, then what looks promising."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import ClassVar, Generic, Protocol, TypeVar

import numpy as np

from netwright.errors import InputError
from netwright.predictors import Encodings, Part, even
from netwright.strategies import candidates
from netwright.strategies.base import Problem
from netwright.strategies.belief import Surrogates
from netwright.strategies.candidates import Candidate
from netwright.strategies.evidence import Evidence
from netwright.strategies.memory import Memory
from netwright.trial import Proposal, Trial


class Informed(Protocol):
    """A state that keeps its evidence."""

    @property
    def evidence(self) -> Evidence: ...


S = TypeVar("S", bound=Informed)


def evidence(problem: Problem, parts: Sequence[Part]) -> Evidence:
    """None yet."""
    return Evidence(Memory(problem), Encodings(problem.space, problem.scores, parts))


class Guided(Generic[S]):
    """The protocol of strategies, but for what is promising. founders: networks at the start that are chosen without
    any result; candidates: how many are looked at for each proposal; parents: how many of the best breed them."""

    name: ClassVar[str]
    founders: int
    candidates: int
    parents: int

    def __post_init__(self) -> None:
        if min(self.founders, self.candidates, self.parents) < 1:
            raise InputError(f"{self.name} needs founders, candidates and parents of at least 1", f"got {self}")

    def ask(self, state: S, n: int) -> Sequence[Proposal]:
        known = state.evidence
        rng = known.memory.generator()
        founding = known.memory.asked < self.founders or len(known.measured) < 2
        chosen = self._founding(state, rng) if founding else self._promising(state, rng)
        return candidates.proposals(known.memory, rng, n, chosen, "founder" if founding else "predicted")

    def tell(self, state: S, trials: Sequence[Trial]) -> S:
        for trial in trials:
            state.evidence.note(trial)
        return state

    def _founding(self, state: S, rng: np.random.Generator) -> Iterator[Candidate]:
        """Founders; when these run out random ones are taken."""
        return iter(())

    def _promising(self, state: S, rng: np.random.Generator) -> Iterator[Candidate]:
        raise NotImplementedError


class GuidedByProcesses(Guided[Surrogates]):
    """Guided by Gaussian processes over `encoded` parts of architectures."""

    encoded: ClassVar[tuple[Part, ...]] = ("decisions", "scores")

    def init(self, problem: Problem) -> Surrogates:
        return Surrogates(evidence(problem, self.encoded), even)
