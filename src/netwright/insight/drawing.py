"""A network as a readable SVG: one block an operation, rows from input to output, repeats folded.

The drawing is 340 units wide, so that it can be read at full size on a phone; it grows downwards.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from netwright.insight.labels import family, label, parts
from netwright.insight.layout import WIDTH, Item, Rows, arrange
from netwright.insight.sketch import Block, Run, sketch
from netwright.insight.style import SVG_STYLE
from netwright.insight.wording import TIMES, count
from netwright.operations import Signature
from netwright.space import OpGraph

_ROW_GAP = 24.0
_LINE = 14.5
_BADGE = 30.0
_FRAME_GAP = 26.0
_SMALL = frozenset({"sum", "concat"})


def draw(
    graph: OpGraph, signature: Signature | None = None, *, title: str = "Network", standalone: bool = False
) -> str:
    """The SVG text of a network.

    signature: of its task, for the shape and parameters of each block (left out without it, or when an operation's
    are not known); title: read out by screen readers; standalone: carries its own colours, for a file of its own
    (inside the report the page has them).
    """
    canvas = _Canvas()
    for run in sketch(graph, signature):
        _draw_run(canvas, run)
    height = canvas.y + 6
    style = f"<style>{SVG_STYLE}</style>" if standalone else ""
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="nw-net" role="img" viewBox="0 0 {WIDTH:g} {height:g}" '
        f'width="{WIDTH:g}" height="{height:g}" aria-label="{escape(title)}">{style}'
    )
    return "".join([head, *canvas.frames, *canvas.edges, *canvas.blocks, "</svg>"])


@dataclass(slots=True)
class _Canvas:
    """What has been drawn so far, in layers, and how far down it reaches."""

    y: float = 6.0
    frames: list[str] = field(default_factory=list)
    edges: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Caption:
    """The text of a block, wrapped to its width. small: little room around it."""

    title: tuple[str, ...]
    details: tuple[str, ...]
    footer: tuple[str, ...]
    small: bool = False

    @property
    def padding(self) -> float:
        return 3.0 if self.small else 6.5

    @property
    def height(self) -> float:
        return 2 * self.padding + _LINE * (len(self.title) + len(self.details) + len(self.footer))


def _draw_run(canvas: _Canvas, run: Run) -> None:
    """Draws a run once: a repeated block gets a badge, a longer repeat a frame that says how often it occurs."""
    single = len(run.parts) == 1 and len(run.parts[0].blocks) == 1
    framed = run.times > 1 and not single
    top = canvas.y + _FRAME_GAP
    if framed:
        canvas.edges.append(f'<path class="e" d="M{WIDTH / 2:g} {canvas.y:.1f}V{top:.1f}"/>')
        canvas.y = top
    for part in run.parts:
        rows = arrange(part, [block.op in _SMALL for block in part.blocks])
        _draw_part(canvas, part.blocks, rows, run if single else None)
    if framed:
        canvas.y += 9.0
        canvas.frames.append(_frame(top, canvas.y, run))


def _draw_part(canvas: _Canvas, blocks: Sequence[Block], rows: Rows, run: Run | None) -> None:
    placed: dict[int, tuple[float, float]] = {id(rows.entry): (canvas.y, canvas.y)}
    for row in rows.rows:
        top = canvas.y + (_ROW_GAP if canvas.blocks else 0.0)
        captions = {id(item): _caption(blocks[item.block], item, run) for item in row if item.block is not None}
        height = max(caption.height for caption in captions.values())
        for item in row:
            own = captions[id(item)].height if item.block is not None else height
            y = top + (height - own) / 2
            placed[id(item)] = (y, y + own)
            if item.block is not None:
                canvas.blocks.append(_block(blocks[item.block], item, y, captions[id(item)], run))
        canvas.y = top + height
    canvas.edges.extend(_edges(rows, placed))


def _caption(block: Block, item: Item, run: Run | None) -> _Caption:
    if block.op in _SMALL:
        return _Caption((label(block.op, block.attrs),), (), (), small=True)
    room = item.width - 14.0 - (_BADGE if run is not None and run.times > 1 else 0.0)
    title, details = parts(block.op, block.attrs, block.dims)
    params = run.params if run is not None else block.params
    sizes = [TIMES.join(str(size) for size in block.shape)] if block.shape else []
    if params:
        sizes.append(count(params) + (" in all" if run is not None and run.times > 1 else ""))
    joined = " · ".join(sizes)
    footer = (joined,) if len(joined) * 5.6 <= room else tuple(sizes)
    return _Caption(_wrap(title, room, 7.1), _wrap(", ".join(details), room, 5.9), footer if joined else ())


def _wrap(text: str, room: float, width: float, lines: int = 3) -> tuple[str, ...]:
    """Lines that fit the room at a mean character width; what does not fit in the last line ends in an ellipsis."""
    size = max(4, int(room / width))
    wrapped = textwrap.wrap(text, size, break_long_words=True, max_lines=lines, placeholder="\N{HORIZONTAL ELLIPSIS}")
    return tuple(wrapped)


def _block(block: Block, item: Item, y: float, caption: _Caption, run: Run | None) -> str:
    """One block at its place; the whole label is its hover title."""
    x, width, height = item.x - item.width / 2, item.width, caption.height
    radius = height / 2 if block.op in _SMALL or block.op == "input" else 6.0
    box = f'x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{radius:.1f}"'
    badge = _BADGE if run is not None and run.times > 1 else 0.0
    middle = y + height / 2 + 4.5
    pieces = [
        f'<g class="c-{family(block.op)}"><title>{escape(label(block.op, block.attrs, block.dims))}</title>',
        f'<rect class="card" {box}/><rect class="b" {box}/>',
    ]
    if badge and run is not None:
        pieces.append(f'<text class="n" x="{x + width - 22:.1f}" y="{middle:.1f}">{TIMES}{run.times}</text>')
    lines = [("t", line) for line in caption.title] + [("", line) for line in caption.details]
    lines += [("s", line) for line in caption.footer]
    baseline = y + caption.padding + 11.0
    for kind, line in lines:
        pieces.append(f'<text class="{kind}" x="{item.x - badge / 2:.1f}" y="{baseline:.1f}">{escape(line)}</text>')
        baseline += _LINE
    return "".join([*pieces, "</g>"])


def _edges(rows: Rows, placed: dict[int, tuple[float, float]]) -> list[str]:
    """The edges of a part as curves; where several enter a block, each has its own place on the block's top."""
    arriving: dict[int, list[tuple[Item, ...]]] = {}
    for edge in rows.edges:
        arriving.setdefault(id(edge[-1]), []).append(edge)
    drawn = []
    for edges in arriving.values():
        edges.sort(key=lambda edge: edge[-2].x)
        step = min(14.0, edges[0][-1].width * 0.7 / len(edges))
        for place, edge in enumerate(edges):
            offset = (place - (len(edges) - 1) / 2) * step
            drawn.append(_curve(edge, placed, offset))
    return drawn


def _curve(edge: tuple[Item, ...], placed: dict[int, tuple[float, float]], offset: float) -> str:
    x, y = edge[0].x, placed[id(edge[0])][1]
    path = [f"M{x:.1f} {y:.1f}"]
    for item in edge[1:]:
        top, bottom = placed[id(item)]
        last = item is edge[-1]
        to_x, to_y = (item.x + offset, top - 5.0) if last else (item.x, top)
        bend = (to_y - y) * 0.55
        path.append(f"C{x:.1f} {y + bend:.1f} {to_x:.1f} {to_y - bend:.1f} {to_x:.1f} {to_y:.1f}")
        if not last:
            path.append(f"V{bottom:.1f}")
        x, y = to_x, to_y if last else bottom
    kind = "e skip" if len(edge) > 2 else "e"
    head = f'<path class="a" d="M{x - 3.6:.1f} {y - 1:.1f}h7.2l-3.6 6z"/>'
    return f'<path class="{kind}" d="{"".join(path)}"/>{head}'


def _frame(top: float, bottom: float, run: Run) -> str:
    known = f" · {count(run.params)} params" if run.params else ""
    return (
        f'<rect class="f" x="1" y="{top:.1f}" width="{WIDTH - 2:g}" height="{bottom - top:.1f}" rx="9"/>'
        f'<text class="fl" x="4" y="{top - 6:.1f}">{TIMES}{run.times}{known}</text>'
    )
