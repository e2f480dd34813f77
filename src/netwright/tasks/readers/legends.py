"""The names of the classes of masks: classes.txt, label_colors.txt, labelmap.txt, classes.json and the like."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from netwright.errors import InputError
from netwright.tasks.vision.masks import BORDER, UNKNOWN_NAMES, Colour, Legend, packed

FILES = (
    "classes.txt",
    "class_names.txt",
    "labels.txt",
    "label_colors.txt",
    "labelmap.txt",
    "classes.json",
    "labels.json",
)
MOST_BYTES, LONGEST = 2**20, 9
"""Bytes of such a file; digits of a number in it."""
_APART = re.compile(r"[\s,:;]+")

Entry = tuple[str, int | None, Colour | None]
"""A class's name, and where they are given its value in masks, or its colour."""


def legend(directory: Path) -> Legend | None:
    """Of a folder that has one of `FILES`, whose first counts; None without. Raises InputError naming file and line."""
    path = next((directory / name for name in FILES if (directory / name).is_file()), None)
    if path is None:
        return None
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} is larger than a list of classes", "give a name a line")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InputError(f"{path}: {error.strerror}", "check its permissions") from None
    except UnicodeDecodeError:
        raise InputError(f"{path} is not in UTF-8", "save it so") from None
    entries = _of_json(text, path) if path.suffix == ".json" else _of_lines(text, path)
    return made(entries, path)


def _of_lines(text: str, path: Path) -> list[Entry]:
    lines = ((number, line.strip()) for number, line in enumerate(text.splitlines(), 1))
    return [_entry(line, f"{path}, line {number}") for number, line in lines if line and not line.startswith("#")]


def _entry(line: str, where: str) -> Entry:
    """A name; a value and a name; a colour before or after a name."""
    words = [word for word in _APART.split(line) if word]
    for numbers, name in ((words[:3], words[3:]), (words[-3:], words[:-3])):
        if name and len(numbers) == 3 and all(map(_is_number, numbers)):
            return " ".join(name), None, _colour(list(map(int, numbers)), where)
    if len(words) > 1 and _is_number(words[0]):
        return " ".join(words[1:]), int(words[0]), None
    return " ".join(words), None, None


def _is_number(word: str) -> bool:
    return word.isdecimal() and len(word) <= LONGEST


def _colour(given: Sequence[Any], where: str) -> Colour:
    if len(given) != 3 or not all(type(part) is int and 0 <= part <= 255 for part in given):
        raise InputError(f"{where}: {list(given)} is no colour", "give red, green and blue from 0 to 255")
    return given[0], given[1], given[2]


def _of_json(text: str, path: Path) -> list[Entry]:
    """A list of names, or of {"name", "id" or "color"}; a mapping of names to values or colours, or the other way."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is no JSON ({error})", "correct it") from None
    given = list(data.items()) if isinstance(data, Mapping) else data
    if not isinstance(given, list):
        raise InputError(f"{path} holds no classes", 'write ["sky", "road"] or {"sky": [128, 128, 128]}')
    return [_item(one, f"{path}, entry {number}") for number, one in enumerate(given, 1)]


def _item(one: Any, where: str) -> Entry:
    if isinstance(one, str):
        return one, None, None
    if isinstance(one, Mapping) and isinstance(one.get("name"), str):
        colour = one.get("color") or one.get("colour")
        if isinstance(colour, list):
            return one["name"], None, _colour(colour, where)
        return one["name"], one["id"] if type(one.get("id")) is int else None, None
    if isinstance(one, tuple):
        name, value = one
        if isinstance(value, list):
            return name, None, _colour(value, where)
        if type(value) is int:
            return name, value, None
        if isinstance(value, str) and _is_number(name):
            return value, int(name), None
    raise InputError(f"{where} is no class", 'write a name, "name": [red, green, blue] or "name": value')


def made(entries: Sequence[Entry], path: Path) -> Legend:
    """What the entries say together. Raises InputError where they contradict each other."""
    coloured = any(colour is not None for _, _, colour in entries)
    if coloured and any(colour is None for _, _, colour in entries):
        bare = next(name for name, _, colour in entries if colour is None)
        raise InputError(f"{path}: class {bare!r} has no colour, others have", "give every class one, or none")
    values = [
        int(packed(colour)) if colour is not None else place if value is None else value
        for place, (_, value, colour) in enumerate(entries)
    ]
    names = [name for name, _, _ in entries]
    for what, given in (("name", names), ("colour" if coloured else "value", values)):
        twice = next((one for place, one in enumerate(given) if one in given[:place]), None)
        if twice is not None:
            raise InputError(f"{path}: two classes have the same {what}", "give each its own")
    void = {value for name, value in zip(names, values, strict=True) if name.lower() in UNKNOWN_NAMES}
    kept = [(entry, value) for entry, value in zip(entries, values, strict=True) if value not in void]
    if len(kept) < 2:
        raise InputError(f"{path} names {len(kept)} class{'es' * (not kept)}", "name at least two")
    border = set() if coloured or BORDER in values else {BORDER}
    return Legend(
        names=tuple(name for (name, _, _), _ in kept),
        values=tuple(value for _, value in kept),
        unknown=frozenset(void | border),
        coloured=coloured,
        colours=tuple(colour for (_, _, colour), _ in kept if colour is not None),
        origin=path.name,
    )
