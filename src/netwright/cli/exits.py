"""How a command ends: 0 done, 1 failed, 2 usage or bad input, 130 interrupted, 143 terminated."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import typer
from typer.core import TyperGroup

from netwright.cli.printing import say
from netwright.errors import NetwrightError

INTERRUPTED = 130
TERMINATED = 143


class Terminated(BaseException):
    """The process was asked to end (SIGTERM). Not an Exception, so that nothing but the end catches it."""


class Commands(TyperGroup):
    """The group of all commands: turns the library's errors into a message and an exit code, never a traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            with terminable():
                return super().invoke(ctx)
        except NetwrightError as error:
            say(f"error: {error}", error=True)
            raise typer.Exit(error.exit_code) from None
        except KeyboardInterrupt:
            say("interrupted", error=True)
            raise typer.Exit(INTERRUPTED) from None
        except Terminated:
            say("terminated", error=True)
            raise typer.Exit(TERMINATED) from None


@contextmanager
def terminable() -> Iterator[None]:
    """Inside, SIGTERM raises Terminated, so that workers are ended and locks given back. Main thread only."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, _terminate)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated
