"""From frames of mel bands back to sound.

The power at each frequency is the non-negative one that gives the bands (multiplicative steps of Lee & Seung 2001,
"Algorithms for Non-negative Matrix Factorization"); the phases are those that overlapping frames agree on (Griffin &
Lim 1984, https://doi.org/10.1109/TASSP.1984.1164317, in the fast form of Perraudin et al. 2013,
https://doi.org/10.1109/WASPAA.2013.6701851).
"""

from __future__ import annotations

import numpy as np

from netwright.tasks.examples import Array
from netwright.tasks.sound.sounds import FLOOR, framing, mel_bands

ROUNDS, MOMENTUM = 60, 0.99
"""Rounds in which phases come to agree, and how far each goes beyond the last."""
FITS = 50
"""Steps towards the power that gives the bands."""
TINY = 1e-12


def wave_of(log_mel: Array, rate: int, rounds: int = ROUNDS, seed: int = 0) -> Array:
    """Frames (bands, F), as `netwright.tasks.sound.sounds.log_mel` makes them -> samples (T,) float32 between -1 and 1.
    seed: of the phases to begin with.

    >>> wave_of(np.zeros((40, 98), dtype=np.float32), 8000).shape
    (7960,)
    """
    width = framing(rate)[0]
    mel = np.maximum(0.0, np.exp(np.asarray(log_mel, dtype=np.float64).T) - FLOOR)
    wave = griffin_lim(np.sqrt(power_of(mel, rate) * width), rate, rounds, seed)
    loudest = float(np.abs(wave).max(initial=0.0))
    made: Array = (wave / max(1.0, loudest)).astype(np.float32)
    return made


def power_of(mel: Array, rate: int) -> Array:
    """(F, bands) -> (F, frequencies), nowhere negative, whose sums over the bands come close to those given."""
    bands = mel_bands(rate, framing(rate)[2])
    power: Array = (mel / np.maximum(bands.sum(axis=1), TINY)) @ bands
    wanted = mel @ bands
    for _ in range(FITS):
        power *= wanted / np.maximum((power @ bands.T) @ bands, TINY)
    return power


def griffin_lim(magnitudes: Array, rate: int, rounds: int, seed: int) -> Array:
    """(F, frequencies) -> samples (T,) float64 whose frames have about these magnitudes."""
    phases = np.exp(2j * np.pi * np.random.default_rng(seed).random(magnitudes.shape))
    before = np.zeros_like(phases)
    for _ in range(rounds):
        found = _spectra(_overlapped(magnitudes * phases, rate), rate)
        ahead = found + MOMENTUM * (found - before)
        phases, before = ahead / np.maximum(np.abs(ahead), TINY), found
    return _overlapped(magnitudes * phases, rate)


def _spectra(wave: Array, rate: int) -> Array:
    width, hop, size = framing(rate)
    frames = np.lib.stride_tricks.sliding_window_view(wave, width)[::hop]
    spectra: Array = np.fft.rfft(frames * np.hanning(width), size)
    return spectra


def _overlapped(spectra: Array, rate: int) -> Array:
    """The samples whose frames come closest to these spectra."""
    width, hop, size = framing(rate)
    window = np.hanning(width)
    frames = np.fft.irfft(spectra, size)[:, :width] * window
    places = (np.arange(len(frames))[:, None] * hop + np.arange(width)).ravel()
    weights = np.bincount(places, np.tile(window**2, len(frames)))
    wave: Array = np.bincount(places, frames.ravel()) / np.maximum(weights, 1e-3)
    return wave
