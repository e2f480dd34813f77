"""SHA-256 of files and arrays: what a data set is known by."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from netwright.tasks.examples import Array, Items, Part, Table


def of_file(path: Path) -> str:
    """Hex SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def of_parts(parts: Iterable[Part]) -> str:
    """Hex SHA-256 of examples in their order: values, types and shapes."""
    sha = hashlib.sha256()
    for part in parts:
        for array in (*_arrays(part.x), part.y):
            update(sha, array)
    return sha.hexdigest()


def _arrays(x: Array | Table | Items) -> list[Array]:
    if isinstance(x, Items):
        return [x.values] if not len(x) or isinstance(x.values[0], str) else list(x.values)
    if not isinstance(x, Table):
        return [x]
    return [np.array(list(x.columns), dtype=object), *x.columns.values()]


def update(sha: Any, array: Array) -> None:
    """Adds one array to a running hash."""
    sha.update(f"{array.dtype.str} {array.shape} ".encode())
    if array.dtype == object:
        sha.update("\x1f".join("\x1e" if value is None else str(value) for value in array.ravel()).encode())
        return
    for start in range(0, len(array), 4096):
        sha.update(np.ascontiguousarray(array[start : start + 4096]).data)
