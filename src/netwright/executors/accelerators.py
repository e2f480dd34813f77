"""Which GPUs there are, and which of them a worker sees: one, so that workers are spread over all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

VISIBLE = "CUDA_VISIBLE_DEVICES"
DRIVERS_LIST = Path("/proc/driver/nvidia/gpus")


def gpus() -> tuple[str, ...]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them, which goes first: like CUDA, up to the
    first that is none. Found without starting CUDA, which forked processes could not use then."""
    listed = os.environ.get(VISIBLE)
    if listed is not None:
        names = [name.strip() for name in listed.split(",")]
        return tuple(names[: next((at for at, name in enumerate(names) if name in ("", "-1")), len(names))])
    there = len(list(DRIVERS_LIST.iterdir())) if DRIVERS_LIST.is_dir() else 0
    return tuple(str(place) for place in range(there))


def seen_by(slot: int, found: Sequence[str]) -> Mapping[str, str]:
    """What the environment of the worker in a slot says of GPUs; workers take turns where there are fewer of them.

    >>> seen_by(3, ("0", "1"))
    {'CUDA_VISIBLE_DEVICES': '1'}
    """
    return {VISIBLE: found[slot % len(found)]} if found else {}
