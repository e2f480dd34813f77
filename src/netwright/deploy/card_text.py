"""Markdown that shows any text as it is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~!])")


def escape(value: object) -> str:
    r"""Text on one line, without meaning in Markdown or HTML.

    >>> escape("a|b\n<script>")
    'a\\|b \\<script\\>'
    """
    return _SPECIAL.sub(r"\\\1", " ".join(str(value).split()))


def code(value: object) -> str:
    """Text as inline code.

    >>> code("params<10k")
    '`params<10k`'
    """
    return f"`{' '.join(str(value).replace('`', '').split())}`"


def bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table whose cells are Markdown already; the columns after the first are aligned to the right."""
    marks = [" --- ", *(" ---: " for _ in head[1:])]
    return "\n".join(("|" + "|".join(cells) + "|") for cells in (_padded(head), marks, *map(_padded, rows)))


def _padded(cells: Sequence[str]) -> list[str]:
    return [f" {cell} " for cell in cells]
