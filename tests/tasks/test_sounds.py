"""Recordings with labels: class folders and manifests, at any rate and in any form of WAV."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.io import wavfile

from netwright.errors import InputError, MissingExtra
from netwright.tasks import Task, open_task
from netwright.tasks.readers.sounds import wave_of
from netwright.tasks.sound.sounds import log_mel

RATE = 8000


def tone(hertz, seconds=0.2, rate=RATE):
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)).astype(np.float32)


def save(path, wave, rate=RATE):
    path.parent.mkdir(parents=True, exist_ok=True)
    wavfile.write(path, rate, wave)
    return path


def recordings(root, count=40):
    """Low and high tones of different lengths, in class folders."""
    paths = []
    for index in range(count):
        label, hertz = (("low", 300), ("high", 2000))[index % 2]
        wave = tone(hertz + 5 * index, 0.15 + 0.01 * (index % 9))
        paths.append(save(root / label / f"{index:02}.wav", (wave * 32767).astype(np.int16)))
    return paths


@pytest.fixture(params=["folders", "manifest", "manifests"])
def source(request, tmp_path):
    paths = recordings(tmp_path / "tones")
    if request.param == "folders":
        return tmp_path / "tones"
    rows = [f"tones/{path.parent.name}/{path.name},{path.parent.name}" for path in paths]
    if request.param == "manifest":
        (tmp_path / "list.csv").write_text("\n".join(["path,label", *rows]))
        return tmp_path / "list.csv"
    (tmp_path / "train.csv").write_text("\n".join(rows[:30]))
    (tmp_path / "test.csv").write_text("\n".join(rows[30:]))
    return tmp_path


def test_every_form_is_a_speech_task(source, tmp_path):
    task = open_task(source)
    assert (task.kind, task.classes, task.default_space) == ("speech-recognition", ("high", "low"), "sound")
    assert task.prepare["rate"] == RATE
    assert (task.signature.inputs[0], task.signature.padded) == (40, True)
    assert sum(len(split) for split in task.splits.values()) == 40
    task.save(tmp_path / "saved")
    assert Task.load(tmp_path / "saved").fingerprint == task.fingerprint
    assert len(task.baselines()) == 3


def test_a_tone_lies_in_its_band():
    low, high = (int(log_mel(tone(hertz), RATE).mean(axis=1).argmax()) for hertz in (300, 2000))
    mel = 2595 * np.log10(1 + np.array([20, 300, 2000, 4000]) / 700)
    places = (mel[1:3] - mel[0]) / (mel[3] - mel[0]) * 41 - 1
    assert np.abs(np.array([low, high]) - places).max() <= 1


@pytest.mark.parametrize("kind", [np.int16, np.int32, np.uint8, np.float32])
def test_all_forms_of_wav_give_the_same(tmp_path, kind):
    wave = tone(700).astype(np.float64)
    span, middle = {np.float32: (1, 0), np.uint8: (127, 128)}.get(kind) or (np.iinfo(kind).max, 0)
    stored = (wave * span + middle).astype(kind)
    for name, samples in (("one.wav", stored), ("both.wav", np.stack([stored, stored], axis=1))):
        found, rate = wave_of(save(tmp_path / name, samples))
        assert rate == RATE
        assert np.abs(found - wave).max() < 0.02


def test_other_rates_are_resampled_and_said(tmp_path):
    recordings(tmp_path / "tones")
    save(tmp_path / "tones" / "low" / "fast.wav", tone(400, 0.2, 16_000), 16_000)
    task = open_task(tmp_path / "tones")
    said = "1 of 41 recordings have another rate than 8000 Hz: they are resampled"
    assert any(said in line for line in task.source["warnings"])
    slow, fast = save(tmp_path / "s.wav", tone(700)), save(tmp_path / "f.wav", tone(700, 0.2, 44_100), 44_100)
    expected, found = task.encode([slow]), task.encode([fast])
    assert np.corrcoef(expected.ravel(), found.ravel())[0, 1] > 0.95


def test_damaged_recordings_are_named_skipped_and_counted(tmp_path):
    recordings(tmp_path / "tones")
    (tmp_path / "tones" / "low" / "broken.wav").write_bytes(b"RIFF....WAVEfmt ")
    (tmp_path / "tones" / "low" / "notes.txt").write_text("mine")
    warnings = open_task(tmp_path / "tones").source["warnings"]
    said = "1 of 41 recordings cannot be read and were skipped"
    assert any(said in line and "broken.wav" in line for line in warnings)
    assert any("notes.txt" in line for line in warnings)
    for index in range(4):
        (tmp_path / "tones" / "high" / f"b{index}.wav").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"5 of 45 recordings cannot be read.*b0.wav: not a readable WAV file"):
        open_task(tmp_path / "tones")


def test_a_recording_that_a_manifest_lacks_is_named(tmp_path):
    recordings(tmp_path / "tones")
    (tmp_path / "list.csv").write_text("path,label\ntones/low/00.wav,low\ntones/low/none.wav,low\n")
    with pytest.raises(InputError, match=r"list.csv, line 3: tones/low/none.wav: no such file: paths are relative"):
        open_task(tmp_path / "list.csv")


def test_what_cannot_be_predicted_on(tmp_path, monkeypatch):
    recordings(tmp_path / "tones")
    task = open_task(tmp_path / "tones")
    empty = save(tmp_path / "empty.wav", np.zeros(0, dtype=np.int16))
    for wrong, message in (
        ([], "no recordings"),
        ([empty], "empty.wav holds no sound"),
        ([tmp_path / "none.wav"], "none.wav: no such file"),
        ([np.zeros((2, 2, 2))], "recording 0 has the shape"),
    ):
        with pytest.raises(InputError, match=message):
            task.encode(wrong)
    monkeypatch.setitem(__import__("sys").modules, "soundfile", None)
    with pytest.raises(MissingExtra, match=r"soundfile is not installed: pip install 'netwright\[sound\]'"):
        task.encode([tmp_path / "speech.flac"])
