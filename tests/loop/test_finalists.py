"""Who is trained further."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence

import numpy as np
import pytest

from netwright.loop.finalists import Trainings, baseline_proposals, control_pool, finals, promotion, ranked, roles
from netwright.objectives import Constraint, Objective, Objectives
from netwright.space import Space, chain, choice, op
from netwright.tasks import Baseline
from netwright.trial import Fidelity, Measurement, Phase, Proposal, Trial

SPACE = Space(chain(op("linear", units=choice(*range(8, 40))), op("head")), "tiny")
ACCURACY = Objectives((Objective("accuracy"),))
TWO = Objectives((Objective("accuracy"), Objective("params")))
BASELINE = Baseline("mlp", "small", Space(chain(op("linear", units=3), op("head")), "baseline-mlp"))


def trial(number: int, unit: int, accuracy: float, phase: Phase = "search", origin: str = "mutation") -> Trial:
    proposal = Proposal(SPACE.architecture({"0/units": unit}), Fidelity(2.0, 0.5), origin=origin)
    metrics = {"accuracy": accuracy, "params": 10.0 * (unit + 1), "train_s": 3.0}
    return Trial(number, proposal, phase).complete(Measurement(metrics, fidelity=Fidelity(2.0, 0.5)))


def test_ranked_gives_the_best_one_a_network() -> None:
    trials = [trial(0, 1, 0.5), trial(1, 1, 0.9), trial(2, 2, 0.8), trial(3, 3, math.nan), trial(4, 4, 0.7)]
    assert [t.number for t in ranked(trials, ACCURACY, 3)] == [1, 2, 4]


def test_ranked_puts_feasible_ones_first() -> None:
    bounded = Objectives((Objective("accuracy"),), (Constraint("params", "<", 25),))
    assert [t.number for t in ranked([trial(0, 5, 0.9), trial(1, 1, 0.6)], bounded, 2)] == [1, 0]


def test_ranked_goes_front_after_front_for_several_objectives() -> None:
    trials = [trial(0, 1, 0.5), trial(1, 2, 0.9), trial(2, 3, 0.4), trial(3, 9, 0.95)]
    assert {t.number for t in ranked(trials, TWO, 3)} == {0, 1, 3}


def test_the_control_shares_the_random_draws_of_the_search() -> None:
    trials = [trial(0, 1, 0.5, origin="random"), trial(1, 2, 0.9), trial(2, 3, 0.4, "control", "random")]
    assert [t.number for t in control_pool(trials)] == [0, 2]


def promoted(trials: Sequence[Trial], seconds: float = 60.0) -> Trainings:
    return promotion(trials, ACCURACY, seconds, workers=2, longer=lambda seconds: Fidelity(8, seconds=seconds))


def test_promotion_trains_the_best_of_both_equally_long() -> None:
    trials = [trial(0, 1, 0.5, origin="random"), trial(1, 2, 0.9), trial(2, 3, 0.4, "control", "random")]
    made = promoted(trials)
    assert [p.origin for p in made.proposals] == ["search", "search, control", "control"]
    assert made.seconds == pytest.approx(30.0)
    assert all(p.fidelity.data == 1.0 and (p.fidelity.epochs, p.fidelity.seconds) == (8, 28.5) for p in made.proposals)


def final_trainings(seconds: float = math.inf, objectives: Objectives = ACCURACY) -> Trainings:
    after = [
        trial(4, 0, 0.5, "promotion", "search"),
        trial(5, 2, 0.9, "promotion", "search"),
        trial(6, 3, 0.8, "promotion", "search, control"),
        trial(7, 4, 0.7, "promotion", "control"),
    ]
    return finals(after, baseline_proposals([BASELINE]), objectives, seconds, workers=2, epochs=(8, 40), seed=10)


def test_finals_hold_best_control_and_baselines_on_the_same_seeds() -> None:
    made = final_trainings()
    assert [(p.origin, p.seed) for p in made.proposals] == [
        (origin, seed) for seed in (10, 11) for origin in ("best", "control", "baseline: mlp")
    ]


def test_when_time_is_short_only_the_best_gets_a_second_seed() -> None:
    made = final_trainings(seconds=20.0)
    assert [p.origin for p in made.proposals[: made.promised]] == ["best", "control", "baseline: mlp", "best"]
    assert made.seconds == pytest.approx(10.0)


def test_no_worker_idles_while_the_others_train() -> None:
    after = [trial(6, 3, 0.8, "promotion", "search, control")]
    made = finals(after, baseline_proposals([BASELINE]), ACCURACY, 30.0, 3, (8, 40), 0)
    assert [p.origin for p in made.proposals[: made.promised]] == ["best, control", "baseline: mlp", "best, control"]
    assert made.seconds == pytest.approx(30.0)


def test_further_seeds_wait_for_time_that_is_left() -> None:
    made = final_trainings(seconds=20.0)
    assert len(set(made.proposals)) == len(made.proposals) == 5 * 3
    assert [p.seed for p in made.proposals[made.promised :][:2]] == [11, 11]


def test_when_there_is_time_there_are_more_seeds() -> None:
    made = final_trainings(seconds=10_000.0)
    assert len({p.seed for p in made.proposals[: made.promised]}) == 5


def test_one_network_can_be_best_and_control() -> None:
    made = finals([trial(6, 3, 0.8, "promotion", "search, control")], [], ACCURACY, math.inf, 1, (8, 8), 0)
    assert {p.origin for p in made.proposals} == {"best, control"}


def test_roles_read_what_finals_write() -> None:
    assert roles(trial(0, 1, 0.5, "final", "best, control")) == ["best", "control"]


def test_several_objectives_train_further_points_of_the_front() -> None:
    assert "front: 2" in {p.origin for p in final_trainings(objectives=TWO).proposals}


def test_trainings_survive_plain_data() -> None:
    made = final_trainings(seconds=20.0)
    spaces = {"tiny": SPACE, "baseline-mlp": BASELINE.space}
    assert Trainings.from_dict(json.loads(json.dumps(made.to_dict())), spaces) == made
    endless = final_trainings()
    assert Trainings.from_dict(json.loads(json.dumps(endless.to_dict())), spaces) == endless


def test_nothing_completed_gives_no_finals() -> None:
    assert finals([], baseline_proposals([BASELINE]), ACCURACY, math.inf, 1, (8, 8), 0).proposals == ()


def test_ranked_does_not_depend_on_the_order() -> None:
    trials = [trial(n, n, float(a)) for n, a in enumerate(np.random.default_rng(0).random(8))]
    assert ranked(trials, ACCURACY, 3) == ranked(trials[::-1], ACCURACY, 3)
