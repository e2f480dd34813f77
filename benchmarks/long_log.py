"""How a store and a driver bear a long log: opening, pages of the newest and best, asks, resumption, memory.

    python benchmarks/long_log.py --trials 1000000 --folder long/
    python benchmarks/long_log.py --trials 1000000 --folder long/ --store 'postgresql://user@host/db?search=long'

Fills a store with a search of that many finished trials (rows written in bulk, as `propose` and `finish` leave them),
then measures each thing in a process of its own. Prints a line a figure.
"""

from __future__ import annotations

import argparse
import hashlib
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import insert

from netwright import strategies
from netwright.errors import NetwrightError
from netwright.evaluation.base import Context
from netwright.executors import Inline
from netwright.loop.loop import Loop
from netwright.loop.phase import Running
from netwright.objectives import Objective, Objectives
from netwright.space import Architecture, Space, chain, choice, op
from netwright.store import Store, open_store
from netwright.store.keys import twin_of
from netwright.store.plain import checksum, encode
from netwright.store.record import ended, proposed
from netwright.store.schema import RECORDS, TRIALS
from netwright.trial import Cost, Measurement, Proposal, Trial

SPACE = Space(
    chain(*(op("conv", kernel=choice(1, 3, 5, 7), channels=choice(8, 16, 24, 32)) for _ in range(8)), op("head")),
    "long",
)
OBJECTIVES = Objectives((Objective("accuracy"), Objective("params")))
PAGE, FURTHER, ROWS = 100, 200, 5_000
"""Trials a page; trials that a resumed search goes on for; rows written at once."""


class Drawn:
    """Measures by drawing, in no time."""

    def evaluate(self, proposal: Proposal, task: Any, context: Context) -> Measurement:
        return measured(np.random.default_rng(context.seed))


def measured(rng: np.random.Generator) -> Measurement:
    metrics = {"accuracy": float(rng.random()), "params": float(rng.integers(1000, 10**6)), "flops": 1e6, "loss": 0.3}
    curve = tuple({"epoch": float(epoch), "loss": 1.0 / epoch, "accuracy": 0.5} for epoch in (1, 2, 3))
    return Measurement(metrics, curve=curve, cost=Cost(1.5, 1.4))


def fill(store: Store, trials: int) -> None:
    """Adds finished trials up to that number, as `propose` and `finish` leave them, many rows at a time."""
    store.add_space(SPACE)
    store.judge_by(OBJECTIVES)
    first, rng = store.last_number() + 1, np.random.default_rng(0)
    for start in range(first, trials, ROWS):
        pairs = [_finished(number, rng) for number in range(start, min(start + ROWS, trials))]
        with store.database.write() as connection:
            connection.execute(insert(RECORDS), [record for records, _ in pairs for record in records])
            connection.execute(insert(TRIALS), [row for _, row in pairs])


def _finished(number: int, rng: np.random.Generator) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The two records and the row of a finished trial."""
    pending = Trial(number, Proposal(_drawn(rng), origin="random"))
    done, seq = pending.begin(1.0).complete(measured(rng), 2.0), 2 * number + 1
    payloads = (("proposed", encode(proposed(pending))), ("completed", encode(ended(done, "driver", 1.0))))
    records = [
        {"kind": kind, "payload": text, "crc": checksum(text), "seq": seq + place, "trial": number, "time": time.time()}
        for place, (kind, text) in enumerate(payloads)
    ]
    row = {"number": number, "phase": "search", "status": "completed", "proposed": seq, "outcome": seq + 1}
    loss = OBJECTIVES.losses(done)[0]
    return records, row | {"worker": "driver", "token": 1, "twin": twin_of(done), "violation": 0.0, "loss": float(loss)}


def _drawn(rng: np.random.Generator) -> Architecture:
    """A network whose key is that of its decisions rather than of its graph, which would take long to make."""
    options = rng.integers(4, size=16).tolist()
    choices = {f"{place // 2}/{('kernel', 'channels')[place % 2]}": option for place, option in enumerate(options)}
    return Architecture(SPACE, choices, hashlib.sha256(bytes(options)).hexdigest())


def timed(what: str, call: Callable[[], Any], times: int = 20) -> None:
    """Prints the median and the worst of some calls."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        took.append(1e3 * (time.perf_counter() - began))
    print(f"{what}: median {statistics.median(took):.1f} ms, worst {max(took):.1f} ms", flush=True)


def pages(place: str) -> None:
    began = time.perf_counter()
    with open_store(place) as store:
        print(f"open: {time.perf_counter() - began:.2f} s", flush=True)
        middle = store.last_number() // 2
        timed("page of the newest", lambda: store.newest(PAGE))
        timed("page of the newest, from the middle", lambda: store.newest(PAGE, before=middle, phase="search"))
        timed("page of the best", lambda: store.best("search", PAGE))
        timed("page of the best, a later one", lambda: store.best("search", PAGE, after=middle))
        timed("front", lambda: store.front("search"))
        timed("counts by status", store.count, 3)


def resume(place: str, folder: Path, method: str) -> None:
    """Resumes as a driver does, goes on for some trials, and leaves a frozen state."""
    with open_store(place) as store, Inline(folder, folder, load=lambda _: None) as executor:  # type: ignore
        most = store.last_number() + 1 + FURTHER
        phase = Running("search", strategies.get(method), Drawn(), SPACE, OBJECTIVES, seed=0, most=most)
        asks: list[float] = []
        ask = phase.ask

        def asked() -> Proposal | None:
            began = time.perf_counter()
            found = ask()
            asks.append(1e3 * (time.perf_counter() - began))
            return found

        phase.ask = asked  # type: ignore[method-assign]
        frozen, began = store.frozen("search"), time.perf_counter()
        loop = Loop(
            store, executor, folder, time.monotonic, seed=0, observe=lambda _: marks.append(time.perf_counter())
        )
        marks: list[float] = []
        loop.run(phase)
        told = 2 * (most - FURTHER) - (frozen[0] if frozen else 0)
        overhead = 1e3 * (marks[-1] - marks[0]) / (len(marks) - 1)
        asks.sort()
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{method}: resumed in {marks[0] - began:.1f} s ({told:,} records told); ask: median "
            f"{statistics.median(asks):.1f} ms, 99 % {asks[int(0.99 * len(asks))]:.1f} ms; a trial: {overhead:.1f} ms; "
            f"memory: {memory:.0f} MiB",
            flush=True,
        )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--trials", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--store", default="")
    parser.add_argument("--method", nargs="*", default=["random", "regularized-evolution"])
    parser.add_argument("--part", choices=["fill", "pages", "resume"])
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    place = wanted.store or str(wanted.folder / "search.sqlite")
    if wanted.part == "fill":
        with open_store(place, create=True) as store:
            fill(store, wanted.trials)
    elif wanted.part == "pages":
        pages(place)
    elif wanted.part == "resume":
        resume(place, wanted.folder, wanted.method[0])
    else:
        return _all(wanted.trials)
    return 0


def _all(trials: int) -> int:
    """Each part in a process of its own, so that its memory is its own. A method first finds all but a twentieth of the
    log and no frozen state, as if it had never been run before, and then all of it and the state that it left: a search
    freezes its state whenever the log has grown by a twentieth."""
    methods = _given("--method") or ["random", "regularized-evolution"]
    for method in methods:
        _part("fill", "--trials", str(int(0.95 * trials)))
        _part("resume", "--method", method)
        _part("fill", "--trials", str(trials))
        if method == methods[0]:
            _part("pages")
        _part("resume", "--method", method)
        trials += 1000
    return 0


def _given(option: str) -> list[str]:
    words = sys.argv[sys.argv.index(option) + 1 :] if option in sys.argv else []
    return [word for word in words if not word.startswith("--")]


def _part(name: str, *words: str) -> None:
    kept = sys.argv[1:]
    began = time.perf_counter()
    if subprocess.run([sys.executable, __file__, *kept, "--part", name, *words]).returncode:
        raise NetwrightError(f"{name} failed")
    if name == "fill":
        print(f"filled in {time.perf_counter() - began:.0f} s", flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
