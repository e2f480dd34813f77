"""From recordings with transcripts to a delivered network that writes down what is said."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from tests.tasks.tones import save, speak, texts
from typer.testing import CliRunner

import netwright
from netwright.cli.app import app
from netwright.deploy.network import Network
from netwright.insight.quality import example_scores, stored_outputs
from netwright.space import Space, chain, choice, op

SPACE = Space(
    chain(
        op("spec-augment", bands=choice(0.0, 0.1), frames=2),
        op("conv", kernel=choice(5, 9), channels=24, stride=4),
        op("recurrent", channels=choice(24, 32)),
        op("transcript-head"),
    ),
    "small",
)


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tones")
    for at, text in enumerate(texts(120)):
        save(folder / f"{at:03}.wav", speak(text, at))
        (folder / f"{at:03}.txt").write_text(text)
    return folder


@pytest.fixture(scope="module")
def found(recordings: Path, tmp_path_factory: pytest.TempPathFactory) -> netwright.Result:
    return netwright.search(
        recordings,
        space=SPACE,
        budget="2trials",
        recipe={"epochs": 25, "learning_rate": 0.01},
        constraints="params<30k",
        executor="inline",
        workers=1,
        out=tmp_path_factory.mktemp("found") / "search",
    )


def test_error_rates_are_searched_shown_and_compared(found: netwright.Result) -> None:
    best = found.summary["best"]
    assert found.summary["metric"] == "cer"
    assert set(best["test"]) == {"cer", "wer"}
    assert best["test"]["cer"] < 0.5
    trial = next(trial for trial in found.trials if trial.phase == "final")
    stored = stored_outputs(found.directory, trial)
    assert stored is not None
    each = example_scores("cer", stored)
    assert each is not None
    assert trial.measurement is not None
    assert -each.mean() == pytest.approx(trial.measurement.test["cer"], rel=1e-5)
    assert "character error rate" in (found.directory / "report.html").read_text()


def test_the_network_writes_what_the_exported_one_scores(found: netwright.Result, recordings: Path) -> None:
    network = Network.load(found.directory)
    files = [recordings / "000.wav", recordings / "005.wav"]
    said = network.predict(files)
    assert all(isinstance(one, str) for one in said)
    assert found.summary["delivered"]["onnx"]["difference"] < 1e-4
    session = onnxruntime.InferenceSession(found.directory / "model.onnx")
    batch = network.encode(files)
    logits = session.run(["logits"], {"features": batch})[0]
    assert np.abs(logits - network.outputs(batch)).max() < 1e-4
    card = (found.directory / "model_card.md").read_text()
    reading = next(code for code in re.findall(r"```python\n(.*?)```", card, re.DOTALL) if "onnxruntime" in code)
    names = {"logits": logits}
    exec("".join(reading.partition("classes = ")[1:]), names)
    assert [" ".join(text.split()) for text in names["texts"]] == said


def test_the_command_prints_transcripts(found: netwright.Result, recordings: Path) -> None:
    files = [str(recordings / f"{at:03}.wav") for at in range(3)]
    ran = CliRunner().invoke(app, ["predict", str(found.directory), *files])
    assert ran.exit_code == 0, ran.output
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [row[0] for row in rows] == files
    assert [row[1] for row in rows] == Network.load(found.directory).predict(files)
