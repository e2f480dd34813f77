"""Which operation is at fault when an export fails or differs. Slow, and only asked then."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, fx, nn

from netwright.deploy.parity import TOLERANCE, Array, difference
from netwright.devices import conversion
from netwright.devices.runtime import open_session

Convert = Callable[[nn.Module, Tensor], object]


def refused(module: nn.Module, x: Tensor, convert: Convert) -> str:
    """The first part of the module, in the order of its forward pass, that cannot be converted by itself, with the
    reason; "" when each part can.

    x: a batch for the module; convert: raises what it raises.
    """
    tried: set[str] = set()
    for name, part, given in _calls(module, x):
        form = f"{part!r} {tuple(given.shape)}"
        if form in tried:
            continue
        tried.add(form)
        try:
            convert(part, given)
        except Exception as error:
            return f"{_short(name)} ({type(part).__name__}): {reason(error)}"
    return ""


def _calls(module: nn.Module, x: Tensor) -> Iterator[tuple[str, nn.Module, Tensor]]:
    """Name, part and input of each part that is called with one tensor, inner parts before what they are part of."""
    calls: list[tuple[str, nn.Module, Tensor]] = []

    def note(name: str) -> Callable[[nn.Module, Any, Any], None]:
        def hook(part: nn.Module, inputs: Any, output: Any) -> None:
            if len(inputs) == 1 and isinstance(inputs[0], Tensor):
                calls.append((name, part, inputs[0]))

        return hook

    handles = [part.register_forward_hook(note(name)) for name, part in module.named_modules() if name]
    try:
        with torch.no_grad():
            module(x)
    finally:
        for handle in handles:
            handle.remove()
    yield from calls


def reason(error: BaseException) -> str:
    """The first telling line of an exporter's error: of its deepest cause."""
    while error.__cause__ is not None:
        error = error.__cause__
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    line = lines[0] if lines else type(error).__name__
    found = re.search(r"OpOverload\(op='([^']+)'", line)
    return f"no ONNX operation for {found[1]}" if found else line[:300]


def differing(module: nn.Module, x: Tensor, model: bytes) -> str:
    """The first operation whose output in an ONNX model differs from torch's, "" when none can be told.

    module: as it was exported; x: a batch of at least two examples. Works on the values that both sides know by name.
    """
    exported = conversion.program(module, x).exported_program
    recorder = _Recorder(exported.graph_module)
    with torch.no_grad():
        recorder.run(*_arguments(exported, x))
    last = str(exported.graph_signature.user_outputs[0])
    found = _inner_values(model, x.numpy(), set(recorder.values), last)
    for node in exported.graph.nodes:
        if node.name in found and _differs(recorder.values[node.name], found[node.name]):
            return _where(node)
    return ""


class _Recorder(fx.Interpreter):
    """Runs a graph and keeps every tensor in it, by its node's name."""

    def __init__(self, module: fx.GraphModule) -> None:
        super().__init__(module)
        self.values: dict[str, Array] = {}

    def run_node(self, n: fx.Node) -> Any:
        value = super().run_node(n)
        if n.op == "call_function" and isinstance(value, Tensor) and value.is_floating_point():
            self.values[n.name] = value.detach().numpy().copy()
        return value


def _arguments(exported: Any, x: Tensor) -> list[Tensor]:
    """What an exported program's graph takes: its parameters and buffers, and the one input."""
    held: Mapping[str, Any] = {**exported.state_dict, **exported.constants}
    return [x if spec.target is None else held[spec.target] for spec in exported.graph_signature.input_specs]


def _inner_values(model: bytes, x: Array, names: set[str], last: str) -> dict[str, Array]:
    """Values inside an ONNX model, run node by node, by name. last: what its output is called among `names`."""
    import onnx

    whole = onnx.load_model_from_string(model)
    output = whole.graph.output[0].name
    inner = [name for node in whole.graph.node for name in node.output if name in names - {output}]
    whole.graph.output.extend(onnx.ValueInfoProto(name=name) for name in inner)
    session = open_session(whole.SerializeToString(), optimised=False)
    values = session.run([*inner, output], {session.get_inputs()[0].name: x})
    return dict(zip([*inner, last], values, strict=True))


def _differs(expected: Array, found: Array) -> bool:
    return not difference(expected, np.asarray(found)) <= TOLERANCE


def _where(node: fx.Node) -> str:
    """Path and class of the innermost module that a node belongs to."""
    stack = list((node.meta.get("nn_module_stack") or {}).values())
    if not stack or not stack[-1][0]:
        return f"{node.name} ({node.target})"
    path, kind = stack[-1]
    return f"{_short(str(path))} ({str(getattr(kind, '__qualname__', kind)).rpartition('.')[2]})"


def _short(path: str) -> str:
    """A module's path without the wrapper that the preparation is in."""
    return path.removeprefix("network.")
