"""Reading pickles of strangers: plain data only.

A pickle names functions to call while it is read, so an arbitrary one can do anything. This reader knows three names,
for ordered dictionaries and numpy's floating-point numbers, and none of them is looked up: stand-ins of our own answer.
Whatever else a file names, it is refused.
"""

from __future__ import annotations

import bz2
import io
import pickle
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError

MOST_BYTES = 64_000_000
"""Of one file, unpacked."""


def read_pickle(path: Path) -> Any:
    """The plain data of a pickle that bzip2 has packed. InputError where it is damaged, too large or not plain."""
    try:
        with bz2.open(path) as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise InputError(f"{path} is too large", "give the folder with one file for each architecture")
        return PlainUnpickler(io.BytesIO(raw)).load()
    except InputError as error:
        raise InputError(f"{path}: {error.problem}", error.way_out) from None
    except Exception as error:
        raise InputError(f"{path} cannot be read ({type(error).__name__}: {error})", "download it again") from None


class PlainUnpickler(pickle.Unpickler):
    """Calls nothing but what is in this module.

    >>> PlainUnpickler(io.BytesIO(pickle.dumps({"accuracy": [91.2, np.float64(3.0)]}))).load()
    {'accuracy': [91.2, 3.0]}
    """

    def find_class(self, module: str, name: str) -> Any:
        found = _KNOWN.get((module, name))
        if found is None:
            raise InputError(
                f"it names {module}.{name}, which is no plain data, and so it is not read",
                "give the file as it was published",
            )
        return found

    def persistent_load(self, pid: Any) -> Any:
        raise InputError("it refers to something outside itself, and so it is not read", "give the file as published")


class _NumberType:
    """In the place of numpy's dtype: remembers its name and the order of its bytes."""

    def __init__(self, name: str, align: object = False, copy: object = True) -> None:
        self.name, self.order = name, "<"

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        self.order = state[1]


def _number(kind: _NumberType, raw: bytes) -> float:
    """In the place of numpy's scalar."""
    if kind.name not in ("f4", "f8"):
        raise InputError(f"it holds numbers of type {kind.name!r}", "give the file as it was published")
    return float(np.frombuffer(raw, dtype=f"{kind.order}{kind.name}")[0])


_KNOWN: dict[tuple[str, str], Any] = {
    ("collections", "OrderedDict"): OrderedDict,
    ("numpy", "dtype"): _NumberType,
    ("numpy.core.multiarray", "scalar"): _number,
    ("numpy._core.multiarray", "scalar"): _number,
}
