"""Export to ONNX, believed only after onnxruntime has given the network's own answers on real inputs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netwright.deploy.network import Network
from netwright.deploy.parity import TOLERANCE, Array, batches, difference
from netwright.deploy.writing import write_whole
from netwright.devices.runtime import open_session, run
from netwright.errors import InputError, NetwrightError
from netwright.tasks.domains import DOMAINS

if TYPE_CHECKING:
    from torch import nn

FILE = "model.onnx"
LARGEST = 2**31 - 1
"""Bytes of the largest model in one file, a bound of protobuf."""


def export_onnx(network: Network, path: str | Path, x: Array, *, raw: bool = True) -> float:
    """Writes a network as ONNX with a free batch dimension; the largest difference from torch's outputs on x.

    x: real examples as the task encodes them, at least one.
    raw: the model takes x as it is, named "image" (uint8), "tokens" (int32) or "features", and answers "logits" (B, K),
    (B, K, *places), "value" (B, 1) in the target's unit, or what else `Answer.output` says; False: without the
    preparation, so it takes normalised float32 images and answers a regression in standard deviations from the
    target's mean.

    The file appears only when the outputs agree, for batches of 1, 7 and all of x (see `netwright.deploy.parity`).
    Raises NetwrightError naming the operation that cannot be exported or whose outputs differ.
    """
    module, given, unit = exportable(network, x, raw)
    model = _model(module, given, _names(network, raw))
    model = _described(model, network, raw)
    apart = check_onnx(model, module, given, unit)
    write_whole(Path(path), model)
    return apart


def exportable(network: Network, x: Array, raw: bool) -> tuple[nn.Module, Array, float]:
    """The module to export, its input, and the unit of its outputs' differences."""
    import numpy as np
    import torch

    from netwright.deploy.raw import FromRaw
    from netwright.devices.conversion import on_cpu

    if x.shape[1:] != network.metadata.takes or not len(x):
        raise InputError(f"examples of shape {x.shape}", f"give one or more of {network.metadata.takes}")
    whole = FromRaw(on_cpu(network.module), network.metadata).eval()
    given = np.array(x, dtype=network.metadata.dtype)
    if raw:
        return whole, given, whole.target_std if whole.regression else 1.0
    if whole.images:
        given = ((torch.from_numpy(given).float() - whole.mean) * whole.scale).numpy()
    return whole.network, given, 1.0


def check_onnx(model: bytes | str | Path, module: nn.Module, x: Array, unit: float = 1.0) -> float:
    """The largest difference between an ONNX model (bytes or file) and the module it was made of, on x.

    unit: what differences are measured in. Raises NetwrightError naming the first operation whose output differs when
    it exceeds the tolerance, and InputError for what is no ONNX model.
    """
    session = open_session(model)
    worst = max(difference(answers(module, part), _found(session, part), unit) for part in batches(x))
    if worst <= TOLERANCE:
        return worst
    apart = f"outputs differ by up to {worst:.2g}{_culprit(model, module, x)}"
    raise NetwrightError(f"the ONNX model does not answer like the network: {apart}")


def answers(module: nn.Module, x: Array) -> Array:
    """What a module on the CPU answers."""
    import torch

    with torch.inference_mode():
        found: Array = module(torch.from_numpy(x)).numpy()
    return found


def _found(session: Any, x: Array) -> Array:
    try:
        return run(session, x)
    except Exception as error:
        first = str(error).strip().splitlines()[0]
        raise NetwrightError(f"the ONNX model cannot run a batch of {len(x)} ({first})") from error


def _culprit(model: bytes | str | Path, module: nn.Module, x: Array) -> str:
    import numpy as np
    import torch

    from netwright.deploy.blame import differing

    raw = model if isinstance(model, bytes) else Path(model).read_bytes()
    try:
        operation = differing(module, torch.from_numpy(np.resize(x, (2, *x.shape[1:]))), raw)
    except Exception:
        return ""
    return f", first at {operation}" if operation else ""


def _names(network: Network, raw: bool) -> tuple[str, str]:
    """Names of the model's input and output."""
    output = network.metadata.answer.output
    if not network.metadata.images:
        if network.metadata.nodes:
            return "node", output
        return "tokens" if network.signature.vocabulary else "features", output
    return ("image" if raw else "normalised_image"), output


def _model(module: nn.Module, x: Array, names: tuple[str, str]) -> bytes:
    import numpy as np
    import torch

    from netwright.deploy.blame import reason, refused
    from netwright.devices import conversion

    two = torch.from_numpy(np.resize(x, (2, *x.shape[1:])))
    try:
        return _bare(conversion.program(module, two, names).model_proto)
    except Exception as error:
        where = refused(module, two, conversion.program) or reason(error)
        raise NetwrightError(f"the network cannot be exported to ONNX: {where}") from error


def _bare(model: Any) -> bytes:
    """The model's bytes without the exporter's notes on each node, which hold paths of the machine it ran on."""
    for part in (*model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.functions):
        del part.metadata_props[:]
    for node in model.graph.node:
        node.ClearField("doc_string")
    del model.graph.metadata_props[:]
    if model.ByteSize() > LARGEST:
        raise NetwrightError(f"a model of {model.ByteSize() / 2**30:.1f} GiB does not fit in one ONNX file")
    return bytes(model.SerializeToString())


def _described(raw_model: bytes, network: Network, raw: bool) -> bytes:
    """The model with a description and the classes, for whoever finds the file alone."""
    import onnx

    model = onnx.load_model_from_string(raw_model)
    metadata = network.metadata
    if "domain" in metadata.prepare:
        takes = f"{DOMAINS[metadata.prepare['domain']].takes(metadata.prepare)}, {network.signature.stored}"
    elif metadata.images:
        takes = "pixels 0 to 255, uint8" if raw else "pixels normalised by the training images' mean and deviation"
    elif metadata.nodes:
        takes = "numbers of nodes of the graph that it was trained on, int64"
    else:
        takes = "encoded columns, float32 (see architecture.json)"
    gives = metadata.answer.output
    if metadata.regression:
        gives = "values in the target's unit" if raw else "standardised values"
    if network.signature.kind == "detection":
        gives = (
            "for each cell of 4 x 4 pixels, logits of classes and logarithms of how many cells a box's sides are away"
        )
    elif network.signature.places:
        gives += " for each place"
    model.doc_string = f"{metadata.kind} of {metadata.name}: {takes} -> {gives}"
    model.producer_name = "netwright"
    told = {"task": metadata.name, "classes": json.dumps(list(metadata.classes))}
    if "domain" in metadata.prepare:
        told["prepare"] = json.dumps(metadata.prepare)
    onnx.helper.set_model_props(model, told)
    return bytes(model.SerializeToString())
