"""Seconds as epochs and data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.evaluation.affordable import affordable, lengthened
from netwright.evaluation.base import Context
from netwright.evaluation.training import Training
from netwright.tasks import open_task
from netwright.trial import Fidelity, Proposal


def test_small_data_are_used_whole_for_more_epochs() -> None:
    fidelity = affordable(Fidelity(seconds=5.0), 5.0, 1000, 40, 3e-4)
    assert fidelity.data == 1.0
    assert fidelity.epochs == pytest.approx(5.0 / 0.3, rel=0.01)


def test_a_network_twice_as_fast_sees_twice_as_many_examples() -> None:
    slow, fast = (affordable(Fidelity(seconds=5.0), 5.0, 55_000, 8, example_s) for example_s in (4e-4, 2e-4))
    assert (fast.epochs or 0) * fast.data == pytest.approx(2 * (slow.epochs or 0) * slow.data, rel=0.01)


def test_networks_that_reach_the_most_passes_get_no_more() -> None:
    asked = Fidelity(epochs=1.5, seconds=60.0)
    fast, faster = (affordable(asked, 60.0, 55_000, 8, example_s) for example_s in (2e-4, 1e-4))
    assert fast == faster
    assert (fast.epochs or 0) * fast.data == pytest.approx(1.5, rel=0.01)


def test_another_time_asks_for_passes_in_proportion() -> None:
    assert lengthened(Fidelity(epochs=3.0, seconds=5.0), 20.0) == Fidelity(epochs=12.0, seconds=20.0)
    assert lengthened(Fidelity(epochs=3.0, seconds=5.0), 20.0, most=10.0).epochs == 10.0


@given(
    seconds=st.floats(-1, 1e5),
    most=st.none() | st.floats(1, 500),
    examples=st.integers(20, 10_000_000),
    epochs=st.floats(1, 100),
    example_s=st.floats(1e-7, 1.0),
)
def test_every_time_gives_a_training(
    seconds: float, most: float | None, examples: int, epochs: float, example_s: float
) -> None:
    fidelity = affordable(Fidelity(epochs=most, seconds=1.0), seconds, examples, epochs, example_s)
    assert 0 < fidelity.data <= 1
    assert 0 < (fidelity.epochs or 0) * fidelity.data <= max(most or epochs, 1) * 1.02
    assert fidelity.seconds is None


def test_more_time_is_a_longer_training() -> None:
    task, evaluator = open_task("digits"), Training()
    evaluator.prepare()
    architecture = task.baselines()[0].space.architecture({})
    short, long = (
        evaluator.evaluate(Proposal(architecture, Fidelity(epochs=1000, seconds=seconds)), task, Context()).fidelity
        for seconds in (0.3, 3.0)
    )
    assert (short.epochs or 0) * short.data < (long.epochs or 0) * long.data
