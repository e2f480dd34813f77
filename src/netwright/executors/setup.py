"""What a worker is told first: where its task is, and where its driver finds modules."""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from netwright.executors.evaluate import Load
from netwright.executors.script import Script


@dataclass(frozen=True)
class Setup:
    """Plain data of a driver's for its workers.

    load: the pickled function that makes the task; task_directory: absolute, from this folder; script: the driver's
    main module; path: where the driver finds modules; threads: that the numerical libraries may use.
    """

    load: bytes
    task_directory: str
    script: Script
    path: tuple[str, ...]
    threads: int = 1

    @classmethod
    def here(cls, load: Load, task_directory: Path, threads: int = 1) -> Setup:
        """For workers of this process."""
        directory = str(Path(task_directory).absolute())
        return cls(pickle.dumps(load), directory, Script.current(), search_path(), threads)

    def there(self, task_directory: str) -> Setup:
        """For a worker that this process starts on another machine than the driver's: modules are found as this
        machine finds them, and in the driver's folders, where they are here as well."""
        own = search_path()
        others = tuple(entry for entry in self.path if entry not in own and os.path.exists(entry))
        return replace(self, task_directory=task_directory, path=own + others)


def search_path() -> tuple[str, ...]:
    """Where this process finds modules."""
    return tuple(entry or os.getcwd() for entry in sys.path)
