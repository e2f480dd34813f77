"""The simulated search of one strategy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from netwright import strategies
from netwright.benchmarks.condition import Condition
from netwright.benchmarks.objective import objectives_of
from netwright.benchmarks.run import Run, Setting, problem, run
from netwright.trial import Fidelity, Proposal, Trial


@dataclass(frozen=True)
class Script:
    """Proposes given rows of a table at given fidelities, whatever comes of them; each log is kept in `told`."""

    table: object
    wanted: tuple[tuple[int, float | None], ...]
    told: list[Trial]
    name: ClassVar[str] = "script"
    multi_objective: ClassVar[bool] = True
    learns: ClassVar[bool] = False
    uses_fidelity: ClassVar[bool] = True
    model_based: ClassVar[bool] = False

    def init(self, problem: object) -> int:
        self.told.clear()
        return 0

    def ask(self, state: int, n: int) -> Sequence[Proposal]:
        return [self.proposal(row, epochs) for row, epochs in self.wanted[state : state + n]]

    def proposal(self, row: int, epochs: float | None) -> Proposal:
        return Proposal(self.table.space.architecture(self.table.choices[row]), Fidelity(epochs=epochs))

    def tell(self, state: int, trials: Sequence[Trial]) -> int:
        self.told.extend(trials)
        return state + sum(trial.status == "pending" for trial in trials)


def script(table, *wanted):
    return Script(table, tuple(one if isinstance(one, tuple) else (one, None) for one in wanted), [])


def setting(table, queries=10, condition=None, names=(), scores=()):
    return Setting(objectives_of(table, names), queries, condition or Condition(), scores)


def test_every_query_is_told_twice_and_recorded(table):
    strategy = script(table, 5, 3, 5)
    found = run(strategy, table, setting(table), 0)
    assert (found.rows, found.rungs, found.spent) == ([5, 3, 5], [1, 1, 1], [1, 2, 3])
    assert found.told == pytest.approx([table.validation[1, row] for row in (5, 3, 5)])
    assert found.times == pytest.approx(np.cumsum(table.durations[[5, 3, 5]]))
    assert [(trial.number, trial.status) for trial in strategy.told] == [
        (number, status) for number in range(3) for status in ("pending", "completed")
    ]


def test_a_repeated_query_counts_and_the_budget_holds(table):
    assert run(script(table, *[7] * 30), table, setting(table, queries=4), 0).rows == [7] * 4


def test_cheap_evaluations_cost_their_share(table):
    wanted = [(row, 10.0) for row in range(15)] + [(0, None), (1, None)]
    found = run(script(table, *wanted), table, setting(table, queries=2), 0)
    assert found.rungs == [0] * 15
    assert found.spent[-1] == pytest.approx(1.5)
    assert found.told[:15] == pytest.approx(table.validation[0, :15])
    assert found.times[0] == pytest.approx(0.1 * table.durations[0])


def test_workers_finish_in_the_order_of_their_simulated_time(table):
    slow, fast, middle = 63, 0, 21
    found = run(script(table, slow, fast, middle), table, setting(table, condition=Condition(workers=2)), 0)
    assert found.rows == [fast, middle, slow]
    assert found.times == pytest.approx(
        [table.durations[fast], table.durations[fast] + table.durations[middle], table.durations[slow]]
    )
    assert found.spent == [1, 2, 3]


def test_a_strategy_that_has_nothing_more_ends_the_run(table):
    found = run(strategies.get("random"), table, setting(table, queries=500), 0)
    assert sorted(found.rows) == list(range(64))


@pytest.mark.parametrize("condition", [Condition(), Condition(noise=1.0, workers=4, failing=0.3)])
def test_equal_seeds_give_equal_runs(table, condition):
    def again(seed):
        found = run(strategies.get("genetic"), table, setting(table, 40, condition), seed)
        return replace(found, ask_tell_s=0.0)

    assert again(1) == again(1)
    assert again(1) != again(2)


def test_failures_are_recorded_as_nothing_told(table):
    found = run(strategies.get("random"), table, setting(table, 40, Condition(infeasible="params>500")), 0)
    for row, told in zip(found.rows, found.told, strict=True):
        assert (told is None) == (table.metrics["params"][row] > 500)


def test_the_problem_holds_what_strategies_may_know(table):
    made = problem(table, setting(table, queries=30, scores=("guess",)), seed=4)
    architecture = table.space.architecture(table.choices[63])
    assert made.scores(architecture) == {"guess": 3.0}
    assert (made.seed, made.fidelities, made.trials) == (4, table.fidelities, 30.0)
    assert problem(table, setting(table), seed=4).scores is None


def test_a_run_survives_json(table):
    found = run(strategies.get("random"), table, setting(table), 3)
    assert Run.from_dict(found.to_dict()).rows == found.rows
    assert Run.from_dict(found.to_dict()).times == pytest.approx(found.times, abs=1e-6)
