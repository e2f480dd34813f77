"""The budget governor."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.evaluation.pace import Pace
from netwright.loop.plan import Clock, counted_plan, plan_from_dict, plan_to_dict, timed_plan


def test_a_time_budget_is_spent_within_itself_and_on_everything() -> None:
    plan = timed_plan(Clock(600, 5, 2), 50_000, (8, 40), 3e-4)
    assert 5 + 2 * plan.search_s + plan.promotion_s < plan.final_end < 600
    assert min(plan.search_s, plan.final_end - 5 - 2 * plan.search_s - plan.promotion_s) > 0.25 * 600
    assert any("search" in line for line in plan.lines)


def test_more_time_means_slower_networks_and_costlier_trials() -> None:
    short, long = (timed_plan(Clock(seconds, 5, 2), 50_000, (8, 40), 3e-4) for seconds in (600, 6000))
    assert Clock(6000, 5, 2).an_example(50_000, 8) > Clock(600, 5, 2).an_example(50_000, 8)
    assert (long.fidelity.seconds or 0) > (short.fidelity.seconds or 0)


@given(
    seconds=st.floats(5, 1e5),
    workers=st.integers(1, 64),
    examples=st.integers(20, 10_000_000),
    epochs=st.floats(1, 100),
    example_s=st.floats(1e-7, 1.0),
)
def test_every_plan_is_possible(seconds: float, workers: int, examples: int, epochs: float, example_s: float) -> None:
    plan = timed_plan(Clock(seconds, 3.0, workers), examples, (epochs, 5 * epochs), example_s)
    assert (plan.fidelity.seconds or 0) > 0
    assert plan.search_s >= 0
    assert plan.final_end <= max(seconds, 3.0)
    assert plan_from_dict(json.loads(json.dumps(plan_to_dict(plan)))) == plan


def test_a_search_trial_is_a_final_training_on_a_smaller_scale() -> None:
    clock = Clock(600, 5, 2)
    plan = timed_plan(clock, 50_000, (8, 40), 3e-4)
    assert plan.fidelity.epochs is not None
    assert plan.fidelity.epochs / 40 == pytest.approx(plan.trial_s / clock.one_final, rel=0.01)
    assert plan.longer(clock.one_final).epochs == pytest.approx(40, rel=0.01)
    assert timed_plan(clock, 50, (8, 40), 3e-4).fidelity.epochs == 40  # where everything fits, everything is done


def test_budgets_in_trials_have_no_clock() -> None:
    plan = counted_plan(8)
    assert math.isinf(plan.search_s)
    assert math.isinf(plan.slowest_s)
    assert plan_from_dict(json.loads(json.dumps(plan_to_dict(plan)))) == plan


def test_the_ladder_of_fidelities_climbs_to_a_promotion() -> None:
    plan = timed_plan(Clock(600, 5, 2), 50_000, (8, 40), 3e-4)
    seconds = [rung.seconds or 0 for rung in plan.ladder]
    assert len(seconds) == 3
    assert seconds == sorted(seconds)
    assert seconds[-1] == pytest.approx(plan.promotion_s / 3, abs=0.01)
    epochs = [rung.epochs or 0 for rung in counted_plan(40).ladder]
    assert epochs == sorted(epochs)
    assert len(epochs) == 3
    assert counted_plan(40).ladder[-1] == counted_plan(40).fidelity


def test_where_starting_is_dear_trials_are_longer_and_told_why() -> None:
    pace = Pace(1e-11, 0.0, starting_s=5.0)
    quick = timed_plan(Clock(600, 5, 2), 50_000, (8, 40), 3e-4)
    slow = timed_plan(Clock(600, 5, 2, starting_s=5.0), 50_000, (8, 40), 3e-4, pace=pace)
    assert quick.trial_s < 15
    assert slow.trial_s == pytest.approx(20)
    assert (len(quick.ladder), len(slow.ladder)) == (3, 1)
    assert any("5.0 s of each training go by before its first step" in line for line in slow.lines)
    assert not any("first step" in line for line in quick.lines)
    assert Clock(600, 5, 2, starting_s=5.0).an_example(50_000, 8) < Clock(600, 5, 2).an_example(50_000, 8)
    assert plan_from_dict(json.loads(json.dumps(plan_to_dict(slow)))) == slow
