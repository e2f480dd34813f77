"""Pictures of what a network says about images: files of `netwright predict --out`, and the report's examples.

What can be drawn of an answer depends on its kind: `DRAWERS` has an entry for each that can.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from netwright.deploy import drawn_boxes, drawn_masks
from netwright.deploy.network import Array, Network
from netwright.deploy.writing import write_whole
from netwright.errors import InputError
from netwright.insight.examples import FOLDER
from netwright.tasks import Task
from netwright.tasks.vision.files import picture

SHOWN, WIDEST = 4, 320
"""Examples in the report; pixels of each picture's width there."""


class Draw(Protocol):
    """image: PIL's, RGB; said: what the network says of it, as `Answer.told`; -> pictures, by what their files are
    called after the image's own name."""

    def __call__(
        self, image: Any, said: Mapping[str, Any], classes: Sequence[str], prepare: Mapping[str, Any]
    ) -> Mapping[str, Any]: ...


class Compare(Protocol):
    """image: PIL's, RGB; truth: its target as the task has it; said: as above -> one picture of them side by side."""

    def __call__(
        self, image: Any, truth: Array, said: Mapping[str, Any], classes: Sequence[str], prepare: Mapping[str, Any]
    ) -> Any: ...


@dataclass(frozen=True)
class Drawer:
    """caption: what `compare` shows, from left to right."""

    draw: Draw
    compare: Compare
    caption: str


DRAWERS: Mapping[str, Drawer] = MappingProxyType(
    {
        "detection": Drawer(drawn_boxes.draw, drawn_boxes.compare, "the image, its boxes, the network's"),
        "segmentation": Drawer(drawn_masks.draw, drawn_masks.compare, "the image, its mask, the network's"),
    }
)


def drawer_of(network: Network) -> Drawer:
    """Raises InputError where there is nothing to draw."""
    kind = network.signature.kind
    if kind not in DRAWERS or not network.metadata.images:
        raise InputError(f"there is nothing to draw of a {network.metadata.kind}", "leave --out out")
    return DRAWERS[kind]


def write(
    network: Network, files: Sequence[Path], said: Sequence[Mapping[str, Any]], folder: Path
) -> list[dict[str, str]]:
    """Draws what is said of image files into a folder, which is made; for each file the paths of its pictures, by what
    they show. Raises InputError."""
    drawer = drawer_of(network)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: {error.strerror}", "give another folder") from None
    written, taken = [], {path.resolve() for path in files}
    for file, one in zip(files, said, strict=True):
        made = drawer.draw(picture(file), one, network.classes, network.metadata.prepare)
        written.append({name: str(_put(folder, file.stem, name, drawn, taken)) for name, drawn in made.items()})
    return written


def _put(folder: Path, stem: str, name: str, drawn: Any, taken: set[Path]) -> Path:
    """Writes a picture under a name that no other of this run has, nor an image that is predicted on."""
    number = 1
    while True:
        path = folder / f"{stem}{f'-{number}' if number > 1 else ''}-{name}.png"
        if path.resolve() not in taken:
            break
        number += 1
    taken.add(path.resolve())
    write_whole(path, png(drawn))
    return path


def png(drawn: Any) -> bytes:
    """A picture of PIL as the bytes of a file."""
    file = io.BytesIO()
    drawn.save(file, "PNG", optimize=True)
    return file.getvalue()


def examples(network: Network, task: Task, directory: Path) -> int:
    """Writes a few validation examples beside what the network says of them, for the report; how many."""
    if network.signature.kind not in DRAWERS or not network.metadata.images:
        return 0
    from PIL import Image

    drawer, count = DRAWERS[network.signature.kind], min(SHOWN, len(task.valid))
    chosen = np.linspace(0, len(task.valid) - 1, count).round().astype(int)
    x = np.asarray(task.valid.x[chosen])
    said = task.answer.told(network.outputs(x), network.classes)
    folder = directory / FOLDER
    folder.mkdir(exist_ok=True)
    for place, (image, truth, one) in enumerate(zip(x, task.valid.y[chosen], said, strict=True)):
        shown = Image.fromarray(image[0] if len(image) != 3 else image.transpose(1, 2, 0)).convert("RGB")
        compared = drawer.compare(shown, truth, one, network.classes, network.metadata.prepare)
        write_whole(folder / f"{place}.png", png(_small(compared)))
    write_whole(folder / "caption.txt", drawer.caption)
    return count


def _small(drawn: Any) -> Any:
    """At most three pictures of the widest wide."""
    from PIL import Image

    if drawn.width <= 3 * WIDEST:
        return drawn
    return drawn.resize((3 * WIDEST, max(1, round(drawn.height * 3 * WIDEST / drawn.width))), Image.Resampling.BILINEAR)
