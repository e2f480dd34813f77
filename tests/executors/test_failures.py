"""What exceptions, exits and answers mean."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netwright.executors.failures import checked, failure_of, failure_of_exit
from netwright.trial import Measurement


def test_a_message_names_the_place():
    try:
        [].pop()
    except IndexError as error:
        found = failure_of(error)
    assert found.reason == "error"
    assert found.message.startswith("IndexError: pop from empty list (")
    assert "test_failures.py, line" in found.message


def test_a_message_has_an_end():
    assert len(failure_of(ValueError("x" * 10**6)).message) == 1000


@pytest.mark.parametrize(
    ("code", "says"), [(1, "code 1"), (-11, "SIGSEGV"), (-9, "out of memory"), (-63, "signal 63"), (None, "code None")]
)
def test_an_exit_is_explained(code, says):
    found = failure_of_exit(code)
    assert found.reason == "killed"
    assert says in found.message


def test_metrics_become_plain_floats():
    found = checked(Measurement({"accuracy": np.float32(0.5), "params": 7}, test={"accuracy": np.float64(0.25)}))
    assert [type(value) for value in (*found.metrics.values(), *found.test.values())] == [float] * 3
    assert found.metrics == {"accuracy": 0.5, "params": 7.0}


def test_one_finite_quality_is_enough():
    assert checked(Measurement({"accuracy": 0.5, "log_loss": math.nan})).metrics["accuracy"] == 0.5


@pytest.mark.parametrize(
    "metrics", [{"accuracy": math.nan, "log_loss": math.inf, "params": 5.0}, {"example_s": math.nan}]
)
def test_no_finite_quality_is_not_a_number(metrics):
    with pytest.raises(FloatingPointError, match="nan"):
        checked(Measurement(metrics))


def test_no_metrics_at_all_are_fine():
    assert checked(Measurement({})).metrics == {}
