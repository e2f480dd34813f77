"""From raw input to a network's x, by a task's plain preparation alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from netwright.errors import InputError
from netwright.tasks import tables
from netwright.tasks.domains import DOMAINS
from netwright.tasks.examples import Array, Table, table
from netwright.tasks.vision.images import check_numbers, to_bytes


def encode(raw: Any, prepare: Mapping[str, Any]) -> Array:
    """uint8 (N, C, H, W) for image tasks, float32 (N, F) for tables (files, frames, rows), for other domains what they
    make of it. Raises InputError."""
    if "domain" in prepare:
        domain = DOMAINS[prepare["domain"]]
        return domain.apply(domain.found(raw, prepare), prepare)
    return _images(raw, prepare) if "shape" in prepare else _table(raw, prepare)


def _images(raw: Any, prepare: Mapping[str, Any]) -> Array:
    channels, height, width = prepare["shape"]
    paths = _paths(raw)
    if paths:
        from netwright.tasks.vision import files

        if channels not in (1, 3):
            raise InputError(f"image files cannot have {channels} channels", "give arrays, as in training")
        if prepare.get("fit"):
            return files.stack_fitted(paths, channels, (height, width))
        return files.stack(paths, channels, (height, width), prepare["resize"])
    name = "the images"
    try:
        array = np.asarray(raw)
    except ValueError:
        raise InputError(f"{name} have different shapes", f"give all of them as {height} x {width} pixels") from None
    if not array.size:
        raise InputError("no images to predict", "give at least one")
    check_numbers(array, name)
    return to_bytes(_laid_out(array, (channels, height, width)), tuple(prepare["span"]), name)


def sizes(raw: Any, prepare: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Height and width of each image that is fitted into what a network takes; none for arrays, which are not."""
    if not prepare.get("fit"):
        return []
    from netwright.tasks.vision import files

    return [files.header(path).size for path in _paths(raw)]


def _paths(raw: Any) -> list[Path]:
    if isinstance(raw, str | Path):
        return [Path(raw)]
    if isinstance(raw, Sequence) and len(raw) and all(isinstance(item, str | Path) for item in raw):
        return [Path(item) for item in raw]
    return []


def _laid_out(x: Array, shape: tuple[int, int, int]) -> Array:
    """One image or several, channels first or last or (grey) absent, as (N, C, H, W). Raises InputError."""
    channels, height, width = shape
    last = (height, width, channels)
    if x.shape[-3:] == shape and x.ndim in (3, 4):
        return x.reshape(-1, *shape)
    if x.shape[-3:] == last and x.ndim in (3, 4):
        return x.reshape(-1, *last).transpose(0, 3, 1, 2)
    if channels == 1 and x.shape[-2:] == (height, width) and x.ndim in (2, 3):
        return x.reshape(-1, *shape)
    known = f"the training images are {height} x {width} with {channels} channel{'s' * (channels > 1)}"
    raise InputError(f"images of shape {x.shape}", known)


def _table(raw: Any, prepare: Mapping[str, Any]) -> Array:
    return tables.apply(_rows(raw, prepare), prepare["columns"])


def strange(raw: Any, prepare: Mapping[str, Any]) -> list[str]:
    """A line for each column of a table that has texts which training did not have, or too rarely to learn from."""
    return tables.strange(_rows(raw, prepare), prepare["columns"]) if "columns" in prepare else []


def _rows(raw: Any, prepare: Mapping[str, Any]) -> Table:
    if not isinstance(raw, str | Path):
        return table(raw, "the rows", prepare["names"])
    from netwright.tasks.readers.tables import read_table

    return read_table(Path(raw))
