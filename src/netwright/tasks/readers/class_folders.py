"""Folders of class folders of files, all together or under train/, valid/ and test/: which files there are."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from netwright.errors import InputError
from netwright.tasks.examples import listed

SPLITS = {"train": ("train", "training"), "valid": ("valid", "val", "validation"), "test": ("test", "testing")}
MOST_DAMAGED = 0.05
"""Share of the files that may be damaged and are skipped."""
LOOKED_AT = 1000
"""Files that tell what a folder holds."""


@dataclass(frozen=True)
class Sort:
    """A sort of files. noun: what they are called; example: of how they lie in class folders."""

    noun: str
    suffixes: frozenset[str]
    example: str

    def has(self, path: Path) -> bool:
        return path.suffix.lower() in self.suffixes


@dataclass
class Files:
    """Files with their class, by split; why some cannot be read; and what is to be said of them all."""

    files: dict[str, list[tuple[Path, str]]] = field(default_factory=dict)
    damaged: dict[Path, str] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)


def find(directory: Path, sort: Sort, into: Files) -> None:
    """Fills in the files of a folder. Raises InputError where there are none."""
    folders = {entry.name.lower(): entry for entry in sorted(directory.iterdir()) if _is_class(entry)}
    roots = {split: next((folders[word] for word in words if word in folders), None) for split, words in SPLITS.items()}
    if not _is_split(roots["train"], folders):
        roots = {"train": directory}
    for split, root in roots.items():
        files = _class_files(root, sort, into.warnings) if root is not None else []
        if files:
            into.files[split] = files
    if "train" not in into.files:
        raise _nothing(roots["train"] or directory, sort)


def commonest(directory: Path, sorts: Iterable[Sort]) -> Sort | None:
    """The sort of most files in the folder's folders, by the first of them."""
    known = list(sorts)
    counts: Counter[str] = Counter()
    for path in islice(_walk(directory), LOOKED_AT):
        if path.parent != directory:
            counts.update(sort.noun for sort in known if sort.has(path))
    return max(known, key=lambda sort: counts[sort.noun]) if counts else None


def _is_split(train: Path | None, folders: Iterable[str]) -> bool:
    """Whether a folder `train` holds a split, not the files of a class of that name."""
    if train is None:
        return False
    words = {word for names in SPLITS.values() for word in names}
    return any(map(_is_class, train.iterdir())) or set(folders) <= words


def _is_class(entry: Path) -> bool:
    return entry.is_dir() and not entry.name.startswith((".", "__"))


def _nothing(directory: Path, sort: Sort) -> InputError:
    way_out = f"put each class's {sort.noun} in a folder of its own, such as {sort.example}"
    loose = any(map(sort.has, directory.iterdir()))
    held = f"{sort.noun} but no class folders" if loose else f"no {sort.noun}"
    return InputError(f"{directory} holds {held}", way_out)


def _class_files(root: Path, sort: Sort, warnings: list[str]) -> list[tuple[Path, str]]:
    made: list[tuple[Path, str]] = []
    others: list[str] = []
    for folder in sorted(filter(_is_class, root.iterdir())):
        inside = [path for path in _walk(folder) if not path.name.startswith(".")]
        wanted = [path for path in inside if sort.has(path)]
        others += [str(path) for path in inside if not sort.has(path)]
        if not wanted:
            warnings.append(f"class folder {folder} holds no {sort.noun}: it is left out")
        made += [(path, folder.name) for path in wanted]
    if others:
        warnings.append(f"{len(others)} files that are no {sort.noun} were ignored: {listed(others, 3)}")
    return made


def _walk(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders.sort()
        yield from (Path(parent, name) for name in sorted(names))


def check_damaged(directory: Path, found: Files, sort: Sort) -> None:
    """Says of a few damaged files that they were skipped. Raises InputError for many."""
    found.warnings += skipped(directory, found.damaged, sum(map(len, found.files.values())), sort.noun)


def skipped(directory: Path, damaged: Mapping[Path, str], total: int, noun: str) -> list[str]:
    """What is said of a few damaged files: nothing of none. damaged: why each is. Raises InputError for many."""
    if not damaged:
        return []
    first = "; ".join(list(damaged.values())[:3])
    summary = f"{len(damaged)} of {total} {noun} cannot be read"
    if len(damaged) > MOST_DAMAGED * total:
        raise InputError(f"{directory}: {summary}: {first}", "remove or replace them")
    return [f"{summary} and were skipped: {first}"]
