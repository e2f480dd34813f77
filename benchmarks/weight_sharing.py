"""How good the shared weights of a supernet are.

    OMP_NUM_THREADS=1 python benchmarks/weight_sharing.py front fashion-mnist --policy bignas --epochs 8
    OMP_NUM_THREADS=1 python benchmarks/weight_sharing.py rank cifar10.npz --policy spos --table nb201_acc.parquet

front: trains one supernet of a space, takes networks of all sizes out of it without training, and trains each of them
alone as well: test accuracy of both, and what both cost. rank: trains a supernet of NAS-Bench-201's space and compares
its scores of random cells with their published accuracies (Kendall's tau), and looks up the cell that it scores best.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from statistics import fmean

import numpy as np
import torch
from scipy.stats import kendalltau

from netwright import spaces
from netwright.backends.torch.batches import Batches
from netwright.backends.torch.build import build
from netwright.backends.torch.recipe import Recipe, default_recipe
from netwright.backends.torch.train import Fitting, outputs, train
from netwright.benchmarks.table import Table
from netwright.benchmarks.tables import open_table
from netwright.operations import analyse
from netwright.space import Architecture, Space
from netwright.spaces.nb201 import nb201
from netwright.supernet import policies
from netwright.supernet.bank import Bank
from netwright.supernet.sharing import Sharing
from netwright.supernet.standalone import recalibrate, standalone
from netwright.tasks import Split, Task, open_task
from netwright.trial import Fidelity

RECALIBRATED = 0.05
"""Share of the training data that norms are measured on."""


def supernet(task: Task, space: Space, policy: str, recipe: Recipe, epochs: float, seed: int) -> tuple[Bank, float]:
    """A trained bank and the seconds of processor time that it took."""
    bank, began = Bank(task.signature, seed), time.process_time()
    learner = Sharing(bank, space, policies.get(policy), task, recipe, seed)

    def report(point: object) -> None:
        print(f"{time.process_time() - began:6.0f} s", point, flush=True)

    Fitting(learner, task, recipe, Fidelity(epochs=epochs), seed, report=report).run()
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
        trained = train(network, task, recipe, Fidelity(epochs=chosen.alone), seed=chosen.seed)
        alone_s += time.process_time() - began
        alone = 100 * task.score(outputs(network, task, task.test, trained.dtype), task.test.y)["accuracy"]
        shared = accuracy(bank, architecture, task, task.test)
        differences.append(shared - alone)
        print(f"| {size.params:,} | {size.flops:,} | {shared:.2f} | {alone:.2f} | {differences[-1]:+.2f} |", flush=True)
    print(f"\nmean difference {fmean(differences):+.2f}, worst {min(differences):+.2f} points; the supernet took")
    print(f"{shared_s:.0f} s, the {len(picked)} trainings {alone_s:.0f} s of processor time")


def rank(chosen: argparse.Namespace) -> None:
    task = open_task(chosen.data)
    space = nb201(task.signature, channels=chosen.channels, cells=chosen.cells)
    recipe = default_recipe(task.kind, len(task.train.y))
    bank, shared_s = supernet(task, space, chosen.policy, recipe, chosen.epochs, chosen.seed)
    table, rng = open_table("nb201-cifar10", chosen.table), np.random.default_rng(chosen.seed)
    cells = {one.key: one for one in (space.sample(rng) for _ in range(chosen.networks))}
    scores = [accuracy(bank, one, task, task.valid) for one in cells.values()]
    published = [published_accuracy(table, one) for one in cells.values()]
    best = int(np.argmax(scores))
    tau = kendalltau(scores, published).statistic
    print(f"\n{chosen.policy}: Kendall's tau {tau:.3f} over {len(cells)} cells; the one scored best has")
    print(f"{published[best]:.2f} % (the best of them {max(published):.2f} %); the supernet took {shared_s:.0f} s of")
    print("processor time")


def published_accuracy(table: Table, architecture: Architecture) -> float:
    return float(table.scale * table.test[table.row(architecture)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("front", "rank"))
    parser.add_argument("data")
    parser.add_argument("--policy", choices=policies.POLICIES, default="bignas")
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
