"""The study of cheap settings: what it trains, that it goes on, and what it makes of the results."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from netwright.backends.torch.recipe import Recipe
from netwright.cli.app import app
from netwright.errors import InputError
from netwright.insight.fidelities import compare
from netwright.loop.study import AGAIN, FULL, Setting, Study
from netwright.space import Space, chain, choice, op
from netwright.tasks import open_task
from netwright.trial import UNTRAINED, Cost, Fidelity, Measurement, Proposal, Trial

SPACE = Space(chain(op("conv", kernel=choice(1, 3, 5), channels=choice(4, 8, 16)), op("head")), "tiny")
SMALL = Setting("small", Fidelity(epochs=1.0, data=0.5, width=0.5))


def study(**changes: object) -> Study:
    made = Study(open_task("digits"), SPACE, Recipe(epochs=2.0), 3, (SMALL,), ("params<3k",), executor="inline")
    return replace(made, **changes)  # type: ignore[arg-type]


def test_every_network_is_trained_at_every_setting_and_nothing_twice(tmp_path: Path) -> None:
    trials = study().run(tmp_path / "s")
    trained = [trial for trial in trials if trial.proposal.fidelity != UNTRAINED]
    assert [trial.proposal.origin for trial in trained] == [FULL, "small", AGAIN] * 3
    assert all(trial.status == "completed" for trial in trials)
    assert len({trial.key for trial in trials}) == 3
    first, small, again = trained[:3]
    assert first.metric("accuracy") != again.metric("accuracy")
    assert small.metric("params") < first.metric("params")
    assert first.measurement is not None
    assert small.measurement is not None
    assert study().run(tmp_path / "s") == trials
    more = study(networks=4).run(tmp_path / "s")
    assert [trial.number for trial in more[: len(trials)]] == [trial.number for trial in trials]


def test_another_study_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    study(seconds=0.0).run(tmp_path / "s")
    with pytest.raises(InputError, match=r"holds something else \(seed\)"):
        study(seed=1).run(tmp_path / "s")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"networks": 2}, "2 networks cannot be ranked"),
        ({"settings": (Setting("tiny", Fidelity(epochs=1.0, data=0.001)),)}, "tiny is less than one batch"),
    ],
)
def test_a_study_that_could_tell_nothing_is_refused(changes: dict[str, object], said: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=said):
        study(**changes).run(tmp_path / "s")
    assert not (tmp_path / "s").exists()


def trials_of(values: dict[str, list[float]], seconds: dict[str, float]) -> list[Trial]:
    """Fabricated: each setting's accuracies of the same networks."""
    found = []
    drawn = [SPACE.architecture({"0/kernel": k, "0/channels": c}) for k in range(3) for c in range(3)]
    for name, column in values.items():
        fidelity = UNTRAINED if name == "zero" else Fidelity(epochs=2.0)
        for architecture, value in zip(drawn, column, strict=False):
            metrics = {"flops": value} if name == "zero" else {"accuracy": value}
            measured = Measurement(metrics, cost=Cost(wall_s=seconds[name]))
            proposal = Proposal(architecture, fidelity, origin=name)
            found.append(Trial(len(found), proposal).complete(measured))
    return found


def test_a_setting_is_judged_by_how_it_ranks_and_what_it_costs() -> None:
    truth = [0.1 * i for i in range(9)]
    noisy = [truth[i ^ 1] if i < 8 else truth[i] for i in range(9)]
    seconds = {FULL: 10.0, AGAIN: 10.0, "good": 2.0, "dear": 8.0, "bad": 1.0, "zero": 0.1}
    values = {FULL: truth, AGAIN: noisy, "good": noisy, "dear": truth, "bad": truth[::-1], "zero": truth}
    found = compare(trials_of(values, seconds), "accuracy")
    rows = {row.name: row for row in found.rows}
    assert rows["dear"].tau == 1.0
    assert rows["bad"].tau == -1.0
    assert rows["good"].tau == pytest.approx(1 - 2 * 4 / 36)
    assert rows["good"].low <= rows["good"].tau <= rows["good"].high
    assert rows["good"].share == pytest.approx(0.2)
    assert found.ceiling is not None
    assert found.ceiling.tau == rows["good"].tau
    assert found.advice is not None
    assert found.advice.name == "zero-cost consensus" or found.advice.cost == pytest.approx(0.1)
    assert [row.tau for row in found.rows] == sorted((row.tau for row in found.rows), reverse=True)


def test_a_loss_is_better_when_it_is_less() -> None:
    values = {FULL: [0.1, 0.2, 0.3, 0.4], "zero": [4.0, 3.0, 2.0, 1.0]}
    trials = trials_of(values, {FULL: 1.0, "zero": 0.1})
    losses = [
        replace(one, measurement=Measurement({"rmse": one.metric("accuracy"), "flops": one.metric("flops")}))
        for one in trials
    ]
    rows = {row.name: row for row in compare(losses, "rmse").rows}
    assert rows["zero-cost flops"].tau == 1.0


def test_nothing_is_said_of_fewer_than_three() -> None:
    rows = compare(trials_of({FULL: [0.1, 0.2], "zero": [1.0, 2.0]}, {FULL: 1.0, "zero": 0.1}), "accuracy").rows
    assert all(math.isnan(row.tau) for row in rows)


Run = Callable[..., Result]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.chdir(tmp_path)
    return lambda *arguments: CliRunner().invoke(app, ["fidelity", *map(str, arguments)])


def test_the_command_tells_the_settings_apart(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tiny.yaml").write_text(json.dumps(SPACE.to_dict()))
    arguments = ("--space", "tiny.yaml", "--networks", 3, "--epochs", 1, "--executor", "inline", "--workers", 1)
    result = run("digits", *arguments, "--setting", "data=0.5,epochs=1", "--json", "--out", "s")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert {"data=0.5,epochs=1", "zero-cost synflow"} <= {row["name"] for row in found["settings"]}
    assert np.isfinite(found["full_training_again"]["tau"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "nothing to train on"),
        (("digits", "--setting", "epoch=1"), "did you mean 'epochs'"),
        (("digits", "--setting", "data=2"), "above 0, at most 1"),
        (("digits", "--budget", "20trials"), "is no time"),
        (("digits", "--setting", "epochs=1,data=0.001"), "less than one batch"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], said: str, run: Run) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
