"""Trains every network of the table `digits`, and writes the table that netwright ships.

    OMP_NUM_THREADS=1 python benchmarks/make_digits_table.py --work build/digits --out digits.csv.gz

Each of the 871 distinct networks is trained for 9 epochs three times, for 1 and 3 epochs once, and its latency is
measured once. About 30 minutes on one core. Stopped, it goes on where it was: each network is kept in the work folder
as soon as it is done.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import json
import statistics
import time
from pathlib import Path

import torch

from netwright.backends.torch.build import build
from netwright.backends.torch.recipe import Recipe
from netwright.benchmarks.tables.digits_space import EDGES, EPOCHS, digits_space
from netwright.devices.latency import measure
from netwright.evaluation.base import Context
from netwright.evaluation.training import Training
from netwright.space import Architecture
from netwright.tasks import Task, open_task
from netwright.trial import Fidelity, Measurement, Proposal

SEEDS = range(3)
RECIPE = Recipe(epochs=EPOCHS[-1], batch_size=32, optimizer="sgd", learning_rate=0.1, precision="float32")
LATENCY_S = 0.05


def train(architecture: Architecture, task: Task, epochs: float, seed: int) -> Measurement:
    proposal = Proposal(architecture, Fidelity(epochs=epochs))
    return Training(RECIPE, test=True).evaluate(proposal, task, Context(seed=seed))


def row(architecture: Architecture, task: Task) -> dict[str, float]:
    """Everything that the table holds of one network."""
    full = [train(architecture, task, EPOCHS[-1], seed) for seed in SEEDS]
    found = {name: int(architecture.choices[name]) for name in EDGES}
    for seed, one in zip(SEEDS, full, strict=True):
        found[f"valid_{EPOCHS[-1]}_s{seed}"] = rounded(one.metrics["accuracy"])
        found[f"test_{EPOCHS[-1]}_s{seed}"] = rounded(one.test["accuracy"])
    for epochs in EPOCHS[:-1]:
        found[f"valid_{epochs}_s0"] = rounded(train(architecture, task, epochs, SEEDS[0]).metrics["accuracy"])
    found |= {name: int(full[0].metrics[name]) for name in ("params", "flops")}
    latency = measure(build(architecture.graph, task.signature).eval(), task.signature, seconds=LATENCY_S)
    found["latency_ms"] = float(f"{latency.median_ms:.4g}")
    found["train_s"] = float(f"{statistics.median(one.cost.cpu_s for one in full):.3g}")
    return found


def rounded(accuracy: float) -> float:
    """In percent."""
    return round(100 * accuracy, 3)


def distinct() -> dict[str, Architecture]:
    """Key -> the first of the assignments that give this network."""
    every: dict[str, Architecture] = {}
    for architecture in digits_space().enumerate():
        every.setdefault(architecture.key, architecture)
    return every


def write(rows: list[dict[str, float]], path: Path) -> None:
    """The same rows give the same bytes."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(gzip.compress(text.getvalue().encode(), mtime=0))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="where finished networks are kept")
    parser.add_argument("--out", type=Path, required=True, help="the table to write")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    chosen.work.mkdir(parents=True, exist_ok=True)
    log = chosen.work / "rows.jsonl"
    done = dict(map(json.loads, log.read_text().splitlines())) if log.exists() else {}
    task = open_task("digits", valid=0.3, test=0.3)
    every = distinct()
    for place, (key, architecture) in enumerate(every.items(), start=1):
        if key in done:
            continue
        began = time.process_time()
        done[key] = row(architecture, task)
        with log.open("a") as file:
            file.write(json.dumps([key, done[key]]) + "\n")
        print(f"{place}/{len(every)} {time.process_time() - began:.1f} s {done[key]}", flush=True)
    write([done[key] for key in every], chosen.out)
    print(f"{chosen.out}: {len(every)} networks, {chosen.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
