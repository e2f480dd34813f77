"""The progress of a benchmark: one live line on a terminal, elsewhere a line now and then."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from netwright.benchmarks.harness import Progress
from netwright.cli.printing import console, printable, say
from netwright.insight.wording import seconds

EVERY_S = 10.0
"""Seconds between two lines where there is no terminal."""
Observer = Callable[[Progress], None]


@contextmanager
def watching(quiet: bool) -> Iterator[Observer]:
    """The observer to hand to the harness, ready while inside. All of it goes to standard error."""
    if quiet:
        yield lambda progress: None
    elif sys.stderr.isatty():
        with Live(Text("starting", style="dim"), console=console(error=True), transient=True) as live:
            yield lambda progress: live.update(picture(progress))
    else:
        yield _Lines()


def picture(progress: Progress) -> Table:
    """A bar and the words on one line."""
    row = Table.grid(padding=(0, 1))
    row.add_row(
        ProgressBar(total=max(1, progress.total), completed=progress.done, width=30),
        Text(words(progress), no_wrap=True, overflow="ellipsis"),
    )
    return row


def words(progress: Progress) -> str:
    """What there is to say.

    >>> words(Progress(3, 10))
    '3 of 10 runs'
    """
    parts = [f"{progress.done} of {progress.total} runs"]
    if progress.seconds_left is not None:
        parts.append(f"{seconds(progress.seconds_left)} left")
    if progress.label is not None:
        parts.append(f"{progress.label.strategy}, seed {progress.label.seed}, {progress.label.condition}")
    if progress.failure:
        parts.append(f"failed: {progress.failure}")
    return printable(", ".join(parts))


class _Lines:
    """The first, the last, each failure, and one every ten seconds."""

    def __init__(self) -> None:
        self._next = 0.0

    def __call__(self, progress: Progress) -> None:
        if progress.failure or progress.done == progress.total or time.monotonic() >= self._next:
            self._next = time.monotonic() + EVERY_S
            say(words(progress), error=True)
