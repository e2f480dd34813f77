"""Zero-cost proxies on NAS-Bench-201: how they rank, and what they cost.

    OMP_NUM_THREADS=1 python benchmarks/zero_cost.py rank cifar10.npz --tables DIR --cells 1000 --jobs 2 --out DIR
    OMP_NUM_THREADS=1 python benchmarks/zero_cost.py speed cifar10.npz --cells 12

rank: scores random distinct cells (16 channels, a batch of 64) and compares with the published test accuracies
(Spearman's rho), with published scores of the same proxies, and says how ensembles do. DIR holds nb201_acc.parquet and
nb201_zerocost_9445.parquet. CIFAR-100 and ImageNet16-120 are seen through CIFAR-10's images, in the right size and with
the right number of outputs, under random labels. Cells that are scored in --out are not scored again.
speed: milliseconds a network of each proxy alone, beside a direct implementation of its definition, and of all at once.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from statistics import median

import numpy as np
import pyarrow.parquet as parquet
import torch
from direct_proxies import DIRECT
from numpy.typing import NDArray
from scipy.stats import spearmanr

from netwright.backends.torch.build import build
from netwright.operations import Signature
from netwright.proxies import NAMES, PROXIES
from netwright.proxies.ensemble import CONSENSUS, Learnt, consensus, table
from netwright.proxies.passes import Batch
from netwright.proxies.score import batch_of, score
from netwright.space import Architecture
from netwright.spaces.nb201 import from_string, nb201
from netwright.tasks import Split, Task, open_task

PUBLISHED = {
    "epe-nas": "epe_nas",
    "fisher": "fisher",
    "grad-norm": "grad_norm",
    "grasp": "grasp",
    "jacov": "jacov",
    "l2-norm": "l2_norm",
    "naswot": "nwot",
    "plain": "plain",
    "snip": "snip",
    "synflow": "synflow",
    "zen": "zen",
    "params": "params",
    "flops": "flops",
}
CLASSES = {"c10": 10, "c100": 100, "in16": 120}
Floats = NDArray[np.float64]


@cache
def seen(data: str, name: str) -> tuple[Task, Batch]:
    """A data set's task and batch; all but CIFAR-10 are made up from its images."""
    task = open_task(data)
    x, y, size = np.asarray(task.train.x), np.asarray(task.train.y), task.signature.inputs
    if name == "in16":
        x = x.reshape(*x.shape[:2], 16, 2, 16, 2).mean((3, 5)).astype(np.uint8)
        size = (size[0], 16, 16)
    if name != "c10":
        y = np.random.default_rng(0).integers(CLASSES[name], size=len(y))
    classes = tuple(map(str, range(CLASSES[name])))
    task = replace(task, signature=Signature(size, CLASSES[name]), train=Split(x, y), classes=classes)
    return task, batch_of(task)


def scored(job: tuple[str, str, str, list[str]]) -> dict[str, object]:
    data, name, cell, names = job
    torch.set_num_threads(1)
    task, batch = seen(data, name)
    began = time.perf_counter()
    found = score(from_string(nb201(task.signature), cell).graph, task, batch, names)
    return {"set": name, "cell": cell, "seconds": time.perf_counter() - began, "scores": found.values}


def columns(path: Path) -> dict[str, NDArray[np.generic]]:
    read = parquet.read_table(path)
    return {name: read[name].to_numpy() for name in read.column_names}


def rank(options: argparse.Namespace) -> None:
    accuracies = columns(options.tables / "nb201_acc.parquet")
    published = columns(options.tables / "nb201_zerocost_9445.parquet")
    row = {int(index): place for place, index in enumerate(accuracies["arch_idx"])}
    known = [int(index) for index in published["arch_idx"]]
    chosen = _distinct(known, [str(text) for text in accuracies["arch_str"]], row, options.cells)
    options.out.mkdir(parents=True, exist_ok=True)
    log = options.out / "scores.jsonl"
    done = {(one["set"], one["cell"]): one["scores"] for one in _lines(log)}
    cells = {index: str(accuracies["arch_str"][row[index]]) for index in chosen}
    wanted = [name for name in NAMES if name not in options.without]
    every = [(name, cell) for name in options.sets for cell in cells.values()]
    jobs = [(options.data, *one, wanted) for one in every if one not in done]
    with multiprocessing.get_context("spawn").Pool(options.jobs) as pool, log.open("a") as file:
        for place, one in enumerate(pool.imap_unordered(scored, jobs), 1):
            file.write(json.dumps(one) + "\n")
            file.flush()
            done[str(one["set"]), str(one["cell"])] = one["scores"]
            if place % 50 == 0:
                print(f"{place} of {len(jobs)}", flush=True)
    for name in options.sets:
        values = table([done[name, cells[index]] for index in chosen], NAMES)
        np.savez(options.out / f"{name}.npz", values=values, names=NAMES, chosen=chosen)
        truth = accuracies[f"{name}_test_200"][[row[index] for index in chosen]].astype(float)
        places = {index: place for place, index in enumerate(known)}
        rows = [places[index] for index in chosen]
        there = {mine: published[f"{name}_{theirs}"][rows] for mine, theirs in PUBLISHED.items() if name != "c100"}
        _show(name, values, truth, there)


def _distinct(indices: Sequence[int], texts: Sequence[str], row: dict[int, int], count: int) -> list[int]:
    """A fixed sample of cells that compute different things."""
    space, chosen, keys = nb201(Signature((3, 32, 32), 10)), [], set()
    for index in np.random.default_rng(0).permutation(indices):
        key = from_string(space, texts[row[int(index)]]).key
        if key not in keys:
            keys.add(key)
            chosen.append(int(index))
        if len(chosen) == count:
            break
    return chosen


def _lines(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text().splitlines()] if path.is_file() else []


def _show(name: str, values: Floats, truth: Floats, published: dict[str, NDArray[np.generic]]) -> None:
    print(f"\n{name}, {len(truth)} cells: Spearman's rho with test accuracy (with the published scores)")
    low = np.nan_to_num(values, nan=-np.inf)
    for place, proxy in enumerate(NAMES):
        if np.isnan(values[:, place]).all():
            continue
        agreed = f" ({spearmanr(low[:, place], published[proxy])[0]:.3f})" if proxy in published else ""
        print(f"  {proxy:18} {spearmanr(low[:, place], truth)[0]:.3f}{agreed}", flush=True)
    where = [NAMES.index(one) for one in CONSENSUS]
    print(f"  consensus of {', '.join(CONSENSUS)}: {spearmanr(consensus(values[:, where]), truth)[0]:.3f}")
    there = ~np.isnan(values).all(0)
    for labels in (10, 30, 100):
        found = []
        for seed in range(20):
            drawn = np.random.default_rng(seed).permutation(len(truth))
            few, rest = drawn[:labels], drawn[labels:]
            model = Learnt(values[few][:, there], truth[few], values[:, there])
            found.append(spearmanr(model(values[rest][:, there]), truth[rest])[0])
        print(f"  learnt from {labels} labels: {np.mean(found):.3f}")


def speed(options: argparse.Namespace) -> None:
    torch.set_num_threads(1)
    task, batch = seen(options.data, "c10")
    space, rng = nb201(task.signature), np.random.default_rng(0)
    graphs = [space.sample(rng) for _ in range(options.cells)]
    together = _milliseconds(graphs, lambda one: score(one.graph, task, batch, list(PROXIES)))
    alone = {name: _milliseconds(graphs, _alone(name, task, batch)) for name in PROXIES}
    plainly = {name: _milliseconds(graphs, _directly(name, task, batch)) for name in DIRECT}
    print(f"milliseconds a network, the median of {options.cells} cells of NAS-Bench-201 (batch 64, 1 thread)")
    for name, mine in alone.items():
        beside = f"; directly {plainly[name]:7.0f}, ratio {mine / plainly[name]:.2f}" if name in plainly else ""
        print(f"  {name:18} {mine:7.0f}{beside}")
    dearest = max(alone.values())
    print(f"  all {len(PROXIES)} together {together:.0f}: {together / dearest:.2f} times the dearest alone")


def _alone(name: str, task: Task, batch: Batch) -> Callable[[Architecture], object]:
    return lambda one: score(one.graph, task, batch, [name])


def _directly(name: str, task: Task, batch: Batch) -> Callable[[Architecture], object]:
    def run(one: Architecture) -> object:
        network = build(one.graph, task.signature, seed=0, start_at_identity=False)
        return DIRECT[name](network, batch.x.contiguous(), batch.y)

    return run


def _milliseconds(architectures: Sequence[Architecture], run: Callable[[Architecture], object]) -> float:
    seconds = []
    for one in architectures:
        began = time.perf_counter()
        run(one)
        seconds.append(time.perf_counter() - began)
    return 1000 * median(seconds)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    ranking, timing = commands.add_parser("rank"), commands.add_parser("speed")
    for one in (ranking, timing):
        one.add_argument("data")
        one.add_argument("--cells", type=int, default=12)
    ranking.add_argument("--tables", type=Path, required=True)
    ranking.add_argument("--sets", nargs="+", default=list(CLASSES), choices=CLASSES)
    ranking.add_argument("--without", nargs="*", default=[], choices=NAMES)
    ranking.add_argument("--jobs", type=int, default=1)
    ranking.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    (rank if options.command == "rank" else speed)(options)


if __name__ == "__main__":
    main()
