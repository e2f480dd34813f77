"""The published suite refuses strategies that break a promise: each is a random search with one mistake."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest

from netwright.strategies import RandomSearch, RegularizedEvolution
from netwright.testing.strategies import ACCURACY, SPACES, TINY, StrategyConformance, fails, faulty, smooth
from netwright.trial import Fidelity, Proposal

SUITE = StrategyConformance()
SPACE = SPACES["choices"]


def reseeded(state, seed):
    return replace(state, problem=replace(state.problem, seed=seed))


@dataclass(frozen=True)
class Repeats(RandomSearch):
    """Forgets what is out."""

    def ask(self, state, n):
        rng = state.generator()
        return [Proposal(state.space.sample(rng)) for _ in range(n)]


@dataclass(frozen=True)
class Unsteady(RandomSearch):
    """Draws from a generator of its own."""

    def ask(self, state, n):
        return super().ask(reseeded(state, int(np.random.default_rng().integers(2**31))), n)


@dataclass(frozen=True)
class Deaf(RandomSearch):
    """Always the same seed."""

    def init(self, problem):
        return super().init(replace(problem, seed=0))


@dataclass(frozen=True)
class Counts(RandomSearch):
    """Asking changes the state."""

    def ask(self, state, n):
        proposals = super().ask(state, n)
        state.asked += 1
        return proposals


@dataclass(frozen=True)
class ByIdentity(RandomSearch):
    """Depends on which object it was told."""

    def tell(self, state, trials):
        state = super().tell(state, trials)
        return reseeded(state, id(trials[-1].proposal) % 1000) if trials else state


@dataclass(frozen=True)
class ByBatch(RandomSearch):
    """Depends on how the log is cut."""

    def tell(self, state, trials):
        return reseeded(super().tell(state, trials), state.problem.seed + 1)


@dataclass(frozen=True)
class Greedy(RandomSearch):
    """Gives more than is asked for."""

    def ask(self, state, n):
        return super().ask(state, n + 1)


@dataclass(frozen=True)
class GivesUp(RandomSearch):
    """Ends while something is left."""

    def ask(self, state, n):
        return super().ask(state, n) if len(state.seen) < 10 else []


@dataclass(frozen=True)
class Lawless(RandomSearch):
    """Draws from the space without its constraints."""

    def init(self, problem):
        return super().init(replace(problem, space=replace(problem.space, constraints=())))


@dataclass(frozen=True)
class Secret(RandomSearch):
    """Proposes fidelities and does not say so."""

    def ask(self, state, n):
        return [replace(proposal, fidelity=Fidelity(3.0)) for proposal in super().ask(state, n)]


@dataclass(frozen=True)
class Boasts(RandomSearch):
    """Says that it learns."""

    learns = True
    multi_objective = True


@dataclass(frozen=True)
class Modest(RegularizedEvolution):
    """Learns and does not say so."""

    learns = False


@dataclass(frozen=True)
class Naive(RegularizedEvolution):
    """Breeds from failures as well."""

    def ask(self, state, n):
        last = range(state.memory.asked)[-1:]
        return [replace(proposal, parents=tuple(last)) for proposal in super().ask(state, n)]


@dataclass
class Loose:
    """Its settings can be changed, and it follows no protocol."""

    name = "loose"


@pytest.mark.parametrize(
    ("strategy", "check", "arguments"),
    [
        (Loose(), SUITE.test_follows_the_protocol, ()),
        (Repeats(), SUITE.test_proposes_architectures_of_the_space, (SPACES["conditional"],)),
        (Repeats(), SUITE.test_what_is_under_way_is_not_proposed_again, (SPACES["conditional"], 64, 84)),
        (Repeats(), SUITE.test_failures_are_taken, (faulty, ACCURACY)),
        (Repeats(), SUITE.test_goes_through_the_whole_of_a_tiny_space, (smooth, 1)),
        (Unsteady(), SUITE.test_proposes_architectures_of_the_space, (SPACE,)),
        (Deaf(), SUITE.test_proposes_architectures_of_the_space, (SPACE,)),
        (Counts(), SUITE.test_a_search_resumes_from_its_log_at_every_point, (SPACE,)),
        (ByIdentity(), SUITE.test_a_search_resumes_from_its_log_at_every_point, (SPACE,)),
        (ByBatch(), SUITE.test_a_search_resumes_from_its_log_at_every_point, (SPACE,)),
        (Greedy(), SUITE.test_asks_for_no_more_than_wanted, ()),
        (GivesUp(), SUITE.test_goes_through_the_whole_of_a_tiny_space, (fails, 7)),
        (GivesUp(), SUITE.test_stops_where_constraints_leave_nothing_else, ()),
        (Lawless(), SUITE.test_keeps_to_the_restricted_space, (SPACE,)),
        (Secret(), SUITE.test_fidelities_are_proposed_by_those_that_say_so, ()),
        (Boasts(), SUITE.test_learns_or_says_that_it_does_not, (SPACE,)),
        (Boasts(), SUITE.test_finds_a_larger_front_where_it_handles_several_objectives, ()),
        (Boasts(), SUITE.test_learns_what_is_feasible, ()),
        (Modest(), SUITE.test_learns_or_says_that_it_does_not, (SPACE,)),
        (Naive(), SUITE.test_never_learns_from_a_failure, ()),
    ],
    ids=lambda value: type(value).__name__ if hasattr(value, "ask") else getattr(value, "__name__", ""),
)
def test_a_broken_promise_is_noticed(strategy, check, arguments):
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        check(strategy, *arguments)


def test_the_tiny_space_is_as_small_as_the_suite_takes_it_to_be():
    assert len({architecture.key for architecture in TINY.enumerate()}) == TINY.size() == 24
