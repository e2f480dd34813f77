"""From recordings of words to a delivered network that speaks them."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from scipy.io import wavfile
from tests.tasks.tones import HERTZ, RATE, save, speak
from typer.testing import CliRunner

import netwright
from netwright.cli.app import app
from netwright.deploy.network import Network
from netwright.insight.quality import example_scores, stored_outputs
from netwright.space import Space, chain, choice, op

SPACE = Space(
    chain(
        op("embedding", channels=24, positions="learned"),
        op("stretch", heads=choice(1, 2)),
        op("conv", kernel=choice(3, 5), channels=32),
        op("recurrent", channels=choice(24, 32)),
        op("frames-head"),
    ),
    "small",
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> netwright.Result:
    folder = tmp_path_factory.mktemp("tones")
    for word in HERTZ:
        for name in ("ann", "bob"):
            for at in range(14):
                save(folder / word / f"{word}-{name}-{at}.wav", speak(word, at) * (1.0 if name == "ann" else 0.1))
    return netwright.search(
        netwright.open_task(folder, kind="speech-synthesis"),
        space=SPACE,
        budget="2trials",
        recipe={"epochs": 25, "learning_rate": 0.01},
        constraints="params<30k",
        executor="inline",
        workers=1,
        out=tmp_path_factory.mktemp("found") / "search",
    )


def test_distortion_is_searched_shown_and_compared(found: netwright.Result) -> None:
    best = found.summary["best"]
    assert found.summary["metric"] == "mcd"
    assert set(best["test"]) == {"mcd", "length_error"}
    trial = next(trial for trial in found.trials if trial.phase == "final")
    stored = stored_outputs(found.directory, trial)
    assert stored is not None
    each = example_scores("mcd", stored)
    assert each is not None
    assert trial.measurement is not None
    assert -each.mean() == pytest.approx(trial.measurement.test["mcd"], rel=1e-5)
    report = (found.directory / "report.html").read_text()
    assert "--kind speech-synthesis" in report
    assert "mel-cepstral distortion" in report
    assert "Stretch" in report


def loudest(wave: np.ndarray) -> float:
    """Hertz of the strongest frequency."""
    return float(np.abs(np.fft.rfft(wave)).argmax() * RATE / len(wave))


def test_each_word_has_its_tone_and_each_speaker_their_loudness(found: netwright.Result) -> None:
    network = Network.load(found.directory)
    lines = [f"{name}: {word}" for name in ("ann", "bob") for word in HERTZ]
    said = network.told(lines)
    assert [one["speaker"] for one in said] == ["ann"] * 3 + ["bob"] * 3
    assert all(one["rate"] == RATE and one["wave"].dtype == np.float32 for one in said)
    for one in said[:3]:
        assert loudest(one["wave"]) == pytest.approx(HERTZ[one["text"]], rel=0.25)
        assert len(one["wave"]) / RATE == pytest.approx(0.12, abs=0.06)
    power = [float(np.square(one["wave"]).mean()) for one in said]
    assert all(soft < 0.5 * loud for loud, soft in zip(power[:3], power[3:], strict=True))
    waves = network.predict(lines)
    assert all(np.array_equal(wave, one["wave"]) for wave, one in zip(waves, said, strict=True))


def test_the_exported_model_gives_the_frames(found: netwright.Result) -> None:
    assert found.summary["delivered"]["onnx"]["difference"] < 1e-4
    network = Network.load(found.directory)
    batch = network.encode(["a", "bob: c"])
    session = onnxruntime.InferenceSession(found.directory / "model.onnx")
    frames = session.run(["frames"], {"tokens": batch})[0]
    assert np.abs(frames - network.outputs(batch)).max() < 1e-4
    card = (found.directory / "model_card.md").read_text()
    assert f"output: for each of {network.signature.steps} frames of 10 ms" in card
    assert 'session.run(["frames"], {"tokens": batch})[0]' in card
    assert "after the name of a speaker (ann, bob)" in card


def test_the_card_says_how_to_speak(found: netwright.Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    card = (found.directory / "model_card.md").read_text()
    usage = next(code for code in re.findall(r"```python\n(.*?)```", card, re.DOTALL) if "wavfile" in code)
    monkeypatch.chdir(tmp_path)
    exec(usage.replace('"TEXT"', '"a"').replace('load(".")', f"load({str(found.directory)!r})"), {})
    rate, wave = wavfile.read(tmp_path / "0.wav")
    assert rate == RATE
    assert len(wave)


def test_the_command_writes_a_recording_a_line(found: netwright.Result, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("a\nbob: c\n")
    arguments = ["predict", str(found.directory), str(tmp_path / "new.txt"), "--out", str(tmp_path / "said")]
    ran = CliRunner().invoke(app, arguments)
    assert ran.exit_code == 0, ran.output
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [row[0] for row in rows] == [f"{tmp_path}/new.txt:{row}" for row in (1, 2)]
    assert [Path(row[1]).name for row in rows] == ["0001-ann-a.wav", "0002-bob-c.wav"]
    for row in rows:
        rate, wave = wavfile.read(row[1])
        assert (rate, wave.dtype) == (RATE, np.int16)
        assert row[2] == f"{len(wave) / rate:.2f} s"
    told = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)["predictions"]
    assert [one["wave"] for one in told] == [row[1] for row in rows]
    assert [(one["speaker"], one["text"], one["rate"]) for one in told] == [("ann", "a", RATE), ("bob", "c", RATE)]


@pytest.mark.parametrize(
    ("text", "message"),
    [("a\nxy\n", "new.txt, line 2 has characters that training did not have: x, y"), ("aaaa\n", "has 4 characters")],
)
def test_nothing_is_written_where_a_line_cannot_be_spoken(
    found: netwright.Result, tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "new.txt").write_text(text)
    out = tmp_path / "said"
    ran = CliRunner().invoke(app, ["predict", str(found.directory), str(tmp_path / "new.txt"), "--out", str(out)])
    assert ran.exit_code == 2
    assert message in " ".join(ran.output.split())
    assert not out.exists()


def test_a_folder_that_cannot_be_made_is_named(found: netwright.Result, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("a\n")
    out = tmp_path / "new.txt" / "said"
    ran = CliRunner().invoke(app, ["predict", str(found.directory), str(tmp_path / "new.txt"), "--out", str(out)])
    assert ran.exit_code == 2
    assert "give a folder to write to" in " ".join(ran.output.split())
