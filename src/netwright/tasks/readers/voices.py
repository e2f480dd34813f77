"""Recordings with what is said in them, to be spoken: tables of paths and texts, a .txt beside each recording,
LibriSpeech's lists, or class folders, whose names are the words.

Who speaks is said by a column "speaker" of a table, or else by the names of the files, as in seven-george-0.wav.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from netwright.errors import InputError
from netwright.tasks.examples import Examples, Items, Part
from netwright.tasks.readers import sounds, texts, transcripts
from netwright.tasks.readers.split_files import split_files
from netwright.tasks.sound.synthesis import turned
from netwright.tasks.sound.transcripts import plain
from netwright.tasks.sound.voices import Line

SPEAKERS = ("speaker", "speaker_id", "voice", "client_id")
"""What columns of speakers are called."""
FEWEST_OF_ONE = 10
"""Recordings of each speaker, on average, from which on parts of names are taken for speakers."""
_PARTS = re.compile(r"[-_.\s]+")
_NAME = re.compile(r"[^\W\d_]+")


def read(path: Path, target: str | None) -> Examples:
    """target: the column of texts, where a table leaves that open. Raises InputError."""
    name = path.resolve().name
    files = split_files(path, texts.SUFFIXES) if path.is_dir() else {"train": path}
    speakers: dict[str, str] = {}
    if files:
        name = name if path.is_dir() else Path(name.removesuffix(".gz")).stem
        examples = sounds.read_manifests(files, target, name, transcribed=True)
        speakers = sounds.noted(files, target, SPEAKERS)
    elif transcripts.holds_transcripts(path):
        examples = transcripts.read(path, name)
    else:
        examples = sounds.read_folder(path, name, "speech")
    parts = dict(examples.parts())
    said = {where: text for part in parts.values() for where, text in _said(part)}
    speakers = speakers or by_names(said)
    made = {
        split: turned(part, [Line(speakers.get(where, ""), text) for where, text in _said(part)])
        for split, part in parts.items()
    }
    return Examples.of(name, made, examples.source, examples.warnings, examples.target)


def _said(part: Part) -> Iterator[tuple[str, str]]:
    """Path and text of each recording. Raises InputError that names one without words."""
    assert isinstance(part.x, Items)
    for place, given in zip(part.x.places, part.y, strict=True):
        text = plain(str(given))
        if not text:
            raise InputError(f"{place}: no words in {str(given)!r}", "write down what is said")
        yield str(place), text


def by_names(said: Mapping[str, str]) -> dict[str, str]:
    """Who speaks, by that part of the files' names which is made of letters and of few kinds, but isn't what is said.
    said: by path.

    >>> takes = [(word, name, at) for word in "ab" for name in ("ann", "bob") for at in range(9)]
    >>> by_names({f"{word}-{name}-{at}.wav": word for word, name, at in takes})["a-bob-0.wav"]
    'bob'
    """
    rows = {path: _PARTS.split(Path(path).stem) for path in said}
    for at in range(min(map(len, rows.values()))):
        names = {path: row[at] for path, row in rows.items()}
        kinds = set(names.values())
        if not 1 < len(kinds) <= len(names) / FEWEST_OF_ONE or not all(map(_NAME.fullmatch, kinds)):
            continue
        if any(plain(name) != said[path] for path, name in names.items()):
            return names
    return {}
