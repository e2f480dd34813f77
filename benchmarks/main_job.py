"""The main job over several seeds: the network found against random search and hand-designed networks, same budget.

    python benchmarks/main_job.py fashion-mnist --budget 10m --constraint "params<300k" --seeds 3 --out runs/main-job

Prints a row a seed and the mean differences with their 95 % intervals (t over seeds); each search leaves its report.
Seeds that the folder already holds are read, not run again.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from statistics import fmean
from typing import Any

from interval import interval

import netwright
from netwright.loop.settings import DEFAULT_METHOD


def summary(seed: int, wanted: argparse.Namespace) -> dict[str, Any]:
    folder = Path(wanted.out) / f"seed-{seed}"
    if not (folder / "summary.json").exists():
        netwright.search(
            wanted.data,
            budget=wanted.budget,
            method=wanted.method,
            constraints=wanted.constraint,
            workers=wanted.workers,
            seed=seed,
            out=folder,
        )
    found: dict[str, Any] = json.loads((folder / "summary.json").read_text())
    return found


def accuracy(contender: dict[str, Any]) -> float:
    return 100 * float(contender["test"]["accuracy"])


def told(name: str, differences: list[float]) -> str:
    mean = fmean(differences)
    if len(differences) < 2:
        return f"{name}: {mean:+.2f} points"
    low, high = interval(differences)
    return f"{name}: {mean:+.2f} points (95 % interval {low:+.2f} to {high:+.2f}, {len(differences)} seeds)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--budget", default="10m")
    parser.add_argument("--method", default=DEFAULT_METHOD)
    parser.add_argument("--constraint", action="append", default=[])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first", type=int, default=0, metavar="SEED")
    parser.add_argument("--out", default="runs/main-job")
    wanted = parser.parse_args()
    rows = []
    for seed in range(wanted.first, wanted.first + wanted.seeds):
        found = summary(seed, wanted)
        strongest = max(found["baselines"], key=accuracy)
        rows.append((accuracy(found["best"]), accuracy(found["control"]), accuracy(strongest)))
        ledger = found["ledger"]
        print(
            f"seed {seed}: found {rows[-1][0]:.2f} % ({found['best']['params']:,} parameters), "
            f"random search {rows[-1][1]:.2f} %, {strongest['name']} {rows[-1][2]:.2f} %; "
            f"outside training {ledger['overhead_s'] / ledger['wall_s']:.1%} of {ledger['wall_s']:.0f} s",
            flush=True,
        )
    print(f"found: {fmean(row[0] for row in rows):.2f} % on average")
    print(told("against random search", [row[0] - row[1] for row in rows]))
    print(told("against the strongest hand-designed network", [row[0] - row[2] for row in rows]))


if __name__ == "__main__":
    main()
