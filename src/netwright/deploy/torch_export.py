"""Export by torch.export (.pt2), reloaded and compared with the network before it counts.

Load only .pt2 files of your own: reading a crafted one can run code.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netwright.deploy.network import Network
from netwright.deploy.onnx import answers, exportable
from netwright.deploy.parity import TOLERANCE, Array, batches, difference
from netwright.deploy.writing import write_whole
from netwright.errors import NetwrightError

if TYPE_CHECKING:
    from torch import Tensor, nn

FILE = "model.pt2"


def export_torch(network: Network, path: str | Path, x: Array, *, raw: bool = True) -> float:
    """Writes a network as a .pt2 file with a free batch dimension; the largest difference from its outputs on x.

    x, raw: as in `netwright.deploy.onnx.export_onnx`. The file appears only when, read again, it gives the network's
    answers for batches of 1, 7 and all of x. Raises NetwrightError naming the operation that cannot be exported.
    """
    module, given, unit = exportable(network, x, raw)
    target = Path(path)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".export-") as folder:
        written = Path(folder) / FILE
        _write(module, given, written)
        worst = _check(written, module, given, unit)
        write_whole(target, written.read_bytes())
    return worst


def _write(module: nn.Module, x: Array, path: Path) -> None:
    import torch

    from netwright.deploy.blame import reason, refused
    from netwright.devices.conversion import quiet

    two = torch.from_numpy(np.resize(x, (2, *x.shape[1:])))
    try:
        with quiet(), torch.no_grad():
            torch.export.save(_exported(module, two), path)
    except Exception as error:
        where = refused(module, two, _exported) or reason(error)
        raise NetwrightError(f"the network cannot be exported by torch.export: {where}") from error


def _exported(module: nn.Module, x: Tensor) -> Any:
    import torch

    return torch.export.export(module, (x,), dynamic_shapes=({0: torch.export.Dim("batch")},))


def _check(path: Path, module: nn.Module, x: Array, unit: float) -> float:
    import torch

    from netwright.devices.conversion import quiet

    with quiet():
        again = torch.export.load(path).module()
    worst = max(difference(answers(module, part), answers(again, part), unit) for part in batches(x))
    if not worst <= TOLERANCE:
        apart = f"outputs differ by up to {worst:.2g}"
        raise NetwrightError(f"the exported network does not answer like the network: {apart}")
    return worst
