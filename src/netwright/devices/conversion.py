"""From a torch module to an ONNX model: the current exporter for what is kept, the faster tracing one for measuring."""

from __future__ import annotations

import contextlib
import copy
import io
import logging
import warnings
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

BATCH = "batch"
"""Name of the free dimension of an exported model."""


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the exporters' warnings and log lines, which are about their own insides."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def on_cpu(module: nn.Module) -> nn.Module:
    """A copy of the module for inference on the CPU, in plain memory layout."""
    copied: Any = copy.deepcopy(module).cpu().eval().requires_grad_(False)
    plain: nn.Module = copied.to(memory_format=torch.contiguous_format)
    return plain


def program(module: nn.Module, x: Tensor, names: Sequence[str] = ("input", "output")) -> Any:
    """The module as torch's ONNXProgram, with a batch dimension of any size.

    module: on the CPU, in eval mode; x: a batch of at least two examples; names: of the input and the output.
    Raises whatever the exporter raises for an operation that it cannot write.
    """
    with quiet(), torch.no_grad():
        return torch.onnx.export(
            module,
            (x,),
            dynamo=True,
            dynamic_shapes=({0: torch.export.Dim(BATCH)},),
            input_names=[names[0]],
            output_names=[names[1]],
            verbose=False,
        )


def traced(module: nn.Module, x: Tensor) -> bytes:
    """The module as an ONNX model for inputs of exactly x's shape, made in a tenth of the time.

    It computes the same, and onnxruntime optimises it to the same kernels; modules that cannot be traced take the long
    way. module: on the CPU, in eval mode.
    """
    file: Any = io.BytesIO()
    try:
        with quiet(), torch.no_grad():
            torch.onnx.export(module, (x,), file, dynamo=False)
    except Exception:
        return bytes(program(module, torch.cat([x, x])).model_proto.SerializeToString())
    return bytes(file.getvalue())
