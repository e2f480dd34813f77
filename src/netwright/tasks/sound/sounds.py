"""Recordings as numbers: the logarithm of the power in bands that are as wide as the ear hears them, frame by frame.

The mel scale and the bands are those of Davis & Mermelstein 1980 (https://doi.org/10.1109/TASSP.1980.1163420) in the
form of HTK. A network sees (bands, frames), each band with zero mean and unit variance over the training split, and
zeros after the end of a recording.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks.examples import Array, Items
from netwright.tasks.time_series.series import numbers_wrong

BANDS = 40
WINDOW_S, HOP_S = 0.025, 0.01
"""Seconds of a frame, and between the beginnings of two."""
LONGEST, COVERED = 400, 0.995
"""Frames of the longest recording that is heard to its end; share of the training recordings that are, if shorter."""
SPARE, ROUND = 1.1, 8
"""Of recordings that are heard to their end: length by the longest in training, a multiple of so many frames."""
SHORTEST = 8
FLOOR = 1e-6
"""Power below which everything is silence, of recordings between -1 and 1."""
LOWEST_HZ = 20.0
LEAST_SPREAD, FURTHEST = 0.1, 8.0
"""Deviation of a band, at least; deviations from its mean at which values are cut off."""


def fit(items: Items) -> tuple[dict[str, Any], list[str]]:
    """Length, and mean and deviation of each band, as plain data; and warnings."""
    features = _features(items)
    sizes = np.array([one.shape[1] for one in features])
    length = int(np.clip(np.ceil(np.quantile(sizes, COVERED)), SHORTEST, LONGEST))
    warnings = []
    cut = int((sizes > length).sum())
    if cut:
        seconds = f"{length * HOP_S:.2f} s"
        warnings.append(f"{cut} of {len(sizes)} training recordings are longer than {seconds}: the rest is not heard")
    return _prepared(items, [one[:, :length] for one in features], length), warnings


def fit_whole(items: Items) -> tuple[dict[str, Any], list[str]]:
    """The same for recordings that are heard to their end, with some time to spare."""
    features = _features(items)
    longest = max(one.shape[1] for one in features)
    length = max(SHORTEST, ROUND * math.ceil(SPARE * longest / ROUND))
    return _prepared(items, features, length), []


def _features(items: Items) -> list[Array]:
    return [log_mel(wave, int(items.about["rate"])) for wave in items.values]


def _prepared(items: Items, features: Sequence[Array], length: int) -> dict[str, Any]:
    """features: (bands, frames) each, as far as they are heard."""
    whole = np.concatenate(features, axis=1).astype(np.float64)
    return {
        "rate": int(items.about["rate"]),
        "bands": BANDS,
        "length": length,
        "mean": whole.mean(axis=1).tolist(),
        "std": np.maximum(whole.std(axis=1), LEAST_SPREAD).tolist(),
        "unit": "file",
    }


def apply(items: Items, prepare: Mapping[str, Any]) -> Array:
    """(N, bands, T) float32."""
    mean, std = (np.array(prepare[name], dtype=np.float32)[:, None] for name in ("mean", "std"))
    made = np.zeros((len(items), prepare["bands"], prepare["length"]), dtype=np.float32)
    for row, wave in enumerate(items.values):
        frames = (log_mel(wave, prepare["rate"]) - mean) / std
        frames = np.clip(frames[:, : prepare["length"]], -FURTHEST, FURTHEST)
        made[row, :, : frames.shape[1]] = frames
    return made


def framing(rate: int) -> tuple[int, int, int]:
    """Samples of a frame, between the beginnings of two, and that a spectrum is made of.

    >>> framing(8000)
    (200, 80, 256)
    """
    width = round(WINDOW_S * rate)
    return width, round(HOP_S * rate), 1 << (width - 1).bit_length()


def log_mel(wave: Array, rate: int) -> Array:
    """(T,) samples between -1 and 1 -> (bands, frames) float32.

    >>> log_mel(np.zeros(8000, dtype=np.float32), 8000).shape
    (40, 98)
    """
    width, hop, size = framing(rate)
    if len(wave) < width:
        wave = np.pad(wave, (0, width - len(wave)))
    frames = np.lib.stride_tricks.sliding_window_view(wave, width)[::hop]
    power = np.abs(np.fft.rfft(frames * np.hanning(width), size)) ** 2 / width
    made: Array = np.log(power @ mel_bands(rate, size).T + FLOOR).T.astype(np.float32)
    return made


@lru_cache(maxsize=8)
def mel_bands(rate: int, size: int) -> Array:
    """(bands, frequencies) triangles, equally spaced on the mel scale."""
    edges = _hertz(np.linspace(_mel(np.array(LOWEST_HZ)), _mel(np.array(rate / 2)), BANDS + 2))
    frequencies = np.linspace(0, rate / 2, size // 2 + 1)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising, falling = (frequencies - low) / (centre - low), (high - frequencies) / (high - centre)
    bands: Array = np.maximum(0.0, np.minimum(rising, falling))
    return bands


def _mel(hertz: Array) -> Array:
    mel: Array = 2595 * np.log10(1 + hertz / 700)
    return mel


def _hertz(mel: Array) -> Array:
    hertz: Array = 700 * (10 ** (mel / 2595) - 1)
    return hertz


def found(raw: Any, prepare: Mapping[str, Any]) -> Items:
    """Recordings: paths of files, which are brought to the rate of training; or arrays (T,) at that rate."""
    one = isinstance(raw, str | Path) or (isinstance(raw, np.ndarray) and raw.ndim == 1)
    given: list[Any] = [raw] if one else list(raw)
    if not given:
        raise InputError("no recordings to hear", "give at least one")
    if all(isinstance(one, str | Path) for one in given):
        from netwright.tasks.readers import sounds as reader

        paths = [Path(one) for one in given]
        waves = [reader.at_rate(*reader.wave_of(path), prepare["rate"]) for path in paths]
        return Items.of("sound", waves, [str(path) for path in paths])
    return Items.of("sound", [_wave(one, at) for at, one in enumerate(given)], _numbered(given))


def found_whole(raw: Any, prepare: Mapping[str, Any]) -> Items:
    """The same, all of them heard to their end. Raises InputError that names a recording that is too long."""
    items = found(raw, prepare)
    most = prepare["length"] * HOP_S
    for row, wave in enumerate(items.values):
        seconds = len(wave) / prepare["rate"]
        if seconds > most + WINDOW_S:
            known = f"the network hears {most:.2f} s: cut it into pieces at pauses"
            raise InputError(f"{items.where(row)} takes {seconds:.2f} s", known)
    return items


def _numbered(given: Sequence[Any]) -> list[str]:
    return [f"recording {at}" for at in range(len(given))]


def _wave(one: Any, at: int) -> Array:
    wave = np.asarray(one)
    if wave.ndim != 1 or not wave.size or wave.dtype.kind not in "iuf":
        raise InputError(f"recording {at} has the shape {wave.shape} of {wave.dtype}", "give samples (T,)")
    return scaled(wave)


def scaled(wave: Array) -> Array:
    """Samples of any number type as float32 between -1 and 1; floats as they are."""
    if wave.dtype.kind == "f":
        return wave.astype(np.float32)
    span = np.iinfo(wave.dtype)
    middle = 0.0 if span.min < 0 else (span.max + 1) / 2
    half: float = (span.max - span.min + 1) / 2
    made: Array = ((wave.astype(np.float64) - middle) / half).astype(np.float32)
    return made


def described(prepare: Mapping[str, Any]) -> str:
    """What a network takes, in words."""
    seconds = prepare["length"] * HOP_S
    return f"recordings of up to {seconds:.2f} s at {prepare['rate']:,} Hz, as {prepare['bands']} bands a frame"


def wrong(prepare: Mapping[str, Any], inputs: tuple[int, ...], tokens: int) -> str:
    """What does not fit in a preparation from a file, "" where all does."""
    if [prepare.get("bands"), prepare.get("length")] != list(inputs) or prepare["bands"] != BANDS:
        return f"it is for {prepare.get('bands')!r} bands of {prepare.get('length')!r} frames"
    rate = prepare.get("rate")
    if type(rate) is not int or not 1000 <= rate <= 400_000:
        return f"its rate is {rate!r}"
    return numbers_wrong(prepare, inputs[0])
