"""The strategies that leave it to others."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from netwright.errors import InputError
from netwright.strategies import Auto, Portfolio
from netwright.strategies.auto import choose
from netwright.testing.strategies import SMALL_AND_ACCURATE, SPACES, TINY, problem, proposed, search, smooth
from netwright.trial import Fidelity


def test_everyone_has_a_turn_and_the_best_have_more():
    made = proposed(search(Portfolio("random,npenas"), SPACES["choices"], smooth, 120))
    turns = Counter(proposal.origin.partition(":")[0] for proposal in made)
    assert turns["random"] > 5
    assert turns["npenas"] > 1.5 * turns["random"]


def test_members_for_one_objective_sit_out_where_there_are_several():
    made = proposed(search(Portfolio(), SPACES["choices"], smooth, 30, objectives=SMALL_AND_ACCURATE))
    assert {proposal.origin.partition(":")[0] for proposal in made} <= {"npenas", "nsga2", "regularized-evolution"}


@pytest.mark.parametrize(
    ("members", "message"), [("npenas,npenas", "twice"), ("npenas,asha", "fidelities"), ("npenas,nobody", "nobody")]
)
def test_impossible_members_are_refused(members, message):
    with pytest.raises(InputError, match=message):
        Portfolio(members)


def test_no_member_for_the_objectives_is_refused():
    with pytest.raises(InputError, match="several objectives"):
        Portfolio("local-search").init(problem(SPACES["choices"], SMALL_AND_ACCURATE))


ONE = (Fidelity(),)


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"space": TINY, "trials": 100.0}, "random"),
        ({"trials": 8.0}, "successive-halving"),
        ({"trials": 8.0, "fidelities": ONE}, "random"),
        ({"trials": 100.0}, "npenas"),
        ({}, "npenas"),
        ({"trials": 10_000.0}, "regularized-evolution"),
        ({"trials": 100.0, "objectives": SMALL_AND_ACCURATE}, "ehvi"),
        ({"trials": 10_000.0, "objectives": SMALL_AND_ACCURATE}, "nsga2"),
    ],
)
def test_auto_chooses_by_the_problem_and_says_why(change, name):
    asked = replace(problem(SPACES["choices"]), **change)
    strategy, reason = choose(asked)
    assert strategy.name == name
    assert reason
    assert "{" not in reason
    assert Auto().init(asked).reason == reason
