"""Running text: a .txt file (.gz, too), or a folder of them, perhaps with official splits (train.txt, valid.txt)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from netwright.errors import InputError
from netwright.tasks import digest
from netwright.tasks.readers.class_folders import MOST_DAMAGED
from netwright.tasks.readers.csv import text_of
from netwright.tasks.readers.split_files import split_files
from netwright.tasks.text.corpus import Corpus
from netwright.tasks.text.language import END_MARK

SUFFIX = ".txt"


def is_text(path: Path) -> bool:
    """Whether a file is one of running text, by its name."""
    return path.name.lower().removesuffix(".gz").endswith(SUFFIX)


def read(path: Path, name: str) -> Corpus:
    """Raises InputError that names the file, and the line where it is not UTF-8."""
    if path.is_dir():
        return _of_folder(path, name)
    return Corpus(name, {"train": _text(path)}, {"origin": str(path), "sha256": digest.of_file(path)})


def _of_folder(directory: Path, name: str) -> Corpus:
    """The files of a folder in the order of their names, each a text. Empty ones are left out, a few unreadable ones
    skipped."""
    files = split_files(directory, (SUFFIX,))
    warnings: list[str] = []
    texts = {split: _text(path) for split, path in files.items()} or {"train": _joined(directory, warnings)}
    sha = hashlib.sha256(END_MARK.join(texts.values()).encode()).hexdigest()
    return Corpus(name, texts, {"origin": str(directory), "sha256": sha}, tuple(warnings))


def _joined(directory: Path, warnings: list[str]) -> str:
    paths = [path for path in sorted(directory.rglob("*")) if path.is_file() and is_text(path)]
    if not paths:
        raise InputError(f"{directory} holds no {SUFFIX} files", "give a text file, or a folder of them")
    kept: list[str] = []
    damaged: list[str] = []
    for path in paths:
        try:
            text = _text(path)
        except InputError as error:
            damaged.append(str(error))
            continue
        if text.strip():
            kept.append(text)
    said = f"{len(damaged)} of {len(paths)} files cannot be read"
    if len(damaged) > MOST_DAMAGED * len(paths):
        raise InputError(f"{directory}: {said}: {'; '.join(damaged[:3])}", "remove or replace them")
    if damaged:
        warnings.append(f"{said} and were skipped: {'; '.join(damaged[:3])}")
    empty = len(paths) - len(damaged) - len(kept)
    if empty:
        warnings.append(f"{empty} of {len(paths)} files are empty: they are left out")
    return END_MARK.join(kept)


def _text(path: Path) -> str:
    """A file's text, with lines that end as on Unix."""
    text = text_of(path).replace("\r\n", "\n").replace("\r", "\n")
    if END_MARK in text:
        line = text.count("\n", 0, text.index(END_MARK)) + 1
        raise InputError(f"{path}, line {line}: a NUL character, so this is no text", "give a text file")
    return text
