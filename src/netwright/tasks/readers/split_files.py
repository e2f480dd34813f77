"""A folder with a file for each split: train.tsv, valid.tsv, test.tsv, or names that end so, such as set_TRAIN.ts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from netwright.errors import InputError
from netwright.tasks.examples import listed

WORDS = {"train": ("train", "training"), "valid": ("valid", "val", "validation", "dev"), "test": ("test", "testing")}
_NAME = re.compile(
    rf"(?:(?P<set>.*)[_.-])?(?P<split>{'|'.join(word for words in WORDS.values() for word in words)})", re.IGNORECASE
)


def split_files(directory: Path, suffixes: Iterable[str]) -> dict[str, Path]:
    """The files of each split, none where no file is called like a training split. suffixes: in small letters, without
    .gz. Raises InputError where a split has several files."""
    found: dict[str, list[Path]] = {}
    for path in sorted(directory.iterdir()):
        plain = path.name.lower().removesuffix(".gz")
        ending = next((one for one in suffixes if plain.endswith(one)), None)
        match = _NAME.fullmatch(plain.removesuffix(ending)) if ending and path.is_file() else None
        if match:
            split = next(split for split, words in WORDS.items() if match["split"] in words)
            found.setdefault(split, []).append(path)
    if "train" not in found:
        return {}
    for split, paths in found.items():
        if len(paths) > 1:
            several = listed([path.name for path in paths])
            raise InputError(f"{directory} has several files for the {split} split: {several}", "give each a folder")
    return {split: paths[0] for split, paths in found.items()}
