"""What strategies remember, and how they find what is left."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.objectives import Objective, Objectives
from netwright.space import Space, chain, choice, op, real
from netwright.strategies import RandomSearch
from netwright.strategies.base import Problem
from netwright.strategies.memory import Memory, Remaining
from netwright.trial import Failure, Proposal, Trial

SPACE = Space(op("conv", kernel=choice(*range(1, 10))), "memory-test")
OBJECTIVES = Objectives((Objective("accuracy"),))
EVERY = list(SPACE.enumerate())


def test_counts_and_keeps_what_is_proposed_only():
    memory = Memory(Problem(SPACE, OBJECTIVES))
    pending = Trial(0, Proposal(EVERY[3]))
    memory.note(pending)
    memory.note(pending.fail(Failure("error", "broke")))
    assert memory.asked == 1
    assert memory.seen == {EVERY[3].key}


def test_draws_come_in_their_order_then_random_then_what_is_left():
    memory, rng = Memory(Problem(SPACE, OBJECTIVES)), np.random.default_rng(0)
    memory.seen = {EVERY[0].key}
    assert memory.unseen((), rng, lambda: EVERY[0], lambda: EVERY[5]) == (EVERY[5], 1)
    assert memory.unseen((), rng, lambda: EVERY[0])[1] == 1
    memory.seen = {a.key for a in EVERY[:-1]}
    assert memory.unseen((), rng)[0] == EVERY[-1]
    assert memory.unseen({EVERY[-1].key}, rng) is None


def test_an_endless_space_is_not_gone_through():
    memory = Memory(Problem(Space(op("head"), "endless", {"lr": real(0, 1)}), OBJECTIVES))
    always = memory.space.sample(np.random.default_rng(0))
    memory.seen = {always.key}
    assert memory.unseen((), np.random.default_rng(1), lambda: always)[1] == 1


def test_what_is_left_is_the_first_in_order_whatever_was_asked_before():
    rng, seen, remaining = np.random.default_rng(0), set(), Remaining(SPACE.enumerate)
    for _ in range(200):
        taken = {EVERY[int(i)].key for i in rng.choice(len(EVERY), size=rng.integers(len(EVERY)), replace=False)}
        expected = next((a for a in EVERY if a.key not in seen and a.key not in taken), None)
        assert remaining.first(seen, taken) == expected
        if rng.random() < 0.05:
            seen.add(EVERY[int(rng.integers(len(EVERY)))].key)
    assert len(seen) > 3


def test_a_state_can_be_copied_and_pickled_midway():
    memory = Memory(Problem(SPACE, OBJECTIVES))
    memory.seen = {a.key for a in EVERY[:4]}
    assert memory.remaining.first(memory.seen, ()) == EVERY[4]
    for twin in (copy.deepcopy(memory), pickle.loads(pickle.dumps(memory))):
        assert twin.remaining.first(twin.seen, {EVERY[4].key}) == EVERY[5]


def test_a_draw_that_meets_nothing_feasible_ends_the_asking_not_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    space = Space(chain(*(op("conv", kernel=choice(*range(1, 9))) for _ in range(8))), "wide")
    strategy = RandomSearch()
    state = strategy.init(Problem(space, OBJECTIVES))
    first = strategy.ask(state, 1)[0]

    def none(*_: object) -> None:
        raise InputError("no architecture was found")

    monkeypatch.setattr(Space, "sample", none)
    with pytest.raises(InputError):
        strategy.ask(state, 1)
    state = strategy.tell(state, [Trial(0, first)])
    assert list(strategy.ask(state, 1)) == []
