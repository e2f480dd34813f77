"""A .npz file: x_train, y_train[, x_valid, …][, x_test, …], or X, y, or train_images, train_labels, … ."""

from __future__ import annotations

import contextlib
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import psutil

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.examples import NO_ARRAY, Array, Examples, Part, listed
from netwright.tasks.readers.arrays import Inputs, part

PARTS = {"train": ("train", "training"), "valid": ("valid", "val", "validation", "dev"), "test": ("test", "testing")}
INPUTS = ("x", "images", "data", "features")
TARGETS = ("y", "labels", "label", "targets", "target")
DAMAGED = (zipfile.BadZipFile, EOFError, OSError, zlib.error, NotImplementedError, RuntimeError)
"""What reading a broken archive raises."""
CLASSES = ("classes", "class_names", "label_names", "target_names")


def read(path: Path, name: str, inputs: Inputs | None = None) -> Examples:
    """inputs: what is made of arrays of inputs, images or tables when left out. Raises InputError for a file that is
    damaged, lacks an array, or holds Python objects (never unpickled)."""
    with opened(path) as archive:
        return _examples(archive, path, name, inputs)


def inputs_of(path: Path) -> Array:
    """The inputs of a file without labels: of the test split where there are several. Raises InputError."""
    with opened(path) as archive:
        forms = [form for name in INPUTS for form in (f"{name}_test", f"test_{name}", name, f"{name}_train")]
        found = _first(archive, tuple(forms)) or next(iter(archive), None)
        if found is None:
            raise InputError(f"{path} holds no arrays", "name the inputs X")
        return _array(archive, found, path)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """The arrays of a file. Raises InputError when it is damaged, too large, or an array that is read holds objects."""
    _check_size(path)
    try:
        with np.load(path, allow_pickle=False) as archive:
            yield archive
    except DAMAGED as error:
        raise InputError(f"{path}: not a readable .npz file ({error})", "write it again with numpy.savez") from None


def _check_size(path: Path) -> None:
    """Raises InputError before a file is unpacked that is no archive or would not fit in memory."""
    try:
        with path.open("rb") as file:
            if file.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
                raise zipfile.BadZipFile("it does not begin like one")
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
    except DAMAGED as error:
        raise InputError(f"{path}: not a readable .npz file ({error})", "write it again with numpy.savez") from None
    if unpacked > psutil.virtual_memory().available:
        raise InputError(f"{path} unpacks to {unpacked / 2**30:.1f} GiB", "there is less memory than that")


def _examples(archive: Mapping[str, Array], path: Path, name: str, read: Inputs | None) -> Examples:
    found = {split: _part(archive, path, words, read) for split, words in PARTS.items()}
    train = found["train"] or _pair(archive, path, INPUTS, TARGETS, read)
    if train is None:
        way_out = f"name them x_train and y_train, or X and y; it has {listed(sorted(archive)) or 'none'}"
        raise InputError(f"{path}: no arrays to train on", way_out)
    return Examples(
        name,
        train,
        valid=found["valid"],
        test=found["test"],
        source={"origin": str(path), "sha256": digest.of_file(path)},
        classes=_class_names(archive, path),
    )


def _array(archive: Mapping[str, Array], name: str, path: Path) -> Array:
    try:
        return np.asarray(archive[name])
    except NO_ARRAY as error:
        if "allow_pickle" in str(error):
            problem = f"{path}: array {name!r} holds Python objects, which are never unpickled"
            raise InputError(problem, "save numbers or text: array.astype(float), array.astype(str)") from None
        raise InputError(f"{path}: array {name!r} is damaged ({error})", "write it again with numpy.savez") from None


def _part(archive: Mapping[str, Array], path: Path, words: tuple[str, ...], read: Inputs | None) -> Part | None:
    inputs, targets = (
        tuple(form for word in words for name in names for form in (f"{name}_{word}", f"{word}_{name}"))
        for names in (INPUTS, TARGETS)
    )
    return _pair(archive, path, inputs, targets, read)


def _pair(
    archive: Mapping[str, Array],
    path: Path,
    inputs: tuple[str, ...],
    targets: tuple[str, ...],
    read: Inputs | None,
) -> Part | None:
    """The examples of the first names that occur; None where there are none. Raises InputError for one of a pair."""
    x, y = _first(archive, inputs), _first(archive, targets)
    if x is None and y is None:
        return None
    if x is None or y is None:
        wanted = inputs[0] if x is None else targets[0]
        raise InputError(f"{path}: {x or y!r} has no counterpart {wanted!r}", "save both, with numpy.savez")
    return part(_array(archive, x, path), _array(archive, y, path), f"{path}: {x}", f"{path}: {y}", read)


def _first(archive: Mapping[str, Array], names: tuple[str, ...]) -> str | None:
    own = {name.lower(): name for name in archive}
    return next((own[name] for name in names if name in own), None)


def _class_names(archive: Mapping[str, Array], path: Path) -> tuple[str, ...]:
    name = _first(archive, CLASSES)
    return tuple(str(label) for label in archive[name].ravel()) if name else ()
