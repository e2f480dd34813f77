"""From data to a delivered network, and what is refused on the way."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from safetensors.numpy import load_file

import netwright
from netwright import InputError, Result
from netwright.loop.finalists import roles
from netwright.space import Space, chain, choice, op

SMALL = Space(chain(op("conv", kernel=choice(3, 5), channels=choice(4, 8, 16)), op("head")), "small")


def test_every_file_is_there(found: Result) -> None:
    for name in (
        "search.sqlite",
        "report.html",
        "architecture.json",
        "model.safetensors",
        "model.onnx",
        "model_card.md",
        "summary.json",
    ):
        assert (found.directory / name).stat().st_size > 0, name
    assert json.loads((found.directory / "summary.json").read_text()) == found.summary


def test_the_summary_tells_best_control_and_baselines(found: Result) -> None:
    summary = found.summary
    assert found.finished
    assert summary["best"]["params"] < 2000
    assert 0 < summary["best"]["test"]["accuracy"] <= 1
    assert summary["control"]["test"]["accuracy"] > 0
    assert summary["verdict"] == found.verdict != ""
    assert summary["trials"] == {"completed": len(found.trials)}
    assert sum(trial.phase == "search" for trial in found.trials) == 5


def test_constraints_hold_for_every_trial_and_baselines_that_break_them_are_left_out(found: Result) -> None:
    assert all(trial.metric("params") < 2000 for trial in found.trials)
    assert found.summary["baselines"] == []


def test_the_test_split_is_touched_by_final_trainings_only(found: Result) -> None:
    for trial in found.trials:
        assert trial.measurement is not None
        assert bool(trial.measurement.test) == (trial.phase == "final")


def test_final_trainings_come_with_several_seeds(found: Result) -> None:
    seeds = {t.proposal.seed for t in found.trials if t.phase == "final" and "best" in roles(t)}
    assert len(seeds) == 2


def test_the_delivered_network_predicts_as_it_was_scored(found: Result) -> None:
    test = found.task.test
    answers = found.network.outputs(np.asarray(test.x))
    assert found.best is not None
    assert found.best.measurement is not None
    scored = found.best.measurement.test["accuracy"]
    assert float((answers.argmax(1) == test.y).mean()) == pytest.approx(scored, abs=0.01)


def test_onnx_answers_like_the_network(found: Result) -> None:
    session = onnxruntime.InferenceSession(found.directory / "model.onnx")
    x = np.asarray(found.task.test.x[:7])
    answers = session.run(None, {session.get_inputs()[0].name: x})[0]
    assert np.abs(answers - found.network.outputs(x)).max() < 1e-4


def test_the_weights_are_as_many_as_counted(found: Result) -> None:
    tensors = load_file(found.directory / "model.safetensors")
    trained = sum(v.size for k, v in tensors.items() if "running" not in k and "num_batches" not in k)
    assert trained == found.summary["best"]["params"]


def test_resuming_a_finished_search_trains_nothing(found: Result) -> None:
    again = netwright.resume(found.directory)
    assert again.trials == found.trials
    assert again.summary["best"] == found.summary["best"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"method": "genetik"}, "did you mean 'genetic'"),
        ({"space": "mobil"}, "did you mean 'mobile'"),
        (
            {"space": Space(chain(op("conv", kernel=3, channels=choice(4, 8)), op("haed")), "typo")},
            "did you mean 'head'",
        ),
        ({"space": Space(chain(op("conv", kernl=3), op("head")), "typo")}, "did you mean 'kernel'"),
        ({"space": Space(chain(op("conv", kernel=choice(3, 5), channels=4)), "headless")}, "conv"),
        ({"objectives": "acuracy"}, "did you mean 'accuracy'"),
        ({"objectives": "rmse"}, "not a metric of image-classification"),
        ({"objectives": ("accuracy", "params"), "method": "reinforce"}, "one objective only"),
        ({"constraints": "params<10"}, "params<10"),
        ({"constraints": ("params<3k", "params>4k")}, "contradicts"),
        ({"constraints": "params below 3k"}, "cannot read the constraint"),
        ({"budget": "10 parsecs"}, "parsecs"),
        ({"workers": 0}, "workers"),
        ({"executor": "proceses"}, "did you mean 'processes'"),
        ({"executor_settings": {"address": "auto"}}, "the executor processes has no setting 'address'"),
        ({"recipe": {"epoch": 3}}, "epoch"),
    ],
)
def test_mistakes_are_told_before_anything_is_trained(settings: dict, words: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=words):
        netwright.search("digits", **{"space": SMALL, "budget": "2trials", "out": tmp_path / "new"} | settings)
    assert not (tmp_path / "new").exists()


def test_a_folder_in_use_is_left_alone(found: Result, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds another search"):
        netwright.search("digits", out=found.directory)
    (tmp_path / "mine.txt").write_text("precious")
    with pytest.raises(InputError, match="not empty"):
        netwright.search("digits", out=tmp_path)


def test_nothing_to_resume(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no search"):
        netwright.resume(tmp_path)


def test_a_budget_that_fits_no_trial_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="fits no trial"):
        netwright.search("digits", budget="2s", workers=1, out=tmp_path / "short")
