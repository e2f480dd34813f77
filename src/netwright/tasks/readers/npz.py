"""A .npz file: x_train, y_train[, x_valid, …][, x_test, …], or X, y, or train_images, train_labels, … ."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import psutil

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.examples import Array, Examples, Part, listed
from netwright.tasks.readers.arrays import part

PARTS = {"train": ("train", "training"), "valid": ("valid", "val", "validation", "dev"), "test": ("test", "testing")}
INPUTS = ("x", "images", "data", "features")
TARGETS = ("y", "labels", "label", "targets", "target")
CLASSES = ("classes", "class_names", "label_names", "target_names")


def read(path: Path, name: str) -> Examples:
    """Raises InputError for a file that is damaged, lacks an array, or holds Python objects (never unpickled)."""
    arrays = _load(path)
    found = {split: _part(arrays, path, words) for split, words in PARTS.items()}
    if found["train"] is None:
        found["train"] = _pair(arrays, path, INPUTS, TARGETS)
    if found["train"] is None:
        way_out = f"name them x_train and y_train, or X and y; it has {listed(sorted(arrays)) or 'none'}"
        raise InputError(f"{path}: no arrays to train on", way_out)
    return Examples(
        name,
        train=found["train"],
        valid=found["valid"],
        test=found["test"],
        source={"origin": str(path), "sha256": digest.of_file(path)},
        classes=_class_names(arrays),
    )


def _load(path: Path) -> dict[str, Array]:
    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > psutil.virtual_memory().available:
            raise InputError(f"{path} unpacks to {unpacked / 2**30:.1f} GiB", "there is less memory than that")
        with np.load(path, allow_pickle=False) as archive:
            return {name: _array(archive, name, path) for name in archive.files}
    except (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError, RuntimeError) as error:
        raise InputError(f"{path}: not a readable .npz file ({error})", "write it again with numpy.savez") from None


def _array(archive: Mapping[str, Array], name: str, path: Path) -> Array:
    try:
        return np.asarray(archive[name])
    except ValueError as error:
        if "allow_pickle" in str(error):
            problem = f"{path}: array {name!r} holds Python objects, which are never unpickled"
            raise InputError(problem, "save numbers or text: array.astype(float), array.astype(str)") from None
        raise InputError(f"{path}: array {name!r} is damaged ({error})", "write it again with numpy.savez") from None


def _part(arrays: Mapping[str, Array], path: Path, words: tuple[str, ...]) -> Part | None:
    inputs, targets = (
        tuple(form for word in words for name in names for form in (f"{name}_{word}", f"{word}_{name}"))
        for names in (INPUTS, TARGETS)
    )
    return _pair(arrays, path, inputs, targets)


def _pair(arrays: Mapping[str, Array], path: Path, inputs: tuple[str, ...], targets: tuple[str, ...]) -> Part | None:
    """The examples of the first names that occur; None where neither does. Raises InputError where one lacks the other."""
    x, y = _first(arrays, inputs), _first(arrays, targets)
    if x is None and y is None:
        return None
    if x is None or y is None:
        wanted = inputs[0] if x is None else targets[0]
        raise InputError(f"{path}: {x or y!r} is there without its {'inputs' if x is None else 'targets'}", f"add {wanted!r}")
    return part(arrays[x], arrays[y], f"{path}: {x}", f"{path}: {y}")


def _first(arrays: Mapping[str, Array], names: tuple[str, ...]) -> str | None:
    own = {name.lower(): name for name in arrays}
    return next((own[name] for name in names if name in own), None)


def _class_names(arrays: Mapping[str, Array]) -> tuple[str, ...]:
    name = _first(arrays, CLASSES)
    return tuple(str(label) for label in arrays[name].ravel()) if name else ()
