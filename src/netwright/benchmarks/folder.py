"""The folder of a benchmark: every finished run, kept the moment it ends, so that nothing is run twice."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from netwright.benchmarks.plan import Plan
from netwright.benchmarks.run import Run
from netwright.errors import InputError

SCHEMA = "netwright.benchmark-runs/1"
FILE = "runs.jsonl"


@dataclass(frozen=True)
class Label:
    """Which run it is. settings: the strategy with all its settings, as text."""

    condition: str
    strategy: str
    settings: str
    seed: int


@contextmanager
def opened(directory: Path, plan: Plan) -> Iterator[Folder]:
    """The folder, new or with runs of the same plan, for one writer at a time. InputError for any other folder."""
    path = directory / FILE
    try:
        directory.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{directory} cannot be used ({error.strerror})", "name another folder with --out") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise InputError(f"another benchmark is writing to {directory}", "wait, or name another --out") from None
        yield Folder(file, path, plan)


class Folder:
    """runs: those that are kept, by label."""

    def __init__(self, file: TextIO, path: Path, plan: Plan) -> None:
        self._file = file
        self.runs: dict[Label, Run] = {}
        header = {"schema": SCHEMA, **plan.to_dict()}
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        if not lines:
            self._append(header)
            return
        if not lines[-1].endswith("\n"):
            file.truncate(sum(len(line.encode()) for line in lines[:-1]))
            lines.pop()
        try:
            self._check(json.loads(lines[0]) if lines else None, header, path)
            for line in lines[1:]:
                data = json.loads(line)
                self.runs[Label(**data["label"])] = Run.from_dict(data["run"])
        except (ValueError, TypeError, KeyError):
            raise InputError(f"{path} is damaged", "name another folder with --out, or remove that file") from None

    def keep(self, label: Label, run: Run) -> None:
        """Makes a run durable."""
        self._append({"label": vars(label), "run": run.to_dict()})
        self.runs[label] = run

    def _append(self, data: dict[str, Any]) -> None:
        self._file.write(json.dumps(data, separators=(",", ":")) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    @staticmethod
    def _check(found: Any, header: dict[str, Any], path: Path) -> None:
        if not isinstance(found, dict) or found.get("schema") != SCHEMA:
            raise InputError(f"{path} is no file of a benchmark", "name another folder with --out")
        for name, value in header.items():
            if found.get(name) != value:
                other = "another version of the table" if name == "digest" else f"{name} {found.get(name)!r}"
                raise InputError(f"{path.parent} holds runs with {other}", "name another folder with --out")
