"""How a running search is shown: a live screen, plain lines, JSON lines, or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from netwright.cli.heading import Heading
from netwright.cli.live import Screen
from netwright.cli.news import Reporter
from netwright.cli.printing import console, say, say_json
from netwright.insight.wording import seconds
from netwright.progress import Observer, Snapshot

Style = Literal["people", "json", "quiet", "json quiet"]
EVENT_SCHEMA = "netwright.event/1"


def style_of(json: bool, quiet: bool) -> Style:
    if json:
        return "json quiet" if quiet else "json"
    return "quiet" if quiet else "people"


@contextmanager
def watching(heading: Heading, style: Style) -> Iterator[Observer]:
    """The observer to hand to the search, ready while inside."""
    if style == "people" and sys.stdout.isatty():
        with Screen(heading, console()) as screen:
            yield screen
        return
    yield _told(heading, _TELL[style])


_Tell = Callable[[Snapshot, str, str, dict[str, object]], None]


def _told(heading: Heading, tell: _Tell) -> Observer:
    reporter = Reporter(heading)

    def observe(snapshot: Snapshot) -> None:
        for news in reporter.news(snapshot):
            tell(snapshot, news.event, news.text, dict(news.data))

    return observe


def _line(snapshot: Snapshot, text: str, error: bool) -> None:
    say(f"[{seconds(snapshot.elapsed):>10}] {text}", error=error)


def _object(snapshot: Snapshot, event: str, data: dict[str, object]) -> None:
    say_json({"schema": EVENT_SCHEMA, "event": event, "elapsed": round(snapshot.elapsed, 3), **data})


def _both(snapshot: Snapshot, event: str, text: str, data: dict[str, object]) -> None:
    _object(snapshot, event, data)
    _line(snapshot, text, error=True)


_TELL: dict[Style, _Tell] = {
    "people": lambda snapshot, event, text, data: _line(snapshot, text, error=False),
    "json": _both,
    "quiet": lambda snapshot, event, text, data: None,
    "json quiet": lambda snapshot, event, text, data: _object(snapshot, event, data),
}
