"""Trainings without prospects are stopped: which these are, and a search in which some are."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from netwright.evaluation.outlook import STOPPED
from netwright.loop.prospects import FEWEST, Prospects
from netwright.loop.request import Request
from netwright.loop.search import Search
from netwright.loop.settings import Settings
from netwright.objectives import Objective, Objectives
from netwright.space import Space, chain, choice, op, real
from netwright.tasks import Split, Task, open_task
from netwright.trial import Fidelity, Measurement, Proposal, Trial

WIDE = Space(chain(op("conv", kernel=3, channels=choice(*range(4, 44))), op("head")), "wide")
ACCURACY, SMALL = Objectives((Objective("accuracy"),)), Objectives((Objective("accuracy"), Objective("params")))


def sizes(architecture):
    return {"params": float(architecture.choices["0/channels"] + 4)}


def ended(number: int, accuracy: float, epochs: float = 4.0, notes: tuple[str, ...] = ()) -> Trial:
    """A training of a network with so many channels."""
    architecture = WIDE.architecture({"0/channels": number})
    curve = tuple({"epoch": float(epoch), "loss": 3 - accuracy - epoch / 4} for epoch in range(1, 5))
    found = Measurement(
        {"accuracy": accuracy, "params": float(number + 4)}, curve=curve, fidelity=Fidelity(epochs=epochs), notes=notes
    )
    return Trial(number, Proposal(architecture, Fidelity(epochs=4.0)), "search").complete(found)


def told(objectives: Objectives, trials: list[Trial]) -> Prospects:
    prospects = Prospects(objectives, sizes)
    for trial in trials:
        prospects.tell(trial)
    return prospects


def proposal(number: int, epochs: float = 4.0) -> Proposal:
    return Proposal(WIDE.architecture({"0/channels": number}), Fidelity(epochs=epochs))


def test_the_best_quarter_is_wanted() -> None:
    outlook = told(ACCURACY, [ended(at, at / 40) for at in range(40)]).outlook(proposal(3))
    assert outlook is not None
    assert sum(one < outlook.wanted for one in outlook.reached) == 10
    assert outlook.curves[0] == ((0.25, 2.75), (0.5, 2.5), (0.75, 2.25), (1.0, 2.0))


def test_of_several_objectives_only_networks_no_larger_count() -> None:
    prospects = told(SMALL, [ended(at, at / 40) for at in range(40)])
    small, large = prospects.outlook(proposal(12)), prospects.outlook(proposal(39))
    assert small is not None
    assert large is not None
    assert small.wanted > large.wanted
    assert prospects.outlook(proposal(FEWEST - 2)) is None


def test_only_trainings_of_the_same_kind_to_their_end_tell() -> None:
    trials = [ended(at, at / 40, notes=(f"{STOPPED} after 2.00 epochs",) if at % 2 else ()) for at in range(40)]
    outlook = told(ACCURACY, trials).outlook(proposal(3))
    assert outlook is not None
    assert len(outlook.curves) == 20
    assert told(ACCURACY, trials).outlook(proposal(3, epochs=1.0)) is None


def test_what_was_told_is_kept_as_plain_data() -> None:
    prospects, again = told(SMALL, [ended(at, at / 40) for at in range(40)]), Prospects(SMALL, sizes)
    again.thaw(json.loads(json.dumps(prospects.freeze())))
    assert again.outlook(proposal(20)) == prospects.outlook(proposal(20))


@pytest.mark.parametrize(
    ("names", "served"),
    [(("accuracy",), True), (("accuracy", "params"), True), (("accuracy", "latency_ms"), False), (("params",), False)],
)
def test_they_serve_where_all_but_one_quality_is_known_before(names: tuple[str, ...], served: bool) -> None:
    assert Prospects.serve(Objectives(tuple(map(Objective, names))), {"params": 1.0, "flops": 1.0}) == served


NETWORKS = chain(op("conv", kernel=3, channels=choice(4, 8, 12)), op("head"))
RATES = Space(NETWORKS, "rates", {"learning_rate": real(1e-4, 3e-2, log=True)})


@pytest.fixture(scope="module")
def few() -> Task:
    digits = open_task("digits")
    return replace(digits, train=Split(digits.train.x[:400], digits.train.y[:400]))


def settings(evaluate: str) -> Settings:
    recipe = {"epochs": 12, "batch_size": 64}
    return Settings(
        "random",
        space="custom",
        budget="24trials",
        recipe=recipe,
        executor="inline",
        evaluate=evaluate,
        constraints=("params<3k",),
    )


def test_a_search_stops_what_learns_too_slowly(tmp_path: Path, few: Task) -> None:
    search = Search.create(tmp_path / "search", few, RATES, settings("auto"))
    assert search.run()
    found = [trial for trial in search.store.trials() if trial.phase in ("search", "control")]
    stopped = [trial for trial in found if any(note.startswith(STOPPED) for note in trial.measurement.notes)]
    best = max(found, key=lambda trial: trial.metric("accuracy"))
    assert 2 <= len(stopped) <= 20
    assert all(trial.measurement.fidelity.epochs < 4 for trial in stopped)
    assert best not in stopped
    lines = [line for line in search.store.get("plan") if "stopped early" in line]
    assert lines[1] == f"{len(stopped)} of {len(found)} trainings were stopped early, for lack of prospects"


def test_none_is_stopped_where_every_network_is_to_be_trained(few: Task) -> None:
    assert Request(few, RATES, settings("auto")).stops
    assert not Request(few, RATES, settings("train")).stops
