"""Masks as pictures: in the colours of their classes, alone and over the image."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.deploy.network import Array
from netwright.tasks.answers.places import UNKNOWN
from netwright.tasks.vision.masks import nearest, palette

STRENGTH = 0.5
"""How much of an overlay is the colour of the class."""
LEAST = 128
"""Pixels of the width up to which images are enlarged to be compared."""
LINE, SQUARE, GAP = 16, 10, 6
"""Pixels of a legend's line, of a colour's square, between them."""
INK, PAPER = (20, 20, 20), (255, 255, 255)


def draw(image: Any, said: Mapping[str, Any], classes: Sequence[str], prepare: Mapping[str, Any]) -> Mapping[str, Any]:
    """mask: class indices with the classes' colours for a palette, of the image's size; overlay: over the image, with a
    legend."""
    mask = nearest(np.asarray(said["mask"]), (image.height, image.width))
    return {"mask": indexed(mask, prepare), "overlay": _with_legend(over(image, mask, prepare), mask, classes, prepare)}


def compare(
    image: Any, truth: Array, said: Mapping[str, Any], classes: Sequence[str], prepare: Mapping[str, Any]
) -> Any:
    """The image, its own mask and the network's over it, side by side, small ones enlarged, with a legend."""
    from PIL import Image

    mask, times = np.asarray(said["mask"]), max(1, LEAST // image.width)
    larger = image.width * times, image.height * times
    row = [image, over(image, truth, prepare), over(image, mask, prepare)]
    row = [one.resize(larger, Image.Resampling.NEAREST) for one in row]
    joined = Image.fromarray(np.concatenate([np.asarray(one) for one in row], axis=1))
    return _with_legend(joined, np.concatenate([truth.ravel(), mask.ravel()]), classes, prepare)


def colours_of(prepare: Mapping[str, Any], least: int = 1) -> Array:
    """(classes, 3) uint8."""
    given = prepare.get("colours") or palette(least)
    return np.array(given, dtype=np.uint8).reshape(-1, 3)


def indexed(mask: Array, prepare: Mapping[str, Any]) -> Any:
    """A picture whose pixels are class indices; of more than 256 classes, in 16 bits without colours."""
    from PIL import Image

    if mask.max(initial=0) > 255:
        return Image.fromarray(mask.astype(np.uint16))
    drawn = Image.fromarray(mask.astype(np.uint8))
    drawn.putpalette(colours_of(prepare, int(mask.max(initial=0)) + 1)[:256].tobytes(), "RGB")
    return drawn


def over(image: Any, mask: Array, prepare: Mapping[str, Any]) -> Any:
    """The image tinted by the classes of its places; unknown ones as they are."""
    from PIL import Image

    colours = colours_of(prepare, int(mask.max(initial=0)) + 1)
    plain = np.asarray(image.convert("RGB"), dtype=np.float32)
    tint = colours[np.maximum(mask, 0)].astype(np.float32)
    share = np.where(mask == UNKNOWN, 0.0, STRENGTH)[..., None]
    return Image.fromarray(np.rint(plain * (1 - share) + tint * share).astype(np.uint8))


def _with_legend(drawn: Any, mask: Array, classes: Sequence[str], prepare: Mapping[str, Any]) -> Any:
    """The picture with the names of the classes in it below, each beside its colour."""
    from PIL import Image, ImageDraw, ImageFont

    font = ImageFont.load_default(11)
    sizes = np.bincount(mask[mask != UNKNOWN].ravel(), minlength=len(classes))
    names = [(classes[index], index) for index in np.argsort(-sizes, kind="stable") if sizes[index]]
    places, x, y = [], GAP, GAP // 2
    for name, index in names:
        wide = SQUARE + GAP + int(font.getlength(name)) + GAP
        if x + wide > drawn.width and x > GAP:
            x, y = GAP, y + LINE
        places.append((x, y, name, index))
        x += wide
    whole = Image.new("RGB", (drawn.width, drawn.height + y + LINE), PAPER)
    whole.paste(drawn, (0, 0))
    pen, colours = ImageDraw.Draw(whole), colours_of(prepare, len(classes))
    for x, y, name, index in places:
        top = drawn.height + y
        box = (x, top + 2, x + SQUARE, top + 2 + SQUARE)
        pen.rectangle(box, fill=tuple(int(part) for part in colours[index]), outline=INK)
        pen.text((x + SQUARE + 4, top), name, fill=INK, font=font)
    return whole
