"""Files that travel between machines that do not share a disk, as arrays of bytes by name."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from netwright.tasks.placing import put

Files = dict[str, np.ndarray]
"""Name -> its bytes (uint8)."""


def pack(folder: Path) -> Files:
    """The files of a folder, drafts and folders in it left out; none where there is no folder."""
    if not folder.is_dir():
        return {}
    found = (one for one in sorted(folder.iterdir()) if one.is_file() and not one.name.startswith("."))
    return {one.name: content(one) for one in found}


def content(path: Path) -> np.ndarray:
    """A file's bytes."""
    return np.fromfile(path, dtype=np.uint8)


def unpack(files: Mapping[str, np.ndarray], folder: Path) -> None:
    """Puts files into a folder, each whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in files.items():
        put(folder / Path(name).name, lambda file, array=array: file.write(array.data))  # type: ignore[misc]


def unpack_once(files: Mapping[str, np.ndarray], folder: Path) -> None:
    """Puts a whole folder in its place, where nobody else has done so meanwhile."""
    draft = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}")
    unpack(files, draft)
    try:
        os.rename(draft, folder)
    except OSError:
        shutil.rmtree(draft)
        if not folder.is_dir():
            raise
