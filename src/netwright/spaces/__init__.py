"""Ready-made search spaces by name; each adapts to what the task's inputs and outputs are.

>>> from netwright import spaces
>>> "mobile" in spaces.NAMES
True
"""

from __future__ import annotations

import importlib

from netwright.errors import unknown
from netwright.operations import Signature
from netwright.space import Space

NAMES: tuple[str, ...] = (
    "darts",
    "detector",
    "forecast",
    "graph",
    "hybrid",
    "language",
    "mlp",
    "mobile",
    "nb201",
    "resnet",
    "series",
    "shallow",
    "sound",
    "speech",
    "tabular",
    "text",
    "unet",
    "vit",
    "voice",
)
"""The module of a space and the function in it that makes it have this same name."""


def get(name: str, signature: Signature) -> Space:
    """The space of that name for a task's signature. Raises InputError for an unknown name or an unsuitable task."""
    if name not in NAMES:
        raise unknown("space", name, NAMES)
    make = getattr(importlib.import_module(f"netwright.spaces.{name}"), name)
    space: Space = make(signature)
    return space
