"""Methods that share weights: a supernet is trained in rounds, searched without training, and its best trained on."""

from __future__ import annotations

from pathlib import Path

import pytest

import netwright
from netwright.errors import InputError
from netwright.loop.methods import ONE_SHOT, get
from netwright.loop.search import Search
from netwright.loop.settings import Settings
from netwright.space import Space, chain, choice, integer, op, real, repeat
from netwright.tasks import Task, open_task
from netwright.trial import Trial

ROOT = chain(
    stem=op("conv", kernel=choice(3, 5), channels=choice(4, 8)),
    more=repeat(op("resblock"), integer(0, 2)),
    head=op("head"),
)
SPACE = Space(ROOT, "small")


@pytest.fixture(scope="module")
def digits() -> Task:
    return open_task("digits")


def settings(method: str, **further: object) -> Settings:
    recipe = {"epochs": 1, "batch_size": 64}
    return Settings(method, space="custom", budget="3trials", recipe=recipe, executor="inline", **further)


def searched(out: Path, task: Task, method: str, **further: object) -> list[Trial]:
    """The trials of a whole search."""
    search = Search.create(out, task, SPACE, settings(method, **further))
    assert search.run()
    return search.store.trials()


ALIKE = {"fairnas", "bignas", "ofa", "darts2", "pc-darts", "gdas", "snas", "drnas", "proxyless"}
"""Methods whose searches go as others' do."""


@pytest.mark.parametrize(
    "method", [pytest.param(name, marks=pytest.mark.slow) if name in ALIKE else name for name in ONE_SHOT]
)
def test_a_supernet_is_trained_searched_and_its_best_trained_on(tmp_path: Path, digits: Task, method: str) -> None:
    trials = searched(tmp_path / "search", digits, method, constraints=("params<3k",))
    assert all(trial.status == "completed" for trial in trials)
    phases = {name: [t for t in trials if t.phase == name] for name in ("sharing", "search", "control", "final")}
    rounds = phases["sharing"]
    assert [trial.proposal.parents for trial in rounds] == [(), *((trial.number,) for trial in rounds[:-1])]
    assert len(phases["search"]) == len(phases["control"]) == 3
    derives = get(method, {}).derives
    assert all((trial.metric("train_s") > 0) == derives for trial in phases["search"])
    assert all(trial.metric("train_s") > 0 for trial in phases["control"])
    assert all(trial.metric("params") < 3000 for trial in phases["search"])
    promoted = [t for t in trials if t.phase == "promotion" and "search" in t.proposal.origin.split(", ")]
    assert promoted
    assert all(trial.proposal.inherit and rounds[-1].number in trial.proposal.parents for trial in promoted)
    best = [trial for trial in phases["final"] if "best" in trial.proposal.origin.split(", ")]
    assert best[0].measurement.test["accuracy"] > 0.2
    scratch = [trial for trial in phases["final"] if trial.proposal.origin == "from scratch"]
    assert {trial.key for trial in scratch} == {best[0].key}
    assert best[0].proposal.inherit
    assert not scratch[0].proposal.inherit


def test_what_was_found_is_handed_over(tmp_path: Path) -> None:
    found = netwright.search(
        "digits",
        space=SPACE,
        method="darts",
        budget="2trials",
        recipe={"epochs": 1},
        executor="inline",
        workers=1,
        out=tmp_path / "search",
    )
    assert found.finished
    assert found.summary["best"]["test"]["accuracy"] > 0.2
    assert found.summary["ledger"]["by_phase"]["sharing"]["trials"] == 4
    assert found.summary["from_scratch"]["key"] == found.summary["best"]["key"]
    assert "the same, from scratch" in (tmp_path / "search" / "report.html").read_text()
    assert (tmp_path / "search" / "model.onnx").exists()


def test_several_objectives_give_a_front(tmp_path: Path, digits: Task) -> None:
    trials = searched(
        tmp_path / "search", digits, "spos", objectives=("accuracy", "params"), constraints=("params<3k",)
    )
    assert {trial.proposal.origin for trial in trials if trial.phase == "promotion"}


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


def test_preferences_cannot_be_learnt_for_what_cannot_be_weighed(tmp_path: Path, digits: Task) -> None:
    space = Space(chain(op("conv", kernel=3, channels=integer(1, 500)), op("head")), "wide")
    with pytest.raises(InputError, match="0/channels"):
        Search.create(tmp_path / "search", digits, space, settings("darts"))
    Search.create(tmp_path / "search", digits, space, settings("spos"))


@pytest.mark.slow
def test_latency_is_measured_where_it_is_asked_for(tmp_path: Path, digits: Task) -> None:
    trials = searched(
        tmp_path / "search", digits, "ofa", objectives=("accuracy", "latency_ms"), constraints=("params<3k",)
    )
    assert all(trial.metric("latency_ms") > 0 for trial in trials if trial.phase == "search")


def test_the_time_of_trainings_that_there_are_none_of_is_no_objective(tmp_path: Path, digits: Task) -> None:
    with pytest.raises(InputError, match="train_s"):
        Search.create(tmp_path / "search", digits, SPACE, settings("spos", objectives=("accuracy", "train_s")))


def test_settings_go_to_the_policy(tmp_path: Path, digits: Task) -> None:
    with pytest.raises(InputError, match="between"):
        Search.create(tmp_path / "search", digits, SPACE, settings("bignas", method_settings={"betwen": 1}))


def test_a_time_budget_is_spent_on_rounds_and_on_what_comes_of_them(tmp_path: Path, digits: Task) -> None:
    asked = Settings("gdas", space="custom", budget="12s", recipe={"batch_size": 64}, executor="inline")
    search = Search.create(tmp_path / "search", digits, SPACE, asked)
    assert search.run()
    done = search.store.trials()
    assert {trial.phase for trial in done if trial.status == "completed"} >= {"sharing", "search", "final"}
    assert not [trial for trial in done if trial.status == "failed"]
