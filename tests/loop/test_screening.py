"""Untrained networks are ranked before a search, which starts from the ranking."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import netwright
from netwright.errors import InputError
from netwright.insight.status import open_search
from netwright.loop import screening
from netwright.objectives import Objective, Objectives
from netwright.operations import Signature, analyse
from netwright.space import Space, chain, choice, integer, op, repeat
from netwright.trial import Measurement, Proposal, Trial

SPACE = Space(
    chain(
        stem=op("conv", kernel=choice(1, 3), channels=choice(4, 8, 12)),
        more=repeat(op("resblock"), integer(0, 3)),
        head=op("head"),
    ),
    "small",
)
SIGNATURE = Signature((1, 8, 8), 10)
ONE = Objectives((Objective.parse("accuracy"),))


def test_a_search_begins_with_what_ranks_best(tmp_path: Path) -> None:
    found = netwright.search(
        "digits",
        space=SPACE,
        method="genetic",
        evaluate="zero-cost",
        budget="8trials",
        recipe={"epochs": 1},
        executor="inline",
        constraints="params<9k",
        out=tmp_path / "search",
    )
    assert found.finished
    screened = [trial for trial in found.trials if trial.phase == "screening"]
    assert 8 < len(screened) <= 64
    assert all(trial.status == "completed" and trial.metric("params") < 9000 for trial in screened)
    assert len({trial.key for trial in screened}) == len(screened)
    with open_search(found.directory) as store:
        said = [line for line in store.get("plan") if line.startswith("screening:")]
    ranked = screening.ranking(screened, found.task.signature, ONE, None)
    best = max(ranked, key=lambda trial: trial.metric("accuracy"))
    searched = [trial for trial in found.trials if trial.phase == "search"]
    assert best.key in {trial.key for trial in searched[:3]}
    assert len(searched) == 8
    assert [line.split(";")[0] for line in said] == [f"screening: {len(screened)} untrained networks were scored"]


def test_a_ranking_speaks_of_every_metric_that_is_asked_for() -> None:
    rng = np.random.default_rng(0)
    trials = []
    for number in range(6):
        architecture = SPACE.sample(rng)
        size = analyse(architecture.graph, SIGNATURE)
        scores = size.metrics | {name: float(number) for name in screening.CONSENSUS}
        trials.append(Trial(number, Proposal(architecture), "screening").complete(Measurement(scores)))
    wanted = Objectives(tuple(Objective.parse(text) for text in ("accuracy", "log_loss", "params", "latency_ms")))
    ranked = screening.ranking(trials, SIGNATURE, wanted, None)
    assert all(wanted.valid(trial) for trial in ranked)
    accuracies = [trial.metric("accuracy") for trial in ranked]
    assert accuracies == sorted(accuracies)
    assert accuracies[-1] == pytest.approx(1.0)
    assert [trial.metric("log_loss") for trial in ranked] == [1 - value for value in accuracies]


@pytest.mark.parametrize(("slope", "said"), [(1.0, "tau = 1.00"), (-1.0, "no better than chance")])
def test_the_verdict_tells_whether_ranks_agreed(slope: float, said: str) -> None:
    rng = np.random.default_rng(1)
    known: dict[str, Trial] = {}
    for number in range(40):
        architecture = SPACE.sample(rng)
        trial = Trial(number, Proposal(architecture), "screening")
        known.setdefault(trial.key, trial.complete(Measurement({"accuracy": 0.01 * number})))
    ranked = list(known.values())
    trained = [
        Trial(100 + one.number, one.proposal).complete(Measurement({"accuracy": 0.5 + slope * one.metric("accuracy")}))
        for one in ranked[:5]
    ]
    assert said in screening.verdict(ranked, trained, ONE)
    assert "too few" in screening.verdict(ranked, trained[:2], ONE)


@pytest.mark.parametrize(
    ("wish", "reason"),
    [
        ({"method": "random"}, "random learns nothing"),
        ({"method": "spos"}, "shared weights"),
        ({"budget": "5trials"}, "not worth its time for 5 trials"),
        ({"objectives": ["params"]}, "no quality"),
    ],
)
def test_what_cannot_be_ranked_is_refused_where_it_is_asked_for(
    wish: dict[str, object], reason: str, tmp_path: Path
) -> None:
    settings: dict[str, object] = {"budget": "20trials", "evaluate": "zero-cost"} | wish
    with pytest.raises(InputError, match=reason):
        netwright.search("digits", space=SPACE, executor="inline", out=tmp_path / "s", **settings)  # type: ignore[arg-type]
    assert not (tmp_path / "s").exists()


def test_an_unknown_way_is_refused_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="did you mean 'zero-cost'"):
        netwright.search("digits", evaluate="zerocost", executor="inline", out=tmp_path / "s")
