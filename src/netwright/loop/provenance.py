"""Where a search's results come from: the data, the machine, the versions. Plain data for the store and the report."""

from __future__ import annotations

import os
import platform
from importlib import metadata
from typing import Any

from netwright.tasks import Task

PACKAGES = ("netwright", "torch", "numpy", "scikit-learn", "onnxruntime")
OPTIONAL = ("jax",)
"""Told where they are installed."""


def describe(task: Task) -> dict[str, Any]:
    """A task without its data."""
    return {
        "name": task.name,
        "kind": task.kind,
        "inputs": list(task.signature.inputs),
        "outputs": task.signature.outputs,
        "answer": task.signature.kind,
        "vocabulary": task.signature.vocabulary,
        "padded": task.signature.padded,
        "steps": task.signature.steps,
        "classes": list(task.classes),
        "metric": task.metric,
        "metrics": list(task.metrics),
        "source": dict(task.source),
        "takes": task.takes,
        "counts": {
            name: len(split.y) for name, split in (("train", task.train), ("valid", task.valid), ("test", task.test))
        },
    }


def this_machine() -> dict[str, Any]:
    """Processor, system and package versions."""
    return {
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
        "processor": _processor(),
        "cores": os.cpu_count(),
        "packages": {name: _version(name) for name in PACKAGES} | _optional(),
    }


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    except OSError:
        names = []
    return names[0] if names else platform.processor()


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _optional() -> dict[str, str]:
    versions = ((name, _version(name)) for name in OPTIONAL)
    return {name: version for name, version in versions if version is not None}
