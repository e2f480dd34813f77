"""A folder of recordings with what is said in them: a .txt of the same name beside each, or .trans.txt files with a
line for each recording of their folder, "NAME WHAT IS SAID", as in LibriSpeech (Panayotov et al. 2015,
https://doi.org/10.1109/ICASSP.2015.7178964). Splits are folders whose names begin with train, dev or valid, and test.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from netwright.errors import InputError
from netwright.tasks.examples import Examples
from netwright.tasks.readers.class_folders import LOOKED_AT, Files
from netwright.tasks.readers.csv import text_of
from netwright.tasks.readers.sounds import SOUNDS, examples_of
from netwright.tasks.readers.split_files import WORDS

LISTS = ".trans.txt"


def holds_transcripts(directory: Path) -> bool:
    """Whether it is such a folder, by its first files: a list of transcripts, or a .txt beside most recordings."""
    recordings = paired = 0
    for path in islice(_walk(directory), LOOKED_AT):
        if path.name.endswith(LISTS):
            return True
        if SOUNDS.has(path):
            recordings += 1
            paired += path.with_suffix(".txt").is_file()
    return 2 * paired > recordings


def read(directory: Path, name: str) -> Examples:
    """Recordings without a transcript, transcripts without a recording and damaged files are skipped with a warning, up
    to a twentieth of all. Raises InputError."""
    found = Files()
    try:
        for split, roots in _splits(directory).items():
            found.files[split] = [pair for root in roots for pair in _pairs(root, found)]
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}", "check the folder's permissions") from None
    found.files = {split: files for split, files in found.files.items() if files}
    if "train" not in found.files:
        wanted = "put a .txt with what is said beside each recording, such as 1.wav and 1.txt"
        raise InputError(f"{directory} holds no recordings with transcripts to train on", wanted)
    return examples_of(directory, name, found, "transcript", "speech")


def _splits(directory: Path) -> dict[str, list[Path]]:
    """The folders of each split; the whole folder is for training where none is called so."""
    splits: dict[str, list[Path]] = {}
    for folder in sorted(entry for entry in directory.iterdir() if entry.is_dir()):
        split = next((one for one, words in WORDS.items() if folder.name.lower().startswith(words)), None)
        if split:
            splits.setdefault(split, []).append(folder)
    return splits if "train" in splits else {"train": [directory]}


def _pairs(root: Path, found: Files) -> Iterator[tuple[Path, str]]:
    """Recordings with their transcripts, "" where there is none. Those that are not there are noted in `found`."""
    files = list(_walk(root))
    lists = [path for path in files if path.name.endswith(LISTS)]
    listed: dict[Path, str] = {}
    for path in lists:
        listed.update(_of_list(path, found))
    yield from listed.items()
    alone = {path.parent for path in lists}
    for path in files:
        if SOUNDS.has(path) and path not in listed:
            yield path, "" if path.parent in alone else _beside(path, found)


def _of_list(path: Path, found: Files) -> Iterable[tuple[Path, str]]:
    made = []
    for number, line in enumerate(text_of(path).splitlines(), start=1):
        if not line.strip():
            continue
        name, _, said = line.strip().partition(" ")
        places = (path.parent / f"{name}{suffix}" for suffix in sorted(SOUNDS.suffixes))
        place = next((one for one in places if one.is_file()), None)
        if place is None:
            place = path.parent / name
            found.damaged[place] = f"{path}, line {number}: there is no recording {name!r}"
        made.append((place, said))
    return made


def _beside(path: Path, found: Files) -> str:
    """What the .txt of the same name says."""
    transcript = path.with_suffix(".txt")
    if not transcript.is_file():
        found.damaged[path] = f"{path}: there is no {transcript.name} beside it"
        return ""
    try:
        return text_of(transcript)
    except InputError as error:
        found.damaged[path] = str(error)
        return ""


def _walk(folder: Path) -> Iterator[Path]:
    """All files in order, but for hidden ones."""
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        yield from (Path(parent, name) for name in sorted(names) if not name.startswith("."))
