"""Image files: looked at first, decoded after, each error with the name of its file."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks.examples import Array
from netwright.tasks.vision.images import BESIDE, fitted_size
from netwright.tasks.vision.masks import Colour, packed

SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pnm"})
MOST_PIXELS = 50_000_000
"""Pixels of the largest image that is decoded."""
TURNED = frozenset({5, 6, 7, 8})
"""Values of the EXIF orientation that swap height and width."""

ORIENTATION = 0x0112
GREY = frozenset({"1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "I;16N", "F"})


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says about itself. size: height and width in pixels, upright; grey: whether it has no colours."""

    size: tuple[int, int]
    grey: bool


def header(path: Path) -> Header:
    """Size and mode without decoding. Raises InputError when the file is no image, or too large a one."""
    opened = _open(path)
    with opened:
        width, height = opened.size
        if width * height > MOST_PIXELS:
            raise InputError(f"{path}: {width} x {height} pixels", f"at most {MOST_PIXELS:,} pixels are decoded")
        if _orientation(opened) in TURNED:
            width, height = height, width
        return Header((height, width), opened.mode in GREY)


def _orientation(opened: Any) -> int:
    try:
        return int(opened.getexif().get(ORIENTATION, 1))
    except Exception:
        return 1


def _open(path: Path) -> Any:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return Image.open(path)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file", "check the path") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder", "give image files") from None
    except Image.DecompressionBombError:
        raise InputError(f"{path}: far too many pixels", f"at most {MOST_PIXELS:,} pixels are decoded") from None
    except Exception as error:
        raise InputError(f"{path}: not a readable image ({type(error).__name__})", "remove or replace it") from None


def _upright(path: Path) -> Any:
    """The decoded image, turned as its file says. Raises InputError."""
    from PIL import ImageOps

    with _open(path) as opened:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                opened.load()
                return ImageOps.exif_transpose(opened)
        except Exception as error:
            raise InputError(f"{path}: damaged image ({error})", "remove or replace it") from None


def pixels(path: Path, channels: int, size: tuple[int, int] | None = None) -> Array:
    """One upright image as uint8 (C, H, W) with C 1 or 3, resized to `size` (H, W). Raises InputError.

    Look at its `header` first, which refuses images of too many pixels.
    """
    from PIL import Image

    made = _mode(_upright(path), channels)
    if size is not None and made.size != (size[1], size[0]):
        made = made.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    array = np.asarray(made, dtype=np.uint8)
    return array[None] if array.ndim == 2 else array.transpose(2, 0, 1)


@dataclass(frozen=True, slots=True)
class Mask:
    """values: (H, W), numbers (of a palette's entries, where there is one) or packed colours; coloured: whether they
    are colours; colours: the palette's."""

    values: Array
    coloured: bool = False
    colours: tuple[Colour, ...] = ()

    def in_colours(self) -> Array:
        """The values as packed colours."""
        if self.coloured:
            return self.values
        colours = np.array(self.colours or [(level,) * 3 for level in range(256)])
        return packed(colours)[self.values]


def mask(path: Path) -> Mask:
    """What an image file holds as a mask, upright, nothing interpolated. Raises InputError."""
    upright = _upright(path)
    if upright.mode == "P":
        flat = (upright.getpalette("RGB") or []) + [0] * 768
        return Mask(np.asarray(upright), colours=tuple(zip(flat[:768:3], flat[1:768:3], flat[2:768:3], strict=True)))
    if upright.mode in GREY and upright.mode != "F":
        array = np.asarray(upright if upright.mode != "LA" else upright.convert("L"))
        return Mask(array.astype(np.uint8 if array.max(initial=0) < 256 else np.int32))
    return Mask(packed(np.asarray(upright.convert("RGB"))), coloured=True)


def picture(path: Path) -> Any:
    """An image file as PIL's, upright, in RGB, to draw on. Raises InputError."""
    from PIL import Image

    upright = pixels(path, 3)
    return Image.fromarray(np.ascontiguousarray(upright.transpose(1, 2, 0)))


def _mode(image: Any, channels: int) -> Any:
    """The image in grey (one channel) or RGB; 16-bit and floating-point ones are brought to eight bits first."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":
        raw = np.asarray(image, dtype=np.float64)
        top = 255.0 if raw.max(initial=0) <= 255 and not image.mode.startswith("I;") else 65535.0
        image = Image.fromarray(np.clip(np.rint(raw * (255 / top)), 0, 255).astype(np.uint8))
    return image.convert("L" if channels == 1 else "RGB")


def stack(paths: Sequence[Path], channels: int, size: tuple[int, int], resize: bool) -> Array:
    """Images as uint8 (N, C, H, W), resized where `resize` allows it. Raises InputError naming a file it cannot use."""
    made = np.empty((len(paths), channels, *size), dtype=np.uint8)
    for place, path in enumerate(paths):
        found = header(path).size
        if found != size and not resize:
            known = f"the training images are {size[0]} x {size[1]}: resize it"
            raise InputError(f"{path}: {found[0]} x {found[1]} pixels", known)
        made[place] = pixels(path, channels, size)
    return made


def fitted(path: Path, channels: int, place: tuple[int, int]) -> Array:
    """One upright image as uint8 (C, H, W), scaled to fit into the upper left of a place (H, W), grey beside it. Raises
    InputError."""
    inner = fitted_size(header(path).size, place)
    made = np.full((channels, *place), BESIDE, dtype=np.uint8)
    made[:, : inner[0], : inner[1]] = pixels(path, channels, inner)
    return made


def stack_fitted(paths: Sequence[Path], channels: int, place: tuple[int, int]) -> Array:
    """Images of any size as uint8 (N, C, H, W), each fitted. Raises InputError naming a file it cannot use."""
    return np.stack([fitted(path, channels, place) for path in paths])
