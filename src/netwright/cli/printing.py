"""What reaches the terminal: clean text, one JSON object a line, tables."""

from __future__ import annotations

import json
import math
import re
import sys
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from rich.console import Console, RenderableType

_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # titles, links
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # colours, cursor moves
    r"|\x1b[ -/]*[0-~]?"  # the short ones
)
PLAIN_WIDTH = 120
"""Columns where the output is no terminal."""


def printable(text: object) -> str:
    r"""Text on one line, without terminal escapes or other characters that do not print: names come from strangers'
    files.

    >>> printable("cat\x1b[31m\nred\x07")
    'cat red'
    """
    bare = _ESCAPES.sub("", str(text))
    return "".join(letter if letter.isprintable() else " " if letter.isspace() else "" for letter in bare)


def console(error: bool = False) -> Console:
    """The console of standard output, or of standard error."""
    stream = sys.stderr if error else sys.stdout
    width = None if stream.isatty() else PLAIN_WIDTH
    return Console(file=stream, highlight=False, markup=False, emoji=False, width=width)


def say(text: object, error: bool = False) -> None:
    """One line for people, however long."""
    print(printable(text), file=sys.stderr if error else sys.stdout, flush=True)


def show(what: RenderableType, error: bool = False) -> None:
    """A table or another thing that rich draws."""
    console(error).print(what)


def say_json(data: Mapping[str, Any]) -> None:
    """One object on one line of standard output; numbers that JSON lacks become null."""
    print(json.dumps(plain(data), allow_nan=False), flush=True)


def plain(value: Any) -> Any:
    """The value in what JSON knows."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    return str(value) if isinstance(value, PurePath) else value
