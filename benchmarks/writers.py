"""Many processes write to one store at once: errors, trials a second, and how long one waits for a record.

    python benchmarks/writers.py --writers 64 --trials 100 --folder writers/
    python benchmarks/writers.py --writers 64 --trials 100 --folder writers/ --store 'postgresql://user@host/db?search=w'

Each writer proposes a trial, leases it, and records its end, two durable transactions a trial, as fast as it can. Exit
code 1 on any error, or when a trial is not there exactly once at the end.
"""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import traceback
from collections import Counter
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from netwright.store import open_store
from netwright.testing.stores import SPACE, measured, trial

LIMIT_S = 1800.0


def write(place: str, first: int, trials: int, ready: Barrier, results: Any) -> None:
    """One writer: its errors, and the seconds that each of its transactions took."""
    errors, waits = [], []
    drawn = [(trial(number), measured(number)) for number in range(first, first + trials)]
    with open_store(place) as store:
        store.get("settings")
        ready.wait()
        for pending, ended in drawn:
            try:
                began = time.perf_counter()
                with store.batch():
                    store.propose([pending])
                    token = store.start(pending.number, f"writer {first}", 600.0)
                middle = time.perf_counter()
                assert store.finish(ended, token)
                waits += [middle - began, time.perf_counter() - middle]
            except Exception:
                errors.append(traceback.format_exc(limit=2))
    results.put((errors, waits))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--writers", type=int, default=64)
    parser.add_argument("--trials", type=int, default=100, help="of each writer")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--store", default="")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    place = wanted.store or str(wanted.folder / "search.sqlite")
    with open_store(place, create=True) as store:
        store.add_space(SPACE)
        if store.last_number() >= 0:
            sys.exit(f"{place} holds trials already")
    context = multiprocessing.get_context("fork")
    ready, results = context.Barrier(wanted.writers + 1), context.Queue()
    each = [(place, number * wanted.trials, wanted.trials, ready, results) for number in range(wanted.writers)]
    processes = [context.Process(target=write, args=arguments) for arguments in each]
    for process in processes:
        process.start()
    ready.wait(LIMIT_S)
    began = time.perf_counter()
    found = [results.get(timeout=LIMIT_S) for _ in processes]
    took = time.perf_counter() - began
    for process in processes:
        process.join()
    errors = [error for some, _ in found for error in some]
    waits = sorted(wait for _, some in found for wait in some)
    total = wanted.writers * wanted.trials
    with open_store(place) as store:
        kinds = Counter(record.kind for record in store.log())
        whole = kinds == {"proposed": total, "completed": total} and store.count() == {"completed": total}
    print(
        f"{wanted.writers} writers, {total} trials: {len(errors)} errors, {total / took:.0f} trials/s; a transaction: "
        f"median {1e3 * waits[len(waits) // 2]:.0f} ms, 99 % {1e3 * waits[int(0.99 * len(waits))]:.0f} ms, worst "
        f"{1e3 * waits[-1]:.0f} ms; {'each there once' if whole else 'NOT each there once'}"
    )
    print(*errors[:3], sep="\n")
    return 0 if whole and not errors else 1


if __name__ == "__main__":
    raise SystemExit(main())
