"""The driver's side of the keeper, which kills the workers when the driver dies."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from pathlib import Path

_KEEPER = Path(__file__).with_name("keeper.py")


class Care:
    """Process groups that must not outlive this process, or this object's `end`."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(_KEEPER)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._process.wait()  # what goes on is its child

    def take(self, group: int) -> None:
        self._tell(f"+{group}\n")

    def release(self, group: int) -> None:
        self._tell(f"-{group}\n")

    def end(self) -> None:
        """Kills what is left in its care."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        with self._process.stdout as until_it_ends:
            until_it_ends.read()

    def _tell(self, line: str) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.write(line.encode())
            self._process.stdin.flush()
