"""Searches whose networks another backend trains: delivered like any other, or refused before the start."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netwright import resume, search
from netwright.backends.jax.backend import Jax
from netwright.errors import InputError
from netwright.evaluation.base import Context
from netwright.evaluation.pace import Pace
from netwright.evaluation.training import Training
from netwright.insight.provenance import command
from netwright.insight.record import read
from netwright.loop.feasibility import operations_of
from netwright.loop.plan import counted_plan
from netwright.loop.request import Request
from netwright.loop.settings import Settings
from netwright.space import Space, chain, choice, op
from netwright.spaces import get
from netwright.store import open_in
from netwright.tasks import Task, open_task
from netwright.trial import Fidelity, Proposal

SPACE = Space(chain(op("conv", kernel=3, channels=choice(4, 8, 12), stride=2), op("head")), "small")


@pytest.fixture(scope="module")
def digits() -> Task:
    return open_task("digits")


@pytest.fixture(scope="module")
def table() -> Task:
    x = np.random.default_rng(0).normal(size=(120, 4))
    return open_task((x, x[:, 0] > 0))


def network(place: int) -> Any:
    return SPACE.architecture({decision.name: place for decision in SPACE.decisions()})


def test_a_network_that_jax_trained_is_delivered_like_any_other(digits: Task, tmp_path: Path) -> None:
    run = tmp_path / "run"
    asked: dict[str, Any] = {"budget": "2trials", "recipe": {"epochs": 3}, "constraints": "params<2k"}
    result = search(digits, space=SPACE, method="random", backend="jax", executor="inline", workers=1, out=run, **asked)
    assert result.finished
    assert result.best is not None
    scored = result.best.measurement.test["accuracy"]  # type: ignore[union-attr]
    answers = result.network.outputs(np.asarray(digits.test.x))
    assert scored > 0.3
    assert float((answers.argmax(1) == digits.test.y).mean()) == pytest.approx(scored, abs=0.01)
    assert (run / "model.onnx").stat().st_size > 0
    with open_in(run) as store:
        assert store.get("settings")["backend"] == "jax"
        assert any("networks are trained with jax" in line for line in store.get("plan"))
        assert "jax" in store.get("machine")["packages"]
        assert "--backend jax" in command(read(store, run))
    assert resume(run).finished


def refusal(task: Task, folder: Path, backend: str = "jax", **asked: Any) -> str:
    """What a search is refused with; nothing is left of it."""
    with pytest.raises(InputError) as caught:
        search(task, backend=backend, out=folder / "run", budget="2trials", **asked)
    assert not (folder / "run").exists()
    return str(caught.value)


def test_a_space_with_other_operations_is_refused_with_their_names(table: Task, tmp_path: Path) -> None:
    told = refusal(table, tmp_path, space=Space(chain(op("gcn", units=4), op("head")), "nodes"))
    assert told.startswith("the backend jax has no gcn, which the space nodes has: --backend torch, or --space mlp")
    assert "tabular" in told


def test_what_a_backend_cannot_do_is_refused_before_the_start(digits: Task, tmp_path: Path) -> None:
    assert "darts shares weights, and the backend jax" in refusal(digits, tmp_path, space=SPACE, method="darts")
    assert "does not multiply in bfloat16" in refusal(digits, tmp_path, space=SPACE, recipe={"precision": "bfloat16"})
    assert "unknown backend 'jx': did you mean 'jax'" in refusal(digits, tmp_path, backend="jx", space=SPACE)


def test_a_task_of_another_form_is_refused(tmp_path: Path) -> None:
    x = np.random.default_rng(0).normal(size=(60, 2, 16)).astype(np.float32)
    series = open_task((x, np.arange(60) % 2), kind="time-series-classification")
    assert "the backend jax takes images and tables, no sequences: --backend torch" in refusal(series, tmp_path)


def test_all_operations_of_a_space_are_known_beforehand(digits: Task) -> None:
    assert operations_of(get("nb201", digits.signature)) >= {"conv", "avg-pool", "none", "identity", "head"}
    assert operations_of(SPACE) == {"input", "conv", "head"}


def test_hand_designed_networks_that_a_backend_lacks_are_trained_with_the_other(
    digits: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = Request(digits, SPACE, Settings(space="small", backend="jax", budget="2trials"))
    assert not [line for line in request.carried(counted_plan(2)) if "is trained with torch" in line]
    monkeypatch.setattr(Jax, "operations", Jax.operations - {"mbconv"})
    lines = request.carried(counted_plan(2))
    assert "hand-designed mobilenet-v2 is trained with torch: jax has no mbconv" in lines


def test_where_speed_is_foretold_starting_is_part_of_the_time(digits: Task) -> None:
    graph, paid = network(0).graph, []
    for starting_s in (0.0, 3.0):
        training = Training(backend="jax", pace=Pace(1e-9, 0.0, starting_s))
        fidelity = training._affordable(graph, digits, training.recipe, Fidelity(seconds=4.0, epochs=1e6), 0)
        paid.append((fidelity.epochs or 0.0) * fidelity.data)
    assert paid[1] == pytest.approx(paid[0] / 4, rel=0.01)


def test_an_heir_goes_on_from_what_its_parent_left(digits: Task, tmp_path: Path) -> None:
    training = Training(backend="jax", keep=True)
    for number in range(3):
        (tmp_path / f"{number:06d}").mkdir()
    parent = Proposal(network(2), Fidelity(epochs=8.0))
    found = training.evaluate(parent, digits, Context(directory=tmp_path / "000000")).metrics["accuracy"]
    step = Fidelity(epochs=0.01)
    heir, scratch = (
        training.evaluate(proposal, digits, Context(directory=tmp_path / f"{place:06d}")).metrics["accuracy"]
        for place, proposal in enumerate(
            (Proposal(network(2), step, parents=(0,), inherit=True), Proposal(network(2), step)), 1
        )
    )
    assert found > 0.4
    assert heir > scratch + 0.15
