"""Sentences and their translations: a .tsv with a pair a line, a folder of such files (train.tsv, valid.tsv, test.tsv),
or of files whose lines belong together (train.en and train.de, valid.en, ...); .gz, too."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from netwright.errors import InputError, unknown
from netwright.tasks import digest
from netwright.tasks.examples import listed
from netwright.tasks.readers.csv import text_of
from netwright.tasks.readers.split_files import WORDS, split_files
from netwright.tasks.text.parallel import Pair, Parallel

_PARTS = re.compile(r"[_.\-]")
_LONGEST_NAME = 12
"""Letters of the longest word in a first line that names the languages."""


def read(path: Path, name: str, target: str | None) -> Parallel:
    """target: the language to translate to, by the name of its column or the ending of its files. Raises InputError
    that names the file and the line."""
    if not path.is_dir():
        return _of_tables({"train": path}, path, name, target)
    tables = split_files(path, (".tsv",))
    return _of_tables(tables, path, name, target) if tables else _of_lines(path, name, target)


def _of_tables(files: Mapping[str, Path], path: Path, name: str, target: str | None) -> Parallel:
    warnings: list[str] = []
    pairs: dict[str, list[Pair]] = {}
    languages: Pair = ("source", "target")
    for split, file in files.items():
        rows = [_row(file, number, line) for number, line in enumerate(_lines(file), start=1) if line.strip()]
        if rows and all(cell.isalpha() and len(cell) <= _LONGEST_NAME for cell in rows[0]):
            languages = rows.pop(0)
        pairs[split] = _kept(rows, str(file), warnings)
    turned = _turned(languages, target, path)
    return _found(path, name, pairs, languages, turned, digest.of_file(files["train"]), warnings)


def _row(path: Path, number: int, line: str) -> Pair:
    cells = line.split("\t")
    if len(cells) != 2:
        problem = f"{path}, line {number}: {len(cells)} texts instead of two"
        raise InputError(problem, "give a sentence and its translation a line, parted by a tab")
    return cells[0].strip(), cells[1].strip()


def _of_lines(directory: Path, name: str, target: str | None) -> Parallel:
    files = _by_language(directory)
    known = sorted({language for each in files.values() for language in each})
    if "train" not in files or len(known) != 2:
        held = f"files for the languages {listed(known)}" if known else "no files such as train.en and train.de"
        raise InputError(f"{directory} holds {held}", "give two: train.en and train.de, valid.en and valid.de, ...")
    if target is None:
        way_out = f"give --target {known[0]} or --target {known[1]}"
        raise InputError(f"{directory}: which language is to be translated to?", way_out)
    languages = (known[0], known[1])
    turned = _turned(languages, target, directory)
    warnings: list[str] = []
    pairs = {split: _aligned(each, languages, directory, warnings) for split, each in files.items()}
    return _found(directory, name, pairs, languages, turned, digest.of_file(files["train"][known[0]]), warnings)


def _by_language(directory: Path) -> dict[str, dict[str, Path]]:
    """Split -> language -> file."""
    found: dict[str, dict[str, Path]] = {}
    for path in sorted(directory.iterdir()):
        stem, _, language = path.name.removesuffix(".gz").rpartition(".")
        words = set(_PARTS.split(stem.lower()))
        split = next((split for split, known in WORDS.items() if words & set(known)), None)
        if not path.is_file() or split is None or not language.isalpha():
            continue
        other = found.setdefault(split, {}).setdefault(language, path)
        if other != path:
            raise InputError(f"{directory} has two files for the {split} split: {other.name}, {path.name}", "give one")
    return found


def _aligned(files: Mapping[str, Path], languages: Pair, directory: Path, warnings: list[str]) -> list[Pair]:
    absent = [language for language in languages if language not in files]
    if absent:
        [there] = files.values()
        raise InputError(f"{there} has no file in {absent[0]} beside it", "give both, or neither")
    one, other = (files[language] for language in languages)
    first, second = ([line.strip() for line in _lines(path)] for path in (one, other))
    if len(first) != len(second):
        problem = f"{one} has {len(first):,} lines, {other} {len(second):,}"
        raise InputError(problem, "each line must be the translation of the same line of the other file")
    return _kept(list(zip(first, second, strict=True)), f"{one} and {other.name}", warnings)


def _lines(path: Path) -> list[str]:
    """Lines by line feeds alone: other separators may stand within a sentence."""
    text = text_of(path)
    return [line.rstrip("\r") for line in text.removesuffix("\n").split("\n")]


def _kept(pairs: list[Pair], origin: str, warnings: list[str]) -> list[Pair]:
    kept = [pair for pair in pairs if all(pair)]
    if len(kept) < len(pairs):
        warnings.append(f"{origin}: {len(pairs) - len(kept)} of {len(pairs)} pairs lack a side: they are left out")
    return kept


def _turned(languages: Pair, target: str | None, path: Path) -> bool:
    """Whether the first language is the target."""
    if target is not None and target not in languages:
        error = unknown("language", target, languages)
        raise InputError(f"{path}: {error.problem}", error.way_out)
    return target == languages[0]


def _found(
    path: Path,
    name: str,
    pairs: Mapping[str, list[Pair]],
    languages: Pair,
    turned: bool,
    sha: str,
    warnings: list[str],
) -> Parallel:
    if turned:
        pairs = {split: [(second, first) for first, second in each] for split, each in pairs.items()}
        languages = (languages[1], languages[0])
    return Parallel(name, pairs, languages, {"origin": str(path), "sha256": sha}, tuple(warnings))
