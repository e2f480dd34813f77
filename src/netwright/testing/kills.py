"""`kill -9` at a random moment, resume, and see that nothing finished was lost or counted twice.

python -m netwright.testing.kills DIRECTORY        one small search on scikit-learn digits, or its resumption
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

import psutil

from netwright.loop.search import STORE
from netwright.store import open_store
from netwright.trial import Trial

TRIALS = 6
Victim = Literal["driver", "worker"]


def start(directory: Path) -> subprocess.Popen[bytes]:
    """A driver process that begins the search in `directory`, or goes on with it."""
    with _log(directory).open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "netwright.testing.kills", str(directory)],
            stdout=log,
            stderr=log,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )


def _log(directory: Path) -> Path:
    return directory.with_suffix(".log")


def kill(driver: subprocess.Popen[bytes], victim: Victim, draw: random.Random, directory: Path, most_s: float) -> bool:
    """Kills the driver, or one of its workers, once the search has begun and a random while has passed.

    False when the search had ended before.
    """
    while not (directory / STORE).exists() and driver.poll() is None:
        time.sleep(0.02)
    moment = time.monotonic() + draw.uniform(0, most_s)
    while time.monotonic() < moment and driver.poll() is None:
        time.sleep(0.01)
    if driver.poll() is not None:
        return False
    if victim == "driver":
        driver.kill()
        driver.wait()
        return True
    while driver.poll() is None:
        for process in draw.sample(workers := _workers(driver.pid), len(workers)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGKILL)
                return True
        time.sleep(0.02)
    return False


def _workers(driver: int) -> list[psutil.Process]:
    try:
        return [child for child in psutil.Process(driver).children(recursive=True) if _works(child)]
    except psutil.NoSuchProcess:
        return []


def _works(process: psutil.Process) -> bool:
    try:
        return any("worker" in word for word in process.cmdline())
    except psutil.NoSuchProcess:  # or it has ended, and nobody has asked how
        return False


def finished(directory: Path) -> dict[int, Trial]:
    """The trials that the store has acknowledged as completed or failed."""
    with open_store(directory / STORE) as store:
        return {trial.number: trial for trial in store.trials() if trial.status in ("completed", "failed")}


def check(directory: Path, before: dict[int, Trial]) -> None:
    """Raises AssertionError when something that was finished is lost or changed, or anything was counted twice."""
    after = finished(directory)
    for number, trial in before.items():
        assert after.get(number) == trial, f"trial {number} was finished and is now {after.get(number)}"
    with open_store(directory / STORE) as store:
        ends = Counter(record.trial.number for record in store.log() if record.trial.status != "pending")
        numbers = [trial.number for trial in store.trials()]
        statuses = store.count()
    assert set(ends.values()) <= {1}, f"counted twice: {[number for number, times in ends.items() if times > 1]}"
    assert numbers == list(range(len(numbers))), f"numbers are not consecutive: {numbers}"
    assert statuses.get("pending", 0) == statuses.get("running", 0) == 0, f"left behind: {statuses}"
    searched = [trial for trial in after.values() if trial.phase == "search"]
    assert len(searched) == TRIALS, f"{len(searched)} search trials, not {TRIALS}"
    assert (directory / "report.html").exists(), "the search delivered nothing"


def ordeal(
    directory: Path, victims: Sequence[Victim], seed: int, most_s: float = 8.0, patience_s: float = 300.0
) -> int:
    """One search, in which the victims are killed one after the other at random moments, resumption to the end, and the
    check. How many were struck before it ended."""
    driver, draw, struck = start(directory), random.Random(seed), 0
    before: dict[int, Trial] = {}
    for victim in victims:
        struck += kill(driver, victim, draw, directory, most_s)
        before |= finished(directory) if (directory / STORE).exists() else {}
        if driver.poll() == -signal.SIGKILL:
            driver = start(directory)
    driver.wait(patience_s)
    while driver.returncode != 0:
        assert driver.returncode == -signal.SIGKILL, _log(directory).read_text()[-2000:]
        driver = start(directory)
        driver.wait(patience_s)
    check(directory, before)
    return struck


def _drive(directory: Path) -> None:
    from netwright import resume, search
    from netwright.space import Space, chain, choice, op

    if (directory / STORE).exists():
        resume(directory)
        return
    space = Space(chain(op("conv", kernel=choice(1, 3), channels=choice(4, 6, 8, 12), stride=2), op("head")), "small")
    search("digits", space=space, budget=f"{TRIALS}trials", recipe={"epochs": 1}, workers=2, out=directory)


if __name__ == "__main__":
    _drive(Path(sys.argv[1]))
