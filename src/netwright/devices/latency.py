"""Inference time of a network on this CPU, as a device would run it: onnxruntime, one example, one thread."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from netwright.devices.runtime import Array, open_session
from netwright.operations import Signature

if TYPE_CHECKING:
    from torch import nn

WARM_UP_S = 0.05
LEAST_RUNS = 31


@dataclass(frozen=True)
class Latency:
    """Milliseconds of one inference: the median of `runs` single ones and the quartiles around it.

    Half of all runs took between `q25_ms` and `q75_ms`; a wide range tells of a busy machine.
    """

    median_ms: float
    q25_ms: float
    q75_ms: float
    runs: int

    @property
    def spread_ms(self) -> float:
        """The interquartile range."""
        return self.q75_ms - self.q25_ms


def measure(model: nn.Module | bytes | str | Path, signature: Signature, *, seconds: float = 0.2) -> Latency:
    """Times a torch module or an ONNX model (bytes or file) on one example.

    Many short runs are timed one by one after a warm-up, for about `seconds`: the median stays what it is when another
    process takes the core now and then. signature: what the model takes. Raises InputError for a file that is no ONNX
    model.
    """
    session = open_session(model if isinstance(model, bytes | str | Path) else _converted(model, signature))
    x = _example(session, signature)
    _timed(session, x, WARM_UP_S, least=3)
    times = _timed(session, x, seconds, LEAST_RUNS)
    q25, median, q75 = np.percentile(times, (25, 50, 75)) * 1e3
    return Latency(float(median), float(q25), float(q75), len(times))


def latency_ms(model: nn.Module | bytes | str | Path, signature: Signature) -> float:
    """The median of `measure`, in milliseconds."""
    return measure(model, signature).median_ms


def _converted(module: nn.Module, signature: Signature) -> bytes:
    import torch

    from netwright.devices.conversion import on_cpu, traced

    world = getattr(module, "world", None)
    if world is not None:
        from netwright.backends.torch.network import WholeGraph

        return traced(on_cpu(WholeGraph(module)), world.features.cpu())
    dtype = torch.int32 if signature.vocabulary else torch.float32
    return traced(on_cpu(module), torch.zeros((1, *signature.inputs), dtype=dtype))


def _example(session: Any, signature: Signature) -> Array:
    """One example (of a graph, all nodes) in the type that the model takes; random, since zeros can be faster than
    data. A network through which nothing passes takes none."""
    random = np.random.default_rng(0)
    if not session.get_inputs():
        return np.empty(0, np.float32)
    taken = session.get_inputs()[0].type
    if taken == "tensor(uint8)":
        return random.integers(0, 256, (1, *signature.inputs), dtype=np.uint8)
    if taken == "tensor(int32)":
        return random.integers(1, max(2, signature.vocabulary), (1, *signature.inputs), dtype=np.int32)
    size = session.get_inputs()[0].shape[0]
    return random.standard_normal((size if isinstance(size, int) else 1, *signature.inputs), dtype=np.float32)


def _timed(session: Any, x: Array, seconds: float, least: int) -> list[float]:
    """Seconds of each run, at least `least` of them, until `seconds` have passed."""
    outputs, clock = [session.get_outputs()[0].name], time.perf_counter
    feed = {given.name: x for given in session.get_inputs()[:1]}
    times: list[float] = []
    end = clock() + seconds
    while len(times) < least or clock() < end:
        began = clock()
        session.run(outputs, feed)
        times.append(clock() - began)
    return times
