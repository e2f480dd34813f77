"""What a training can still reach, by those before it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from netwright.evaluation.outlook import FEWEST, LEVEL, Outlook


def trainings(rng, count, noise, tells=1.0):
    """Curves of five epochs and what they ended with: how good a network is, its loss tells from the first one on."""
    worth = rng.normal(size=count)
    curves = [tuple((stage, 2 - stage + tells * one) for stage in (0.2, 0.4, 0.6, 0.8, 1.0)) for one in worth]
    return curves, [float(one + noise * rng.normal()) for one in worth]


@pytest.mark.parametrize("noise", [0.01, 0.3, 2.0])
def test_few_end_better_than_foretold(noise):
    rng, kept = np.random.default_rng(0), []
    for _ in range(400):
        curves, reached = trainings(rng, 20, noise)
        outlook = Outlook(tuple(curves[1:]), tuple(reached[1:]), 0.0)
        kept.append(reached[0] >= outlook.least(0.4, dict(curves[0])[0.4]))
    assert np.mean(kept) >= LEVEL - 0.04


def test_what_falls_behind_is_hopeless_and_what_leads_is_not():
    curves, reached = trainings(np.random.default_rng(0), 40, 0.05)
    outlook = Outlook(tuple(curves), tuple(reached), wanted=sorted(reached)[10])
    assert outlook.hopeless(0.4, 1.6 + 1.5)
    assert not outlook.hopeless(0.4, 1.6 - 1.0)
    assert not outlook.hopeless(0.1, 1.9 + 1.5)
    assert not outlook.hopeless(0.9, 1.1 + 1.5)


def test_between_epochs_losses_are_interpolated():
    curves, reached = trainings(np.random.default_rng(0), 40, 0.05)
    outlook = Outlook(tuple(curves), tuple(reached), 0.0)
    assert outlook.least(0.5, 1.5) == pytest.approx(outlook.least(0.4, 1.6), abs=1e-6)


def test_losses_that_tell_nothing_stop_little():
    rng, stopped = np.random.default_rng(0), []
    for _ in range(300):
        curves, _ = trainings(rng, 30, 0.0)
        reached = [float(one) for one in rng.normal(size=30)]
        outlook = Outlook(tuple(curves[1:]), tuple(reached[1:]), wanted=sorted(reached)[30 // 4])
        stopped.append(outlook.hopeless(0.4, dict(curves[0])[0.4]))
    assert np.mean(stopped) < 0.1


def test_too_few_or_equal_losses_say_nothing():
    curves, reached = trainings(np.random.default_rng(0), FEWEST - 1, 0.05)
    assert Outlook(tuple(curves), tuple(reached), -9.0).least(0.4, 9.0) == -math.inf
    curves, reached = trainings(np.random.default_rng(0), 20, 0.05, tells=0.0)
    assert Outlook(tuple(curves), tuple(reached), -9.0).least(0.4, 9.0) == -math.inf
