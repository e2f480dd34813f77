"""A folder of class folders of .txt files, all together or under train/, valid/ and test/; a text is a whole file."""

from __future__ import annotations

from pathlib import Path

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.examples import Examples, Items, Part, objects
from netwright.tasks.readers.class_folders import Files, Sort, check_damaged, find
from netwright.tasks.readers.csv import text_of

TEXTS = Sort("texts", frozenset({".txt"}), "praise/1.txt and blame/2.txt")


def read(directory: Path, name: str) -> Examples:
    """Reads every text. Empty files and those that are not UTF-8 are skipped with a warning, up to a twentieth of all.
    Raises InputError."""
    found = Files()
    try:
        find(directory, TEXTS, found)
        parts = {split: _part(files, found) for split, files in found.files.items()}
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}", "check the folder's permissions") from None
    check_damaged(directory, found, TEXTS)
    source = {"origin": str(directory), "sha256": digest.of_parts(parts.values())}
    return Examples.of(name, parts, source, found.warnings)


def _part(files: list[tuple[Path, str]], found: Files) -> Part:
    texts: list[str] = []
    kept: list[tuple[Path, str]] = []
    for path, label in files:
        try:
            text = text_of(path)
        except InputError as error:
            found.damaged[path] = str(error)
            continue
        if text.strip():
            texts.append(text)
            kept.append((path, label))
        else:
            found.damaged[path] = f"{path} is empty"
    items = Items.of("text", texts, [str(path) for path, _ in kept], unit="file")
    return Part(items, objects([label for _, label in kept]))
