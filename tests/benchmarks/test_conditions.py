from __future__ import annotations

import numpy as np
import pytest

from netwright.benchmarks.condition import Condition
from netwright.errors import InputError
from netwright.trial import Proposal, Trial


def end(table, condition, row, number=0, wanted=("accuracy",)):
    """How a trial of a row comes out."""
    trial = Trial(number, Proposal(table.space.architecture(table.choices[row])))
    return condition.answers(table, wanted).end(trial, np.random.default_rng(number))


def test_plain_is_what_the_table_says(table):
    ended = end(table, Condition(), 63)
    assert ended.measurement.metrics == table.measured(63, 1)
    assert ended.measurement.cost.wall_s == pytest.approx(table.durations[63])


def test_noise_has_its_deviation_and_touches_the_quality_alone(table):
    ended = [end(table, Condition(noise=2.0), 0, number) for number in range(2000)]
    told = np.array([trial.metric("accuracy") for trial in ended])
    assert told.mean() == pytest.approx(0.8, abs=0.002)
    assert told.std() == pytest.approx(0.02, rel=0.1)
    assert {trial.metric("params") for trial in ended} == {100.0}


def test_failures_come_at_their_rate(table):
    statuses = [end(table, Condition(failing=0.25), 0, number).status for number in range(2000)]
    assert statuses.count("failed") / 2000 == pytest.approx(0.25, abs=0.03)


def test_a_region_fails_always_and_the_rest_never(table):
    condition = Condition(infeasible="params>0.5k")
    for row in range(len(table)):
        assert (end(table, condition, row).status == "failed") == (table.metrics["params"][row] > 500)


def test_a_metric_that_is_wanted_and_not_known_fails_the_trial(table):
    row = int(np.flatnonzero(np.isnan(table.metrics["latency_toy"]))[0])
    assert end(table, Condition(), row).status == "completed"
    ended = end(table, Condition(), row, wanted=("accuracy", "latency_toy"))
    assert ended.failure.reason == "not-a-number"
    assert "latency_toy" in ended.failure.message


def test_all_together(table):
    condition = Condition(noise=1.0, workers=3, failing=0.5, infeasible="params>500")
    assert condition.name == "noise 1, 3 workers, failing 0.5, infeasible params>500"
    outcomes = [end(table, condition, row, number).status for row in (0, 63) for number in range(100)]
    assert 20 < outcomes[:100].count("completed") < 80
    assert outcomes[100:].count("completed") == 0


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"noise": -1.0}, "noise is -1"),
        ({"noise": float("nan")}, "noise is nan"),
        ({"workers": 0}, "workers is 0"),
        ({"failing": 1.0}, "failing is 1"),
        ({"infeasible": "params"}, "write it like"),
        ({"infeasible": "params>>5"}, "write it like"),
    ],
)
def test_conditions_that_make_no_sense_are_refused(settings, says):
    with pytest.raises(InputError, match=says):
        Condition(**settings)


def test_a_region_that_the_table_does_not_know_or_that_is_everything_is_refused(table):
    with pytest.raises(InputError, match="did you mean 'params'"):
        Condition(infeasible="parms>5").region(table)
    with pytest.raises(InputError, match="every architecture"):
        Condition(infeasible="params>1").region(table)
