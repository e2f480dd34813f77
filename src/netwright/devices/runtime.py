"""onnxruntime on one CPU thread."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError

Array = np.ndarray[Any, np.dtype[Any]]

_QUIET = 3
"""onnxruntime's log level for errors only."""


def open_session(model: bytes | str | Path, *, optimised: bool = True) -> Any:
    """An onnxruntime session of a model's bytes or file: this CPU, one thread, no busy waiting.

    optimised: False runs the graph node by node as it is written. Raises InputError for what is no ONNX model.
    """
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = _QUIET
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    if not optimised:
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    name = "the model" if isinstance(model, bytes) else str(model)
    if not isinstance(model, bytes) and not Path(model).is_file():
        raise InputError(f"{name}: no such file", "give an ONNX model")
    source = model if isinstance(model, bytes) else str(model)
    try:
        return onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    except Exception as error:
        raise InputError(f"{name} cannot be run by onnxruntime ({_first_line(error)})", "export it again") from error


def _first_line(error: Exception) -> str:
    return next(iter(str(error).strip().splitlines()), type(error).__name__)


def run(session: Any, x: Array) -> Array:
    """The first output of a session of one input, for a batch x."""
    answers: Array = session.run([session.get_outputs()[0].name], {session.get_inputs()[0].name: x})[0]
    return answers
