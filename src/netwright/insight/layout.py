"""Where the blocks of a drawing go: rows from top to bottom (Sugiyama, Tagawa & Toda, 1981).

Each part between two cuts gets rows of its own, so long skips stay local. A row takes at most three blocks, which
keeps the drawing readable on a phone; an edge that passes a row gets a narrow lane there instead of crossing a block.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from netwright.insight.sketch import Part

WIDTH = 340.0
_CAPACITY = 3
_GAP = 10.0
_LANE = 10.0
_WIDEST = 232.0
_MERGE = 58.0
_SWEEPS = 4


@dataclass(slots=True)
class Item:
    """A block (index into its part) or a lane (block None) in a row. x is its centre."""

    block: int | None
    row: int
    x: float = 0.0
    width: float = _LANE
    above: list[Item] = field(default_factory=list)
    below: list[Item] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows of one part, and its edges as the items that each passes, from source to target.

    The source -1 (the end of the part before) is `entry`, which lies in no row.
    """

    rows: tuple[tuple[Item, ...], ...]
    edges: tuple[tuple[Item, ...], ...]
    entry: Item


def arrange(part: Part, narrow: Sequence[bool]) -> Rows:
    """Puts a part's blocks in rows and gives each item its x and width. narrow: which are drawn small (merges).

    Every part begins and ends in the middle: its entry and its last block.
    """
    levels = _levels(part)
    entry = Item(None, -1, x=WIDTH / 2)
    rows: list[list[Item]] = [[] for _ in range(max(levels) + 1)]
    items = []
    for index, level in enumerate(levels):
        items.append(Item(index, level))
        rows[level].append(items[-1])
    edges = []
    for index, block in enumerate(part.blocks):
        for source in block.inputs:
            edges.append(_thread(entry if source < 0 else items[source], items[index], rows))
    _untangle(rows)
    for row in rows:
        _place(row, narrow)
    return Rows(tuple(tuple(row) for row in rows), tuple(edges), entry)


def _levels(part: Part) -> list[int]:
    """The row of each block: below all its inputs, and in the first row with room. The last block stands alone."""
    taken: dict[int, int] = {}
    levels: list[int] = []
    for block in part.blocks:
        level = max((levels[source] + 1 for source in block.inputs if source >= 0), default=0)
        while taken.get(level, 0) >= _CAPACITY:
            level += 1
        taken[level] = taken.get(level, 0) + 1
        levels.append(level)
    return levels


def _thread(source: Item, target: Item, rows: list[list[Item]]) -> tuple[Item, ...]:
    path = [source]
    for row in range(source.row + 1, target.row):
        lane = Item(None, row)
        rows[row].append(lane)
        path.append(lane)
    path.append(target)
    for upper, lower in pairwise(path):
        upper.below.append(lower)
        lower.above.append(upper)
    return tuple(path)


def _untangle(rows: Sequence[list[Item]]) -> None:
    """Orders each row by the mean place of its neighbours, down and up in turn (the barycentre heuristic)."""
    for row in rows:
        _number(row)
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            row.sort(key=lambda item: _barycentre(item, item.above if down else item.below))
            _number(row)
    for row in rows:
        row.sort(key=lambda item: (item.x, item.block is None))


def _number(row: Sequence[Item]) -> None:
    for place, item in enumerate(row):
        item.x = (place + 0.5) / len(row)


def _barycentre(item: Item, neighbours: Sequence[Item]) -> float:
    known = [other.x for other in neighbours if other.row >= 0]
    return sum(known) / len(known) if known else item.x


def _place(row: Sequence[Item], narrow: Sequence[bool]) -> None:
    wide = [item for item in row if item.block is not None and not narrow[item.block]]
    small = [item for item in row if item.block is not None and narrow[item.block]]
    lanes = len(row) - len(wide) - len(small)
    gap = _GAP if lanes < 8 else _GAP / 2
    free = WIDTH - 16.0 - gap * (len(row) - 1) - _LANE * lanes - _MERGE * len(small)
    for item in wide:
        item.width = min(_WIDEST, free / len(wide))
    for item in small:
        item.width = _MERGE
    total = sum(item.width for item in row) + gap * (len(row) - 1)
    left = (WIDTH - total) / 2 + _to_centre(row, gap, total)
    for item in row:
        item.x = left + item.width / 2
        left += item.width + gap


def _to_centre(row: Sequence[Item], gap: float, total: float) -> float:
    """How far a row with a single block moves so that the block, not block and lanes, is centred; 0 without room."""
    blocks = [place for place, item in enumerate(row) if item.block is not None]
    if len(blocks) != 1:
        return 0.0
    before = sum(item.width + gap for item in row[: blocks[0]])
    after = sum(item.width + gap for item in row[blocks[0] + 1 :])
    shift = (after - before) / 2
    return shift if total + 2 * abs(shift) <= WIDTH - 4.0 else 0.0
