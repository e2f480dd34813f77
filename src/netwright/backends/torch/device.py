"""Where a network runs and in what precision: CUDA when present, one thread on a CPU."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache

import torch
from torch import nn


@cache
def default_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def _cpu_multiplies_bfloat16() -> bool:
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, probe, lambda: False)() for probe in probes)


def _is_depthwise(module: nn.Module) -> bool:
    return isinstance(module, nn.Conv2d) and module.groups > 1


def precision_for(network: nn.Module, device: torch.device, wish: str = "auto") -> torch.dtype:
    """The dtype to multiply in. "auto": bfloat16 on CUDA, and on CPUs that multiply it in hardware, for convolutional
    networks without grouped convolutions (those are slower in bfloat16 on a CPU); float32 else."""
    if wish != "auto":
        return torch.bfloat16 if wish == "bfloat16" else torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    convolutions = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    helps = bool(convolutions) and not any(map(_is_depthwise, convolutions))
    return torch.bfloat16 if helps and _cpu_multiplies_bfloat16() else torch.float32


@contextlib.contextmanager
def precision(dtype: torch.dtype, device: torch.device) -> Iterator[None]:
    """Mixed precision: matrix products in `dtype`, everything else in float32."""
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        yield
