from __future__ import annotations

import numpy as np
import pytest

from netwright.benchmarks.condition import Condition
from netwright.benchmarks.curves import Judge
from netwright.benchmarks.objective import objectives_of
from netwright.benchmarks.run import Run, Setting
from netwright.objectives import hypervolume


def judge(table, condition=None, names=()):
    return Judge(table, Setting(objectives_of(table, names), 10, condition or Condition()))


def made(table, rows, told=None, rungs=None, spent=None):
    """A run that evaluated these rows."""
    known = [float(table.validation[1, row]) for row in rows] if told is None else told
    cost = [float(place) for place in range(1, len(rows) + 1)] if spent is None else spent
    return Run(0, list(rows), list(rungs or [1] * len(rows)), known, cost, [2 * one for one in cost])


def row(table, *digits):
    return table.names.index("".join(map(str, digits)))


def test_the_incumbent_is_the_best_by_what_was_told(table):
    rows = [row(table, 1, 1, 1), row(table, 3, 3, 2), row(table, 0, 0, 0)]
    assert judge(table).incumbents(made(table, rows)) == [rows[0], rows[1], rows[1]]
    assert judge(table).incumbents(made(table, rows, told=[0.9, None, 0.95])) == [rows[0], rows[0], rows[2]]


def test_short_evaluations_make_no_incumbent(table):
    assert judge(table).incumbents(made(table, [5, 6], rungs=[0, 1])) == [-1, 6]


def test_regret_is_of_the_test_in_points_and_holds_until_the_next_result(table):
    rows = [row(table, 1, 1, 1), row(table, 3, 3, 2)]
    best = 100 * table.test.max()
    first, second = (best - 100 * table.test[one] for one in rows)
    blind = best - 100 * table.test.mean()
    found = judge(table).regret(made(table, rows), [0.5, 1.0, 1.9, 2.0, 9.0])
    assert found == pytest.approx([blind, first, first, second, second])
    assert judge(table).regret(made(table, rows), [1.9, 2.0, 4.0], "times") == pytest.approx([blind, first, second])


def test_near_the_optimum_by_choice_or_by_chance(table):
    best = row(table, 3, 3, 2)
    assert table.test[best] == table.test.max() - 0.005
    best = int(table.test.argmax())
    run = made(table, [0, best, 1], told=[0.95, 0.9, 0.85])
    assert judge(table).first_near(run) == np.inf
    assert judge(table).first_near(run, chosen=False) == 2
    assert judge(table).first_near(made(table, [0, best, 1])) == 2


def test_the_optimum_and_the_floor(table):
    plain, narrow = judge(table), judge(table, Condition(infeasible="params>500"))
    assert plain.optimum == table.test.max()
    assert narrow.optimum == table.test[table.metrics["params"] <= 500].max()
    assert plain.floor == pytest.approx(100 * (table.test.max() - table.test[table.validation[1].argmax()]))


def test_hypervolume_is_a_share_of_the_true_front(table):
    two = judge(table, names=["accuracy", "params"])
    everything = two.hypervolume(made(table, range(64)), [64])
    assert everything == pytest.approx([1.0], abs=0.02)
    losses = np.stack([-table.test, table.metrics["params"]], axis=1)
    some = [row(table, 0, 0, 0), row(table, 1, 1, 0)]
    reference = two._reference
    whole = hypervolume(losses, reference)
    found = two.hypervolume(made(table, some), [0, 1, 2])
    assert found == pytest.approx(
        [0, hypervolume(losses[some[:1]], reference) / whole, hypervolume(losses[some], reference) / whole]
    )


def test_what_was_told_decides_which_are_on_the_front(table):
    two = judge(table, names=["accuracy", "params"])
    good, bad = row(table, 1, 0, 1), row(table, 0, 1, 0)
    honest = two.hypervolume(made(table, [good, bad]), [2])
    fooled = two.hypervolume(made(table, [good, bad], told=[0.5, 0.6]), [2])
    assert fooled < honest
