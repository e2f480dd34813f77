"""How a running search is shown: a live screen, plain lines, JSON lines, or not at all."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from netwright.cli.heading import Heading
from netwright.cli.live import Screen
from netwright.cli.news import News, Reporter
from netwright.cli.printing import console, say, say_json
from netwright.insight.wording import seconds
from netwright.loop.progress import Observer, Snapshot

EVENT_SCHEMA = "netwright.event/1"

Tell = Callable[[Snapshot, News], None]


@contextmanager
def watching(heading: Heading, json: bool, quiet: bool) -> Iterator[Observer]:
    """The observer to hand to the search, ready while inside.

    json: objects on standard output, and the lines for people on standard error; quiet: no lines and no screen.
    """
    if sys.stdout.isatty() and not (json or quiet):
        with Screen(heading, console()) as screen:
            yield screen
        return
    objects: list[Tell] = [tell_json] if json else []
    lines: list[Tell] = [] if quiet else [partial(tell_line, error=json)]
    yield telling(heading, objects + lines)


def telling(heading: Heading, tellers: Sequence[Tell]) -> Observer:
    """The observer that gives every teller each piece of news once."""
    reporter = Reporter(heading)

    def observe(snapshot: Snapshot) -> None:
        for news in reporter.news(snapshot):
            for tell in tellers:
                tell(snapshot, news)

    return observe


def tell_line(snapshot: Snapshot, news: News, error: bool = False) -> None:
    say(f"[{seconds(snapshot.elapsed):>10}] {news.text}", error=error)


def tell_json(snapshot: Snapshot, news: News) -> None:
    about = {"schema": EVENT_SCHEMA, "event": news.event, "elapsed": round(snapshot.elapsed, 3)}
    say_json({**about, **news.data})
