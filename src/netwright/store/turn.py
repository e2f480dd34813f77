"""Writers of one machine queue up: whoever waits longest is next.

SQLite lets waiting processes try again and again, so that among many some wait for minutes while others write. Here
they wait in the kernel, for a lock (flock) on the folder that the file is in; it is free again when its holder dies.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # without it SQLite's own waiting must do
    fcntl = None  # type: ignore[assignment]


@contextmanager
def turn(folder: Path, seconds: float) -> Iterator[None]:
    """Waits for its turn among the writers in a folder, at most so long: SQLite's own lock is the one that counts."""
    file = _opened(folder)
    try:
        if file is not None:
            _wait(file, seconds)
        yield
    finally:
        if file is not None:
            os.close(file)


def _opened(folder: Path) -> int | None:
    """None where folders cannot be locked."""
    try:
        return None if fcntl is None else os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None


def _wait(file: int, seconds: float) -> None:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return
    except BlockingIOError:
        pass
    except OSError:
        return
    waiter = threading.Thread(target=_block, args=(os.dup(file),), daemon=True)
    waiter.start()
    waiter.join(seconds)


def _block(copy: int) -> None:
    """Takes the lock for every copy of the file; if nobody waits for it any more, this one's end gives it back."""
    try:
        fcntl.flock(copy, fcntl.LOCK_EX)
    except OSError:
        pass
    finally:
        os.close(copy)
