"""How good the shared weights of a supernet are.

    OMP_NUM_THREADS=1 python benchmarks/weight_sharing.py front fashion-mnist --policy bignas --epochs 8
    OMP_NUM_THREADS=1 python benchmarks/weight_sharing.py rank cifar10.npz --table nb201_acc.parquet --jobs 2

front: trains one supernet of a space, takes networks of all sizes out of it without training, and trains each of them
alone as well: test accuracy of both, and what both cost. rank: trains supernets of NAS-Bench-201's space for some
minutes each, compares how they rank random cells with the published accuracies (Kendall's tau; by validation accuracy
on the shared weights, or by the preferences where a policy learns some), and looks up the cell that comes of each.
"smaller cells": the share of random cells with fewer parameters than the one derived; 0 %: preferences collapsed.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from scipy.stats import kendalltau

from netwright import spaces, strategies
from netwright.backends.terms import Target, Terms
from netwright.backends.torch.batches import Batches
from netwright.backends.torch.build import build
from netwright.backends.torch.recipe import Recipe, default_recipe
from netwright.backends.torch.train import Fitting, outputs, train
from netwright.benchmarks.table import Table
from netwright.benchmarks.tables import open_table
from netwright.objectives import Objective, Objectives
from netwright.operations import analyse
from netwright.space import Architecture, Space
from netwright.spaces.nb201 import nb201, to_string
from netwright.strategies.base import Problem
from netwright.supernet import policies
from netwright.supernet.bank import Bank
from netwright.supernet.derive import favourite, likelihood, smaller
from netwright.supernet.rounds import halves
from netwright.supernet.sharing import Sharing
from netwright.supernet.standalone import recalibrate, standalone
from netwright.tasks import Split, Task, open_task
from netwright.trial import Fidelity, Measurement, Trial

RECALIBRATED = 0.05
"""Share of the training data that norms are measured on."""


def supernet(task: Task, space: Space, policy: str, recipe: Recipe, epochs: float, seed: int) -> tuple[Bank, float]:
    """A trained bank and the seconds of processor time that it took."""
    bank, began = Bank(task.signature, seed), time.process_time()
    learner = Sharing(bank, space, policies.get(policy), task, recipe, seed)

    def report(point: object) -> None:
        print(f"{time.process_time() - began:6.0f} s", point, flush=True)

    Fitting(learner, task, recipe, Fidelity(epochs=epochs), Terms(seed, report=report)).run()
    return bank, time.process_time() - began


def accuracy(bank: Bank, architecture: Architecture, task: Task, split: Split) -> float:
    """Of a network cut out of the bank."""
    network = standalone(bank, architecture.graph)
    recalibrate(network, Batches(task, task.train, bank.device, RECALIBRATED).in_order(128))
    return 100 * task.score(outputs(network, task, split, torch.float32), split.y)["accuracy"]


def front(chosen: argparse.Namespace) -> None:
    task = open_task(chosen.data)
    space = spaces.get(chosen.space, task.signature)
    recipe = default_recipe(task.kind, len(task.train.y))
    bank, shared_s = supernet(task, space, chosen.policy, recipe, chosen.epochs, chosen.seed)
    rng = np.random.default_rng(chosen.seed)
    drawn = sorted((space.sample(rng) for _ in range(200)), key=lambda one: analyse(one.graph, task.signature).flops)
    picked = [drawn[round(place)] for place in np.linspace(0, len(drawn) - 1, chosen.networks)]
    print("| parameters | FLOPs | from the supernet | trained alone | difference |\n|---:|---:|---:|---:|---:|")
    alone_s, differences = 0.0, []
    for architecture in picked:
        size, began = analyse(architecture.graph, task.signature), time.process_time()
        torch.manual_seed(chosen.seed)
        network = build(architecture.graph, task.signature)
        trained = train(network, task, recipe, Fidelity(epochs=chosen.alone), Terms(chosen.seed))
        alone_s += time.process_time() - began
        alone = 100 * task.score(outputs(network, task, task.test, trained.dtype), task.test.y)["accuracy"]
        shared = accuracy(bank, architecture, task, task.test)
        differences.append(shared - alone)
        print(f"| {size.params:,} | {size.flops:,} | {shared:.2f} | {alone:.2f} | {differences[-1]:+.2f} |", flush=True)
    print(f"\nmean difference {fmean(differences):+.2f}, worst {min(differences):+.2f} points; the supernet took")
    print(f"{shared_s:.0f} s, the {len(picked)} trainings {alone_s:.0f} s of processor time")


def rank(chosen: argparse.Namespace) -> None:
    """What is in OUT already is not trained again."""
    chosen.out.mkdir(parents=True, exist_ok=True)
    runs = [(policy, seed) for seed in range(chosen.seeds) for policy in chosen.policies]
    paths = {run: chosen.out / f"{run[0]}-{run[1]}.json" for run in runs}
    missing = [(chosen, *run, path) for run, path in paths.items() if not path.exists()]
    with multiprocessing.get_context("spawn").Pool(chosen.jobs) as pool:
        for told in pool.imap_unordered(ranked, missing):
            print(told, file=sys.stderr, flush=True)
    print("| policy | cells derived | Kendall's tau | processor time | smaller cells |\n|---|---|---|---:|---:|")
    for policy in chosen.policies:
        found = [json.loads(paths[policy, seed].read_text()) for seed in range(chosen.seeds)]
        cells = ", ".join(f"{one['derived']:.2f}" for one in found)
        taus = ", ".join(f"{one['tau']:.2f}" for one in found)
        times, smaller_ = (fmean(one[name] for one in found) for name in ("seconds", "smaller"))
        print(f"| {policy} | {cells} | {taus} | {times:.0f} s | {smaller_:.0%} |")


def ranked(given: tuple[argparse.Namespace, str, int, Path]) -> str:
    """Trains one supernet of NAS-Bench-201's space for the minutes given, and writes how it ranks cells and which one
    comes of it: that of its preferences, or the one that scores best in a search on its weights."""
    chosen, name, seed, path = given
    torch.set_num_threads(1)
    task, policy = open_task(chosen.data), policies.get(name)
    space = nb201(task.signature, channels=chosen.channels, cells=chosen.cells)
    recipe = default_recipe(task.kind, len(task.train.y))
    learnt, held = halves(task) if policy.prefers else (task, None)
    bank, began = Bank(task.signature, seed), time.process_time()
    learner = Sharing(bank, space, policy, learnt, recipe, seed, held)
    target = Target(time.monotonic() + 60 * chosen.minutes, 1000)
    Fitting(learner, learnt, recipe, Fidelity(epochs=chosen.epochs), Terms(seed, target=target)).run()
    seconds = time.process_time() - began
    table, rng = open_table("nb201-cifar10", chosen.table), np.random.default_rng(seed)

    @cache
    def score(architecture: Architecture) -> float:
        if policy.prefers:
            return float(likelihood(bank, architecture).detach())
        return accuracy(bank, architecture, task, task.valid)

    cells = list({one.key: one for one in (space.sample(rng) for _ in range(chosen.networks))}.values())
    tau = kendalltau([score(one) for one in cells], [published_accuracy(table, one) for one in cells]).statistic
    best = favourite(bank, space) if policy.prefers else searched(space, score, chosen.networks, seed)
    assert best is not None
    result = {
        "policy": name,
        "seed": seed,
        "derived": published_accuracy(table, best),
        "cell": to_string(best),
        "tau": float(tau),
        "seconds": seconds,
        "smaller": smaller(best, space, task.signature, rng),
    }
    path.write_text(json.dumps(result, indent=1))
    return f"{path}: {result}"


def searched(space: Space, score: Callable[[Architecture], float], trials: int, seed: int) -> Architecture:
    """The best of a search by scores."""
    strategy, objectives = strategies.get("npenas"), Objectives((Objective("accuracy"),))
    state, found = strategy.init(Problem(space, objectives, seed, trials=trials)), []
    for number in range(trials):
        trial = Trial(number, strategy.ask(state, 1)[0])
        state = strategy.tell(state, [trial])
        found.append(trial.complete(Measurement({"accuracy": score(trial.proposal.architecture) / 100})))
        state = strategy.tell(state, found[-1:])
    best = objectives.incumbent(found)
    assert best is not None
    return best.proposal.architecture


def published_accuracy(table: Table, architecture: Architecture) -> float:
    return float(table.scale * table.test[table.row(architecture)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("front", "rank"))
    parser.add_argument("data")
    parser.add_argument("--policy", choices=policies.POLICIES, default="bignas", help="of front")
    parser.add_argument(
        "--policies", nargs="+", choices=policies.POLICIES, default=[*policies.POLICIES], help="of rank"
    )
    parser.add_argument("--minutes", type=float, default=10.0, help="of each supernet's training, in rank")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("build/weight-sharing"))
    parser.add_argument("--space", default="mobile")
    parser.add_argument("--epochs", type=float, default=8.0, help="of the supernet")
    parser.add_argument("--alone", type=float, default=8.0, help="epochs of each network trained alone")
    parser.add_argument("--networks", type=int, default=10)
    parser.add_argument("--channels", type=int, default=8)
    parser.add_argument("--cells", type=int, default=2)
    parser.add_argument("--table", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    {"front": front, "rank": rank}[chosen.what](chosen)


if __name__ == "__main__":
    main()
