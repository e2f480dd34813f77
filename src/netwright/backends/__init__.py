"""What makes runnable models of architectures: one folder a framework.

A folder with a `backend.py` is a backend: it says there what it can do. What a search asks for is looked up here, so
that nothing else knows backends by their names. `sklearn/` is none: it fits what is fitted in one go, beside all.

>>> NAMES
('jax', 'torch')
"""

from __future__ import annotations

import importlib
from collections.abc import Collection
from pathlib import Path

from netwright.backends.base import Backend, Gradients, Model
from netwright.errors import unknown

NAMES: tuple[str, ...] = tuple(sorted(path.parent.name for path in Path(__file__).parent.glob("*/backend.py")))
DEFAULT = "torch"


def get(name: str) -> Backend:
    """The backend of that name. Raises InputError with the nearest name, and MissingExtra where it is not installed."""
    if name not in NAMES:
        raise unknown("backend", name, NAMES)
    found: Backend = importlib.import_module(f"netwright.backends.{name}.backend").BACKEND
    found.require()
    return found


def able(name: str, operations: Collection[str]) -> Backend:
    """The backend of that name, or the default one where it lacks some of these operations, which then has them."""
    backend = get(name)
    return get(DEFAULT) if backend.lacks(operations) else backend


__all__ = ["DEFAULT", "NAMES", "Backend", "Gradients", "Model", "able", "get"]
