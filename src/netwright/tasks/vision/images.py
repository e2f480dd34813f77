"""Images as arrays: any common layout and number type becomes uint8 (N, C, H, W)."""

from __future__ import annotations

from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks.examples import Array

CHANNELS = (1, 2, 3, 4)
LEAST_SIDE = 4
"""Pixels of the smallest height or width that a network can use."""
BESIDE = 128
"""The grey beside an image that does not fill its place."""


def channels_first(x: Array, name: str = "the images") -> Array:
    """(N, H, W), (N, H, W, C) or (N, C, H, W) as (N, C, H, W), C from 1 to 4. Raises InputError.

    Where both readings fit, channels are last.

    >>> channels_first(np.zeros((5, 8, 9))).shape, channels_first(np.zeros((5, 8, 9, 3))).shape
    ((5, 1, 8, 9), (5, 3, 8, 9))
    """
    if x.ndim == 3:
        x = x[:, None]
    elif x.ndim == 4 and x.shape[3] in CHANNELS:
        x = x.transpose(0, 3, 1, 2)
    elif x.ndim != 4 or x.shape[1] not in CHANNELS:
        way_out = "give (N, H, W), (N, H, W, C) or (N, C, H, W) with 1 to 4 channels"
        raise InputError(f"{name}: the shape is {x.shape}", way_out)
    if min(x.shape[2:]) < LEAST_SIDE:
        raise InputError(f"{name}: {x.shape[2]} x {x.shape[3]} pixels", f"give at least {LEAST_SIDE} x {LEAST_SIDE}")
    return x


def check_numbers(x: Array, name: str) -> None:
    """Raises InputError for what isn't numbers, or for NaN and infinite pixels."""
    if x.dtype.kind not in "biuf":
        raise InputError(f"{name}: the array holds {x.dtype}", "give numbers")
    if x.dtype.kind == "f" and not np.isfinite(x).all():
        where = int(np.flatnonzero(~np.isfinite(x).reshape(len(x), -1).all(axis=1))[0])
        raise InputError(f"{name}: image {where} holds NaN or infinite values", "remove or correct it")


def guess_span(x: Array) -> tuple[float, float]:
    """The raw values that mean black and white: -1..1, 0..1, 0..255 or 0..65535 where they fit, else the extremes."""
    if x.dtype == bool:
        return 0.0, 1.0
    low, high = float(x.min()), float(x.max())
    if low == high:
        raise InputError(f"every pixel of every image is {low:g}", "check what the array holds")
    if low < 0:
        return (-1.0, 1.0) if low >= -1 and high <= 1 else (low, high)
    if high <= 1:
        return 0.0, 1.0
    if high <= 255:
        return (0.0, 255.0) if high > (16 if x.dtype == np.uint8 else 128) else (0.0, high)
    return (0.0, 65535.0) if x.dtype == np.uint16 and high > 32768 else (0.0, high)


def to_bytes(x: Array, span: tuple[float, float], name: str = "the images") -> Array:
    """Raw pixels as uint8, `span` stretched to 0..255. Raises InputError when they clearly have another span.

    >>> to_bytes(np.array([[[[0.0, 8.0, 16.0, 4.0]]]]), (0, 16)).ravel().tolist()
    [0, 128, 255, 64]
    """
    low, high = span
    if x.dtype == np.uint8 and (low, high) == (0, 255):
        return np.ascontiguousarray(x)
    made = np.empty(x.shape, dtype=np.uint8)
    for start in range(0, len(x), 4096):
        part = x[start : start + 4096].astype(np.float64)
        _check_span(part, x.dtype, span, name)
        made[start : start + 4096] = np.clip(np.rint((part - low) * (255 / (high - low))), 0, 255)
    return made


def _check_span(part: Array, dtype: np.dtype[Any], span: tuple[float, float], name: str) -> None:
    low, high = span
    slack = 0.5 * (high - low)
    if part.min() < low - slack or part.max() > high + slack:
        raise InputError(
            f"{name}: pixels from {part.min():g} to {part.max():g}", f"the training images have {low:g} to {high:g}"
        )
    if dtype.kind == "f" and high >= 16 and 0 < part.max() <= 1 and (part % 1).any():
        known = f"the training images have {low:g} to {high:g}: multiply by {high:g}"
        raise InputError(f"{name}: pixels from 0 to 1", known)


def statistics(x: Array) -> tuple[list[float], list[float]]:
    """Mean and standard deviation of each channel of uint8 (N, C, H, W), in units of 0..1; no deviation below 0.01."""
    counts = np.stack([np.bincount(x[:, channel].ravel(), minlength=256) for channel in range(x.shape[1])])
    share = counts / counts.sum(axis=1, keepdims=True)
    levels = np.arange(256) / 255
    mean = share @ levels
    deviation = np.sqrt(np.maximum(share @ levels**2 - mean**2, 0))
    return [float(value) for value in mean], [max(0.01, float(value)) for value in deviation]


def fitted_size(size: tuple[int, int], place: tuple[int, int]) -> tuple[int, int]:
    """Height and width of an image of `size` that is scaled to fit into a place, as large as can be.

    >>> fitted_size((480, 640), (128, 160))
    (120, 160)
    """
    scale = min(place[0] / size[0], place[1] / size[1])
    height, width = (min(most, max(1, round(side * scale))) for side, most in zip(size, place, strict=True))
    return height, width
