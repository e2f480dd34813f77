"""This process's connection to a Ray cluster, and what is asked of it."""

from __future__ import annotations

import math
import os
import signal
import threading
from importlib import import_module
from typing import Any

from netwright.errors import InputError, MissingExtra
from netwright.executors.settings import RaySettings

_STORE_BYTES = 200 * 2**20
"""Of Ray's object store, on a cluster that is started here: its workers see this disk."""


def import_ray() -> Any:
    """Ray's module. Raises MissingExtra where it is not installed."""
    try:
        return import_module("ray")
    except ModuleNotFoundError as error:
        if error.name != "ray":
            raise
        raise MissingExtra("ray", "ray") from None


class Connection:
    """Opened once; closed only where this object has opened it."""

    def __init__(self, ray: Any, settings: RaySettings, workers: int) -> None:
        self._ray, self._settings, self._workers = ray, settings, workers
        self._ours = False

    def open(self) -> None:
        """Connects, or starts a cluster. Raises InputError where there is none."""
        if self._ray.is_initialized():
            return
        kept = signal.getsignal(signal.SIGTERM)
        address = self._settings.address
        try:
            self._ray.init(address=address, **self._options())
        except (ConnectionError, ValueError, RuntimeError, TimeoutError) as error:
            raise InputError(
                f"no Ray cluster at {address!r} ({str(error).strip().splitlines()[0] if str(error) else error!r})",
                "start one (ray start --head), name another with --address HOST:PORT (with its RAY_AUTH_MODE), or "
                "take --address local",
            ) from error
        finally:
            if kept is not None and threading.current_thread() is threading.main_thread():
                signal.signal(signal.SIGTERM, kept)  # Ray puts its own in place, which ends without saving
        self._ours = True

    def close(self) -> None:
        if self._ours:
            self._ray.shutdown()
        self._ours = False

    def resources(self, memory_mb: float | None) -> dict[str, Any]:
        """Of an actor, as Ray's options. A job that an actor has begun is never begun again by Ray itself."""
        wanted: dict[str, Any] = {"num_cpus": self._settings.num_cpus, "num_gpus": self._settings.num_gpus}
        if memory_mb is not None:
            wanted["memory"] = int(memory_mb * 2**20)
        return wanted | {"max_restarts": 0, "max_task_retries": 0}

    def asked(self, memory_mb: float | None) -> str:
        """What a worker asks for, in words."""
        words = [f"{self._settings.num_cpus:g} CPU", f"{self._settings.num_gpus:g} GPU"]
        return ", ".join(words if memory_mb is None else [*words, f"{memory_mb:.0f} MiB"])

    def room(self) -> str:
        """What the cluster has in all, in words."""
        found = self._ray.cluster_resources()
        memory = found.get("memory", 0.0) / 2**20
        return f"{found.get('CPU', 0.0):g} CPU, {found.get('GPU', 0.0):g} GPU, {memory:.0f} MiB"

    def _options(self) -> dict[str, Any]:
        """For `ray.init`."""
        if self._settings.address.startswith("ray://"):
            return {}
        quiet = {"log_to_driver": False, "logging_level": "error"}
        if self._settings.address != "local":
            return quiet
        cores = max(os.cpu_count() or 1, math.ceil(self._workers * self._settings.num_cpus))
        return quiet | {"num_cpus": cores, "include_dashboard": False, "object_store_memory": _STORE_BYTES}
