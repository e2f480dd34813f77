"""The one protocol of all search strategies.

A strategy is frozen settings (a dataclass); what it has learnt is an explicit state, which is nothing but the fold
of `tell` over the log of trials:

    state = strategy.init(Problem(space, objectives, seed))
    proposals = strategy.ask(state, n)                 # reads the state, never changes it
    state = strategy.tell(state, trials)               # pending when proposed, again when completed or failed

The loop tells each trial when it is proposed (status "pending": it now counts as under way) and once more with its
outcome. So a search resumes by telling the log again, in the log's order; nothing else is saved. `tell` consumes the
state it is given (it may update it in place and return it). Randomness comes from `generator(seed, counter)`, where the
counter is the number of proposals told so far, so equal logs give equal asks.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypeVar, runtime_checkable

import numpy as np

from netwright.objectives import Objectives
from netwright.space import Architecture, Space
from netwright.trial import Fidelity, Proposal, Trial

S = TypeVar("S")
Scores = Callable[[Architecture], Mapping[str, float]]
"""What is known of an architecture before it is trained, by name: sizes, zero-cost scores. The names are always the
same; a value that cannot be had is NaN."""


@dataclass(frozen=True)
class Problem:
    """What a strategy is asked to solve.

    scores: cheap to ask for any architecture, features for strategies that model quality (None: nothing is known);
    fidelities: from the cheapest to the full one, for strategies that choose among them; trials: about how many full
    evaluations the budget allows (math.inf: not known).
    """

    space: Space
    objectives: Objectives
    seed: int = 0
    scores: Scores | None = None
    fidelities: tuple[Fidelity, ...] = (Fidelity(),)
    trials: float = math.inf


@runtime_checkable
class Strategy(Protocol[S]):
    """Proposes architectures. One class a file; the paper at the top of it."""

    name: ClassVar[str]
    """Kebab-case name on the command line."""
    multi_objective: ClassVar[bool]
    """Handles more than one objective."""
    learns: ClassVar[bool]
    """Lets results decide what comes next, and so is expected to beat random search."""
    uses_fidelity: ClassVar[bool]
    """Proposes fidelities of its own."""
    model_based: ClassVar[bool]
    """Fits a model to all results: proposing takes tens of milliseconds, and few trials go far."""

    def init(self, problem: Problem) -> S: ...

    def ask(self, state: S, n: int) -> Sequence[Proposal]:
        """Up to `n` proposals, fewer (or none) when the space is exhausted or results must come in first.

        Never repeats an architecture (by key, at the same fidelity) that is pending or measured while unseen feasible
        ones exist.
        """
        ...

    def tell(self, state: S, trials: Sequence[Trial]) -> S:
        """Takes trials in: pending ones when proposed, completed and failed ones when they end."""
        ...


def generator(seed: int, counter: int) -> np.random.Generator:
    """The random generator of the `counter`-th ask of a search: equal logs, equal draws."""
    return np.random.default_rng([seed, counter])


AnyStrategy = Strategy[Any]
