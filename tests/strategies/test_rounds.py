"""Work in rounds: all workers side by side, each round begun with what the last one left."""

from __future__ import annotations

import pytest

from netwright.errors import InputError
from netwright.objectives import Objective, Objectives
from netwright.space import Space, op
from netwright.strategies import Rounds
from netwright.strategies.base import Problem
from netwright.trial import Failure, Measurement, Trial

SPACE = Space(op("head"), "one")
PROBLEM = Problem(SPACE, Objectives((Objective("accuracy"),)))


def played(strategy: Rounds, fail=lambda number: False) -> list[Trial]:
    """All trials of a run in which trials end in the order of their start, one at a time."""
    state, trials, running = strategy.init(PROBLEM), [], []
    while True:
        while asked := strategy.ask(state, 1):
            trial = Trial(len(trials), asked[0])
            trials.append(trial)
            running.append(trial)
            state = strategy.tell(state, [trial])
        if not running:
            return trials
        trial = running.pop(0)
        bad = fail(trial.number)
        ended = trial.fail(Failure("error", "")) if bad else trial.complete(Measurement({"accuracy": 0.5}))
        state = strategy.tell(state, [ended])


@pytest.mark.parametrize(("rounds", "workers"), [(1, 1), (3, 1), (1, 3), (4, 2)])
def test_each_round_begins_with_all_that_the_last_one_left(rounds, workers):
    trials = played(Rounds(SPACE.architecture({}), rounds, workers))
    assert len(trials) == rounds * workers
    for trial in trials:
        first = trial.number // workers * workers
        assert trial.proposal.parents == tuple(range(max(0, first - workers), first))


def test_what_failed_is_left_out():
    trials = played(Rounds(SPACE.architecture({}), 2, 3), fail=lambda number: number == 1)
    assert [trial.proposal.parents for trial in trials[3:]] == [(0, 2)] * 3


def test_a_round_in_which_all_fail_is_the_last():
    assert len(played(Rounds(SPACE.architecture({}), 5, 2), fail=lambda number: number > 1)) == 4


def test_no_more_than_a_round_is_asked_at_once():
    strategy = Rounds(SPACE.architecture({}), 2, 2)
    assert len(strategy.ask(strategy.init(PROBLEM), 64)) == 2


@pytest.mark.parametrize("settings", [(0, 1), (1, 0)])
def test_fewer_than_one_is_refused(settings):
    with pytest.raises(InputError):
        Rounds(SPACE.architecture({}), *settings)
