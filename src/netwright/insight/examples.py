"""Examples beside what the delivered network says of them, as pictures that lie in the search's folder."""

from __future__ import annotations

import base64
from pathlib import Path

FOLDER = "examples"
MOST, LARGEST = 8, 4 * 2**20
"""Pictures that a report takes in; bytes of one."""


def embedded(directory: Path) -> list[str]:
    """The pictures as addresses that hold them."""
    paths = sorted((directory / FOLDER).glob("*.png"))[:MOST]
    return [
        f"data:image/png;base64,{base64.b64encode(path.read_bytes()).decode()}"
        for path in paths
        if path.stat().st_size <= LARGEST
    ]


def caption(directory: Path) -> str:
    """What the pictures show."""
    try:
        return (directory / FOLDER / "caption.txt").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""
