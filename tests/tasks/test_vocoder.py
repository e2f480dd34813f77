"""From sound to frames and back: what is heard is what was there."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.tasks.sound.sounds import framing, log_mel, mel_bands
from netwright.tasks.sound.vocoder import power_of, wave_of


def vowel(rate: int, seconds: float = 0.4) -> np.ndarray:
    """Harmonics of a falling pitch under two resonances, louder and softer again."""
    times = np.arange(round(seconds * rate)) / rate
    pitch = 140 - 40 * times / seconds
    turns = 2 * np.pi * np.cumsum(pitch) / rate
    wave = np.zeros_like(times)
    for order in range(1, int(0.45 * rate / 140)):
        hertz = order * 120
        strength = np.exp(-(((hertz - 600) / 300) ** 2)) + 0.5 * np.exp(-(((hertz - 1800) / 400) ** 2)) + 0.01
        wave += strength * np.sin(order * turns)
    return (0.1 * wave * np.sin(np.pi * times / seconds)).astype(np.float32)


@pytest.mark.parametrize("rate", [8000, 16000])
def test_what_is_made_sounds_like_what_was_heard(rate: int) -> None:
    heard = log_mel(vowel(rate), rate)
    wave = wave_of(heard, rate)
    assert (wave.dtype, wave.ndim) == (np.float32, 1)
    assert np.abs(wave).max() <= 1.0
    again = log_mel(wave, rate)
    assert again.shape == heard.shape
    inside = (heard > -9.0)[:, 2:-2]
    apart = np.abs(again - heard)[:, 2:-2][inside]
    assert inside.mean() > 0.3
    assert float(np.median(apart)) < 0.5
    assert np.corrcoef(again[:, 2:-2].ravel(), heard[:, 2:-2].ravel())[0, 1] > 0.95


def test_more_rounds_come_closer() -> None:
    heard = log_mel(vowel(8000), 8000)
    apart = [np.abs(log_mel(wave_of(heard, 8000, rounds), 8000) - heard)[heard > -9.0].mean() for rounds in (0, 4, 60)]
    assert apart[0] > apart[1] > apart[2]


def test_the_same_frames_give_the_same_sound() -> None:
    frames = log_mel(vowel(8000), 8000)
    assert np.array_equal(wave_of(frames, 8000), wave_of(frames, 8000))
    assert not np.array_equal(wave_of(frames, 8000), wave_of(frames, 8000, seed=1))


def test_power_is_never_negative_and_gives_the_bands() -> None:
    rate = 8000
    mel = np.exp(log_mel(vowel(rate), rate).T.astype(np.float64))
    power = power_of(mel, rate)
    assert (power >= 0).all()
    found = power @ mel_bands(rate, framing(rate)[2]).T
    assert np.abs(np.log(found + 1e-6) - np.log(mel + 1e-6)).mean() < 0.2


def test_silence_is_silent() -> None:
    assert np.abs(wave_of(np.full((40, 20), -14.0), 8000)).max() == 0.0
    assert len(wave_of(np.zeros((40, 1)), 8000)) == framing(8000)[0]
