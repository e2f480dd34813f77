"""A file that one process adds to and another reads, on storage that both see: how a job on a node tells its driver.

Records are pickles of our own, each behind its length; one that is half there is read when it is whole.
"""

from __future__ import annotations

import os
import pickle
import struct
from pathlib import Path
from typing import Any

_LENGTH = struct.Struct("<Q")


class Spool:
    """One end of the file. Opened anew for each look and each record, so that network file systems show what is new."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._read = 0

    def write(self, record: object) -> None:
        content = pickle.dumps(record)
        with self.path.open("ab") as file:
            file.write(_LENGTH.pack(len(content)) + content)
            file.flush()
            os.fsync(file.fileno())

    def read(self) -> list[Any]:
        """The records since the last look; none where there is no file yet."""
        try:
            with self.path.open("rb") as file:
                file.seek(self._read)
                content = file.read()
        except FileNotFoundError:
            return []
        records, at = [], 0
        while at + _LENGTH.size <= len(content):
            (length,) = _LENGTH.unpack_from(content, at)
            end = at + _LENGTH.size + length
            if end > len(content):
                break
            records.append(pickle.loads(content[at + _LENGTH.size : end]))
            at = end
        self._read += at
        return records

    def mend(self) -> None:
        """Cuts off what a writer that died has left by halves, behind all that `read` has given."""
        if self.path.exists():
            os.truncate(self.path, self._read)
