"""Methods that share weights: a supernet is trained in rounds, searched without training, and its best trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

import netwright
from netwright.errors import InputError
from netwright.loop.methods import ONE_SHOT
from netwright.space import Space, chain, choice, integer, op, real, repeat

ROOT = chain(
    stem=op("conv", kernel=choice(3, 5), channels=choice(4, 8)),
    more=repeat(op("resblock"), integer(0, 2)),
    head=op("head"),
)
SPACE = Space(ROOT, "small")


def searched(out: Path, method: str, **further: object) -> netwright.Result:
    return netwright.search(
        "digits",
        space=SPACE,
        method=method,
        budget="3trials",
        recipe={"epochs": 1, "batch_size": 64},
        executor="inline",
        workers=1,
        out=out,
        **further,
    )


@pytest.mark.parametrize("method", ONE_SHOT)
def test_a_supernet_is_trained_searched_and_its_best_trained_on(tmp_path: Path, method: str) -> None:
    found = searched(tmp_path / "search", method, constraints="params<3k")
    assert found.finished
    phases = {name: [t for t in found.trials if t.phase == name] for name in ("sharing", "search", "control")}
    rounds = phases["sharing"]
    assert [trial.proposal.parents for trial in rounds] == [(), *((trial.number,) for trial in rounds[:-1])]
    assert len(phases["search"]) == len(phases["control"]) == 3
    assert all(trial.metric("train_s") == 0 for trial in phases["search"])
    assert all(trial.metric("train_s") > 0 for trial in phases["control"])
    assert all(trial.metric("params") < 3000 for trial in phases["search"])
    promoted = [t for t in found.trials if t.phase == "promotion" and "search" in t.proposal.origin.split(", ")]
    assert promoted
    assert all(trial.proposal.inherit and rounds[-1].number in trial.proposal.parents for trial in promoted)
    assert found.summary["best"]["test"]["accuracy"] > 0.2
    assert found.summary["ledger"]["by_phase"]["sharing"]["trials"] == len(rounds)


def test_several_objectives_give_a_front(tmp_path: Path) -> None:
    found = searched(tmp_path / "search", "spos", objectives=("accuracy", "params"), constraints="params<3k")
    assert found.finished
    assert found.summary["front"]


@pytest.mark.parametrize("method", ONE_SHOT)
@pytest.mark.parametrize(
    ("space", "says"),
    [
        (Space(ROOT, "rates", {"learning_rate": real(1e-4, 1e-2, log=True)}), "hyper/learning_rate"),
        (Space(chain(choice(chain(op("flatten"), op("head")), op("gradient-boosting"))), "trees"), "have none"),
    ],
    ids=["hyperparameters", "estimators"],
)
def test_what_cannot_share_weights_is_refused_before_the_start(tmp_path: Path, method, space, says) -> None:
    with pytest.raises(InputError, match=says):
        netwright.search("digits", space=space, method=method, budget="3trials", out=tmp_path / "search")
    assert not (tmp_path / "search").exists()


def test_latency_is_measured_where_it_is_asked_for(tmp_path: Path) -> None:
    found = searched(tmp_path / "search", "ofa", objectives=("accuracy", "latency_ms"), constraints="params<3k")
    assert all(trial.metric("latency_ms") > 0 for trial in found.trials if trial.phase == "search")


def test_the_time_of_trainings_that_there_are_none_of_is_no_objective(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="train_s"):
        searched(tmp_path / "search", "spos", objectives=("accuracy", "train_s"))


def test_settings_go_to_the_policy(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="between"):
        searched(tmp_path / "search", "bignas", method_settings={"betwen": 1})
