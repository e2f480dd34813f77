"""A language of three letters, each a tone of its own: recordings that a small network soon writes down."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from scipy.io import wavfile

RATE = 8000
HERTZ = {"a": 400.0, "b": 1000.0, "c": 2200.0}
LETTER_S, GAP_S, PAUSE_S = 0.08, 0.04, 0.1


def texts(count: int, seed: int = 0) -> list[str]:
    """Different lines of two or three words of one or two letters."""
    random = np.random.default_rng(seed)
    made: dict[str, None] = {"a b c": None}
    while len(made) < count:
        words = ["".join(random.choice(list(HERTZ), random.integers(1, 3))) for _ in range(random.integers(2, 4))]
        made[" ".join(words)] = None
    return list(made)


def speak(text: str, seed: int = 0) -> np.ndarray:
    """Samples (T,) float32 between -1 and 1."""
    random = np.random.default_rng([seed, len(text)])
    parts = [_silence(GAP_S)]
    for one in text:
        if one == " ":
            parts += [_silence(PAUSE_S)]
        else:
            parts += [_tone(HERTZ[one] * random.uniform(0.95, 1.05)), _silence(GAP_S)]
    wave = np.concatenate(parts)
    return (wave + 0.003 * random.standard_normal(len(wave))).astype(np.float32)


def _tone(hertz: float) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(round(LETTER_S * RATE)) / RATE)


def _silence(seconds: float) -> np.ndarray:
    return np.zeros(round(seconds * RATE))


def save(path: Path, wave: np.ndarray) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    wavfile.write(path, RATE, (wave * 32767).astype(np.int16))
    return path
