"""Which decisions mattered, on measurements whose causes are known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from netwright.insight.importance import importance
from netwright.space import Space, chain, choice, integer, op, real
from netwright.trial import Fidelity, Measurement, Proposal, Trial

SPACE = Space(
    chain(op("conv", kernel=choice(1, 3, 5), channels=integer(8, 64, step=8)), op("head")),
    "s",
    {"rate": real(0.001, 0.1, log=True), "other": choice("a", "b")},
)
FULL = Fidelity()


def trials(count: int, effect: Any, metric: str = "accuracy", fidelity: Fidelity = FULL) -> list[Trial]:
    rng = np.random.default_rng(0)
    made = []
    for number in range(count):
        architecture = SPACE.sample(rng)
        value = effect(architecture.choices) + rng.normal(0, 0.01)
        trial = Trial(number, Proposal(architecture, fidelity))
        made.append(trial.complete(Measurement({metric: float(value)}), 1.0))
    return made


def test_the_decision_that_causes_the_quality_comes_first() -> None:
    found = importance(trials(120, lambda c: 0.8 + 0.05 * (c["0/kernel"] == 1)), "accuracy")
    assert found[0].decision == "0/kernel"
    assert found[0].clear
    assert found[0].share > 0.7
    assert found[0].levels[0].label == "3"
    assert sum(level.trials for level in found[0].levels) == 120
    assert all(one.share < 0.15 for one in found[1:])


def test_numbers_are_cut_into_ranges() -> None:
    found = importance(trials(150, lambda c: 0.5 + 0.005 * c["0/channels"]), "accuracy")
    assert found[0].decision == "0/channels"
    assert 2 <= len(found[0].levels) <= 5
    assert " to " in found[0].levels[0].label


def test_lower_is_better_for_errors() -> None:
    found = importance(trials(80, lambda c: 1.0 + 0.5 * c["hyper/other"], metric="rmse"), "rmse")
    assert found[0].decision == "hyper/other"
    assert found[0].levels[0].mean < found[0].levels[-1].mean


def test_nothing_causes_anything_is_not_clear() -> None:
    found = importance(trials(60, lambda c: 0.8), "accuracy")
    assert sum(one.clear for one in found) <= 1
    assert all(0.0 <= one.share < 0.3 for one in found)


def test_a_constant_metric_explains_nothing() -> None:
    same = [trial.complete(Measurement({"accuracy": 0.5}), 1.0) for trial in trials(30, lambda c: 0.0)]
    assert all(one.share == 0.0 and not one.clear for one in importance(same, "accuracy"))


def test_too_few_trials_say_nothing() -> None:
    assert importance(trials(11, lambda c: 0.8), "accuracy") == ()
    assert importance([], "accuracy") == ()


def test_other_fidelities_do_not_mix() -> None:
    mixed = trials(40, lambda c: 0.8) + trials(20, lambda c: 0.1, fidelity=Fidelity(epochs=1.0))
    assert {one.trials for one in importance(mixed, "accuracy")} == {40}


@pytest.mark.parametrize("most", [1, 2])
def test_at_most_so_many(most: int) -> None:
    assert len(importance(trials(40, lambda c: 0.8), "accuracy", most=most)) == most
