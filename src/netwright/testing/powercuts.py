"""Power cuts on a SQLite store: everything that a writer does to its files is written down, and then the files are made
as a power cut at any moment might have left them: what was not synced yet is there, or not, or in part.

python -m netwright.testing.powercuts FOLDER        a writer: acknowledges each trial by a line in FOLDER/acknowledged
"""

from __future__ import annotations

import os
import random
import sqlite3
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from netwright.store import FILE, open_store
from netwright.testing.stores import SPACE, measured, trial

RECORDER = Path(__file__).with_name("powercut.c")
ACKNOWLEDGED = "acknowledged"
SECTOR = 512
"""Bytes that a disk writes all or not at all."""
_HEAD = struct.Struct("<cqqq")


@dataclass(frozen=True)
class Deed:
    """kind: w write, t truncate to `offset`, s sync, u unlink."""

    kind: str
    name: str
    offset: int
    data: bytes


@dataclass
class _File:
    """What of a file is on the disk for sure, and what has been done to it since."""

    synced: bytearray = field(default_factory=bytearray)
    since: list[Deed] = field(default_factory=list)

    def sync(self) -> None:
        for deed in self.since:
            _apply(self.synced, deed)
        self.since = []

    def after_cut(self, rng: random.Random) -> bytes:
        """Each deed since the last sync got to the disk or not, in any order; writes also in part."""
        content = bytearray(self.synced)
        for deed in self.since:
            for part in _torn(deed, rng):
                _apply(content, part)
        return bytes(content)


def compile_recorder(folder: Path) -> Path:
    """The recorder as a library. Raises FileNotFoundError where there is no C compiler."""
    library = folder / "powercut.so"
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, RECORDER, "-ldl", "-lpthread"], check=True)
    return library


def record(folder: Path, trials: int) -> list[Deed]:
    """Lets a writer make a store of so many trials in `folder`; everything that it did to files."""
    library, place, log = compile_recorder(folder), folder / "store", folder / "deeds"
    place.mkdir()
    environment = os.environ | {"LD_PRELOAD": str(library), "POWERCUT_FOLDER": str(place), "POWERCUT_LOG": str(log)}
    environment["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
    command = [sys.executable, "-m", "netwright.testing.powercuts", str(place), str(trials)]
    subprocess.run(command, env=environment, check=True)
    return list(_read(log.read_bytes()))


def cut(deeds: list[Deed], moment: int, folder: Path, rng: random.Random) -> list[int]:
    """Leaves in `folder` what a power cut after `moment` deeds might; the trials that were acknowledged by then."""
    files: dict[str, _File] = {}
    lines = b""
    for deed in deeds[:moment]:
        if deed.name == ACKNOWLEDGED:
            lines += deed.data
        elif deed.kind == "s":
            files.setdefault(deed.name, _File()).sync()
        elif deed.kind == "u":
            files.pop(deed.name, None)
        else:
            files.setdefault(deed.name, _File()).since.append(deed)
    for name, file in files.items():
        if not name.endswith("-shm"):  # shared memory is not kept
            (folder / name).write_bytes(file.after_cut(rng))
    return [int(line) for line in lines.split()]


def check(folder: Path, acknowledged: list[int]) -> None:
    """Raises AssertionError unless the store is sound, holds what was acknowledged, and can be gone on with."""
    path = folder / FILE
    if not acknowledged and not path.exists():
        return
    with open_store(path, create=not acknowledged) as store:
        kept = {one.number: one for one in store.trials(status="completed")}
        log = list(store.log())
        missing = [number for number in acknowledged if number not in kept]
        assert not missing, f"acknowledged and lost: {missing}"
        assert all(kept[number].measurement == measured(number).measurement for number in kept)
        assert [one.seq for one in log] == list(range(1, len(log) + 1)), "the log has gaps"
        store.add_space(SPACE)
        following = store.last_number() + 1
        store.propose([trial(following)])
        assert store.finish(measured(following), store.start(following, "worker", 60.0))
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def moments(deeds: list[Deed], count: int, rng: random.Random) -> list[int]:
    """Moments to cut at: random ones, and every second one next to an acknowledgement or a sync."""
    ends = [place for place, deed in enumerate(deeds, 1) if deed.kind == "s" or deed.name == ACKNOWLEDGED]
    return [rng.choice(ends) if place % 2 else rng.randrange(1, len(deeds) + 1) for place in range(count)]


def _read(log: bytes) -> Iterator[Deed]:
    at = 0
    while at < len(log):
        kind, name, offset, data = _HEAD.unpack_from(log, at)
        at += _HEAD.size
        yield Deed(kind.decode(), log[at : at + name].decode(), offset, log[at + name : at + name + data])
        at += name + data


def _apply(content: bytearray, deed: Deed) -> None:
    end = deed.offset + len(deed.data)
    if len(content) < end or deed.kind == "t":
        content.extend(bytes(max(0, end - len(content))))
    if deed.kind == "t":
        del content[deed.offset :]
    else:
        content[deed.offset : end] = deed.data


def _torn(deed: Deed, rng: random.Random) -> list[Deed]:
    """What of a deed got to the disk: all, nothing, or some of its sectors."""
    fate = rng.random()
    if fate < 0.4:
        return [deed]
    if fate < 0.7 or deed.kind == "t":
        return []
    sectors = [deed.data[at : at + SECTOR] for at in range(0, len(deed.data), SECTOR)]
    return [
        Deed("w", deed.name, deed.offset + place * SECTOR, sector)
        for place, sector in enumerate(sectors)
        if rng.random() < 0.5
    ]


def _write(folder: Path, trials: int) -> None:
    """Writes trials; durable and other writes by turns, and large ones, so that the log is moved into the file."""
    with open_store(folder / FILE, create=True) as store, (folder / ACKNOWLEDGED).open("wb", buffering=0) as told:
        store.add_space(SPACE)
        for number in range(trials):
            with store.batch():
                store.propose([trial(number)])
                token = store.start(number, "writer", 60.0)
            store.progress(number, {"epoch": 1, "text": "x" * 3000})
            store.renew(number, token, 60.0)
            store.finish(measured(number), token)
            told.write(f"{number}\n".encode())


if __name__ == "__main__":
    _write(Path(sys.argv[1]), int(sys.argv[2]))
