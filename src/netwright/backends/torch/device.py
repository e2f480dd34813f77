"""Where a network runs and in what precision: CUDA when present, one thread on a CPU."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from functools import cache

import torch
from torch import nn

ENOUGH = 0.8
"""Share of ordinary convolutions' weights from which on bfloat16 saves more than the conversions cost."""


@cache
def default_device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def _cpu_multiplies_bfloat16() -> bool:
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(getattr(torch.cpu, probe, lambda: False)() for probe in probes)


def precision_for(network: nn.Module, device: torch.device, wish: str = "auto") -> torch.dtype:
    """The dtype to multiply in. "auto": bfloat16 on CUDA, and on CPUs that multiply it in hardware, where ordinary
    convolutions hold most of the weights of a network's convolutions; float32 else."""
    if wish != "auto":
        return torch.bfloat16 if wish == "bfloat16" else torch.float32
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if _ordinary_share(network) >= ENOUGH and _cpu_multiplies_bfloat16() else torch.float32


def _ordinary_share(network: nn.Module) -> float:
    """Of the weights of all convolutions, those in convolutions without groups that are larger than 1x1; 1 without
    groups anywhere, 0 without convolutions."""
    every = [module for module in network.modules() if isinstance(module, nn.Conv2d)]
    if not every or all(one.groups == 1 for one in every):
        return float(bool(every))
    ordinary = sum(one.weight.numel() for one in every if one.groups == 1 and one.kernel_size != (1, 1))
    return ordinary / sum(one.weight.numel() for one in every)


@contextlib.contextmanager
def precision(dtype: torch.dtype, device: torch.device) -> Iterator[None]:
    """Mixed precision: matrix products in `dtype`, everything else in float32."""
    with torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
        yield
