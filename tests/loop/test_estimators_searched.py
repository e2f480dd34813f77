"""Networks and estimators in one space: searched, delivered and used in the same way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import load_file

import netwright
from netwright import InputError, spaces
from netwright.backends.torch.recipe import Recipe
from netwright.deploy.network import Network
from netwright.evaluation import fitting
from netwright.evaluation.base import Context
from netwright.evaluation.training import Training
from netwright.loop.feasibility import Feasible, sized
from netwright.objectives import Constraint
from netwright.operations import Signature, is_estimator
from netwright.space import Space, chain, choice, op
from netwright.tasks import open_task
from netwright.trial import Fidelity, Proposal

TREES = op("gradient-boosting", iterations=choice(5, 10), depth=choice(2, 3))
FORMS = {
    "estimator": Space(chain(op("select"), TREES), "estimators"),
    "network": Space(chain(op("linear", units=choice(4, 8)), op("head")), "networks"),
}
HYBRID = Space(choice(*(space.root for space in FORMS.values())), "hybrid")


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> netwright.Result:
    return netwright.search(
        "wine",
        space=FORMS["estimator"],
        budget="3trials",
        recipe={"epochs": 2},
        constraints=("params<2k", "latency_ms<50"),
        executor="inline",
        workers=1,
        out=tmp_path_factory.mktemp("estimators") / "search",
    )


def test_an_estimator_is_delivered_like_a_network(found: netwright.Result) -> None:
    summary, folder = found.summary, found.directory
    assert 0 < summary["best"]["params"] < 2000
    assert 0 < summary["best"]["latency_ms"] < 50
    tensors = load_file(folder / "model.safetensors")
    assert sum(tensor.size for tensor in tensors.values()) == summary["best"]["params"]
    assert {node["op"] for node in json.loads((folder / "architecture.json").read_text())["graph"]["nodes"]} >= {
        "select",
        "gradient-boosting",
    }
    assert "gradient-boosting" in (folder / "model_card.md").read_text()
    assert "Gradient boosting" in (folder / "report.html").read_text()


def test_it_predicts_as_it_was_scored(found: netwright.Result) -> None:
    task, network = found.task, Network.load(found.directory)
    answers = network.outputs(np.asarray(task.test.x))
    assert found.best is not None
    assert found.best.measurement is not None
    assert task.score(answers, task.test.y)["accuracy"] == pytest.approx(found.best.measurement.test["accuracy"])
    session = onnxruntime.InferenceSession(found.directory / "model.onnx")
    assert np.abs(session.run(None, {"features": np.asarray(task.test.x)})[0] - answers).max() < 1e-4


def test_resuming_fits_nothing(found: netwright.Result) -> None:
    assert netwright.resume(found.directory).trials == found.trials


def test_sizes_are_bounded_before_the_search(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="params<100"):
        netwright.search("wine", space=FORMS["estimator"], constraints="params<100", out=tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_space_may_hold_both() -> None:
    signature, rng = Signature((13,), 3), np.random.default_rng(0)
    small = Feasible(signature, (Constraint.parse("params<800"),))
    drawn = [HYBRID.restricted(small, "small").sample(rng) for _ in range(20)]
    assert {is_estimator(one.graph) for one in drawn} == {True, False}
    assert all(sized(one, signature).params < 800 for one in drawn)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_measured_alike(form: str, tmp_path: Path) -> None:
    task = open_task("diabetes")
    architecture = FORMS[form].sample(np.random.default_rng(0))
    evaluator = Training(Recipe(epochs=3), test=True, keep=True, latency=True)
    measured = evaluator.evaluate(Proposal(architecture), task, Context(directory=tmp_path))
    assert set(measured.metrics) >= {"rmse", "params", "flops", "model_bytes", "latency_ms", "train_s"}
    assert measured.test["rmse"] < 1.2 * float(task.test.y.std())
    assert set(measured.artifacts) == {"test", "weights"}


def test_images_are_long_vectors_to_an_estimator() -> None:
    space = Space(chain(op("flatten"), op("forest", trees=10, depth=8)), "forest")
    measured = Training().evaluate(Proposal(space.architecture({})), open_task("digits"), Context())
    assert measured.metrics["accuracy"] > 0.8


def test_as_many_examples_as_there_is_time_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock on which a fit takes a millisecond an example."""
    task, graph = open_task("digits"), Space(chain(op("flatten"), op("linear-model")), "line").architecture({}).graph
    now: list[float] = [0.0]
    shares: list[float] = []

    def fit(graph: object, task: object, share: float, seed: int) -> str:
        shares.append(share)
        now[0] += share * 1.259
        return "fitted"

    monkeypatch.setattr(fitting, "fit", fit)
    monkeypatch.setattr(fitting.time, "monotonic", lambda: now[0])
    for seconds, share in ((10.0, 1.0), (2.0, 0.945), (0.6, 0.407)):
        shares.clear()
        began = now[0]
        _, paid = fitting.fitted(graph, task, Fidelity(seconds=seconds), 0, np.inf)
        assert paid.data == pytest.approx(shares[-1], abs=1e-4)
        assert paid.data == pytest.approx(share, abs=0.01)
        assert now[0] - began <= seconds
    with pytest.raises(TimeoutError):
        fitting.fitted(graph, task, Fidelity(), 0, now[0])


@pytest.mark.parametrize("inputs", [(13,), (3,), (1, 8, 8)])
def test_the_shallow_space_holds_every_model(inputs: tuple[int, ...]) -> None:
    signature = Signature(inputs, 4)
    space, rng = spaces.get("shallow", signature), np.random.default_rng(0)
    drawn = [space.sample(rng) for _ in range(60)]
    assert all(is_estimator(one.graph) and sized(one, signature).params > 0 for one in drawn)
    kinds = {node.op for one in drawn for node in one.graph.nodes}
    assert kinds >= {
        "gradient-boosting",
        "forest",
        "linear-model",
        "neighbours",
        "kernel-features",
        "quantiles",
        "concat",
    }
