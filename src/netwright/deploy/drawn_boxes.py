"""Boxes as pictures: on the image, each in the colour of its class, with the class and how sure the network is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from netwright.deploy.network import Array
from netwright.tasks.answers.boxes import NONE
from netwright.tasks.vision.masks import Colour

COLOURS: tuple[Colour, ...] = (
    (230, 25, 75), (60, 180, 75), (0, 110, 230), (245, 130, 48), (145, 30, 180), (70, 240, 240),
    (240, 50, 230), (255, 225, 25), (0, 128, 128), (170, 110, 40), (128, 0, 0), (128, 128, 0),
)  # fmt: skip
"""Of classes, in turn; told apart on light and dark images."""
INK, PAPER = (20, 20, 20), (255, 255, 255)
LEAST_SIDE = 480
"""Pixels of the longer side of what is drawn on, at least: smaller images are enlarged."""
FINEST, SMALLEST = 250, 45
"""Widths of a line, and heights of letters, that go into the longer side."""


def draw(image: Any, said: Mapping[str, Any], classes: Sequence[str], prepare: Mapping[str, Any]) -> Mapping[str, Any]:
    """drawn: the image with them."""
    return {"drawn": _drawn(image, [(one["label"], one["box"], one["score"]) for one in said["boxes"]], classes)}


def compare(
    image: Any, truth: Array, said: Mapping[str, Any], classes: Sequence[str], prepare: Mapping[str, Any]
) -> Any:
    """The image, with its own boxes and with the network's, side by side."""
    from PIL import Image

    own = [(classes[int(row[0])], row[1:].tolist(), None) for row in truth if row[0] != NONE]
    found = [(one["label"], one["box"], None) for one in said["boxes"]]
    row = [_drawn(image, boxes, classes) for boxes in ([], own, found)]
    return Image.fromarray(np.concatenate([np.asarray(one) for one in row], axis=1))


def _drawn(image: Any, boxes: Sequence[tuple[str, Sequence[float], float | None]], classes: Sequence[str]) -> Any:
    """label, box and score of each; without a score, the box alone. The surest lies on top."""
    from PIL import Image, ImageDraw, ImageFont

    drawn = image.convert("RGB")
    scale = -(-LEAST_SIDE // max(drawn.size))
    if scale > 1:
        drawn = drawn.resize((drawn.width * scale, drawn.height * scale), Image.Resampling.BICUBIC)
    longer = max(drawn.size)
    pen, font, line = (
        ImageDraw.Draw(drawn),
        ImageFont.load_default(max(10, longer // SMALLEST)),
        max(2, longer // FINEST),
    )
    colours = {label: COLOURS[place % len(COLOURS)] for place, label in enumerate(classes)}
    labels = []
    for label, box, score in reversed(boxes):
        left, top, right, bottom = (scale * side for side in box)
        pen.rectangle((left, top, max(left + 1, right), max(top + 1, bottom)), outline=colours[label], width=line)
        if score is not None:
            labels.append((left, top, f"{label} {score:.0%}", colours[label]))
    for left, top, text, colour in labels:
        _label(pen, font, left, top, text, colour, drawn.size)
    return drawn


def _label(pen: Any, font: Any, left: float, top: float, text: str, colour: Colour, size: tuple[int, int]) -> None:
    """A text on its colour, above the corner of its box, or within the image where there is no room."""
    _, _, wide, high = font.getbbox(text)
    x = max(0.0, min(left, size[0] - wide - 4))
    y = top - high - 4 if top >= high + 4 else top
    pen.rectangle((x, y, x + wide + 4, y + high + 4), fill=colour)
    light = sum(share * part for share, part in zip((0.299, 0.587, 0.114), colour, strict=True)) > 140
    pen.text((x + 2, y + 1), text, fill=INK if light else PAPER, font=font)
