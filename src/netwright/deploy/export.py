"""`netwright export DIR --format onnx|torch`: a delivered network in the form that another program reads."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from netwright.deploy import onnx, torch_export
from netwright.deploy.network import Network
from netwright.deploy.parity import Array
from netwright.errors import unknown
from netwright.space import OpGraph

EXAMPLES = 64
"""Examples of the validation split that an export is compared on."""
MOST_PLACES = 2**19
"""Places in all of them, where networks answer for each."""

_FORMATS: dict[str, tuple[str, Callable[..., float]]] = {
    "onnx": (onnx.FILE, onnx.export_onnx),
    "torch": (torch_export.FILE, torch_export.export_torch),
}
FORMATS = tuple(_FORMATS)


@dataclass(frozen=True)
class Exported:
    """A written and checked export.

    difference: the largest between its outputs and the network's (see `netwright.deploy.parity`) on `examples`
    examples; real: they are from the search's validation data, not random ones.
    """

    path: Path
    format: str
    difference: float
    examples: int
    real: bool

    def __str__(self) -> str:
        kind = "validation" if self.real else "random"
        close = f"within {self.difference:.1g}"
        return f"{self.path}: answers like the network on {self.examples} {kind} examples ({close})"


def export(
    directory: str | Path,
    format: str = "onnx",
    *,
    path: str | Path | None = None,
    raw: bool = True,
    graph: OpGraph | None = None,
) -> Exported:
    """Exports the network in a folder, next to it or to `path`.

    format: one of FORMATS; raw: with the preparation inside, so that it takes images as they are; graph: for networks
    of your own module classes (see `netwright.deploy.weights.load_network`). Raises InputError for a folder without a
    network, and NetwrightError when the export fails or does not answer like the network.
    """
    if format not in _FORMATS:
        raise unknown("export format", format, FORMATS)
    folder = Path(directory)
    file, write = _FORMATS[format]
    network = Network.load(folder, graph)
    x = _real_examples(folder, network)
    real = x is not None
    x = _random_examples(network) if x is None else x
    target = folder / file if path is None else Path(path)
    return Exported(target, format, write(network, target, x, raw=raw), len(x), real)


def _real_examples(folder: Path, network: Network) -> Array | None:
    """Validation examples from the search's own data, None when they are not there or are not the network's."""
    from netwright.tasks import Task

    if not (folder / "data" / "task.json").is_file():
        return None
    task = Task.load(folder / "data")
    if task.signature != network.signature or not len(task.valid):
        return None
    return np.array(task.valid.x[: examples_for(network)])


def examples_for(network: Network) -> int:
    """Few where each has an answer for many places."""
    return min(EXAMPLES, max(8, MOST_PLACES // math.prod(network.signature.places)))


def _random_examples(network: Network) -> Array:
    if network.metadata.nodes:
        return np.zeros((EXAMPLES, 1), dtype=np.int64)
    shape, random = (examples_for(network), *network.signature.inputs), np.random.default_rng(0)
    if network.metadata.images:
        return random.integers(0, 256, shape, dtype=np.uint8)
    if network.signature.vocabulary:
        return random.integers(0, network.signature.vocabulary, shape, dtype=np.int32)
    return random.standard_normal(shape, dtype=np.float32)
