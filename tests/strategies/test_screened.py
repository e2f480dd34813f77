"""Any strategy behind a predictor."""

from __future__ import annotations

import numpy as np
import pytest

from netwright import strategies
from netwright.errors import InputError
from netwright.objectives import Objective, Objectives
from netwright.space import Space, chain, choice, op
from netwright.strategies import Problem, RandomSearch, Screened
from netwright.strategies.base import AnyStrategy
from netwright.trial import Measurement, Trial

SPACE = Space(chain(*(op("conv", kernel=choice(1, 3, 5, 7), channels=choice(8, 16, 32)) for _ in range(5))), "wide")
ONE = Objectives((Objective("accuracy"),))


def worth(trial: Trial) -> float:
    choices = trial.proposal.architecture.to_dict()
    return float(np.mean([choices[f"{i}/kernel"] / 3 for i in range(5)]))


def run(strategy: AnyStrategy, trials: int) -> list[Trial]:
    """A search, one trial at a time."""
    state = strategy.init(Problem(SPACE, ONE, seed=1))
    done = []
    for number in range(trials):
        trial = Trial(number, strategy.ask(state, 1)[0])
        done.append(trial.complete(Measurement({"accuracy": worth(trial)})))
        state = strategy.tell(strategy.tell(state, [trial]), done[-1:])
    return done


def test_a_screen_finds_better_networks_than_what_it_screens() -> None:
    plain, screened = (run(one, 30) for one in (RandomSearch(), Screened(RandomSearch())))
    assert [one.key for one in plain[:8]] == [one.key for one in screened[:8]]
    assert np.mean([worth(one) for one in screened[15:]]) > np.mean([worth(one) for one in plain[15:]]) + 0.1


@pytest.mark.parametrize("name", ["random", "regularized-evolution", "reinforce"])
def test_its_state_is_the_log_alone(name: str) -> None:
    strategy = Screened(strategies.get(name), ahead=3, founders=3)
    done = run(strategy, 8)
    state = strategy.init(Problem(SPACE, ONE, seed=1))
    for trial in done:
        state = strategy.tell(strategy.tell(state, [Trial(trial.number, trial.proposal)]), [trial])
    again = strategy.ask(state, 2)
    assert [one.architecture.key for one in again] == [one.architecture.key for one in strategy.ask(state, 2)]
    keys = [one.key for one in done] + [one.architecture.key for one in again]
    assert len(set(keys)) == len(keys)


def test_what_it_can_do_is_what_the_strategy_inside_can() -> None:
    inside = strategies.get("nsga2")
    screened = Screened(inside)
    assert (screened.name, screened.multi_objective, screened.learns) == ("nsga2", True, True)


def test_a_screen_that_looks_at_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="ahead >= 1"):
        Screened(RandomSearch(), ahead=0)
