"""A trained network cut down to half its FLOPs: by search, and by two ways of pruning, all trained on equally long.

    OMP_NUM_THREADS=1 python benchmarks/compression.py cifar10.npz --epochs 12 --further 6 --seeds 3 --jobs 2

The network is the task's hand-designed one of the name given, trained for `--epochs`. What is left of it is trained for
`--further` epochs more, and so is the whole network. `uniform`: every layer keeps the same share of its channels, those
with the largest weights (L1: Li et al. 2017). `global`: the channels with the least weights go, wherever they are, each
layer's in terms of its mean. `search`: the best of `--trials` parts of the network by validation accuracy after a short
training. Prints test accuracies, their mean differences to the whole network, and FLOPs.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch

from netwright import strategies
from netwright.backends.terms import Terms
from netwright.backends.torch.build import build
from netwright.backends.torch.elastic import Elastic, elastic, original
from netwright.backends.torch.module import Factory
from netwright.backends.torch.recipe import default_recipe
from netwright.backends.torch.train import train
from netwright.evaluation.base import Context
from netwright.evaluation.training import Training
from netwright.loop.feasibility import Feasible, Scored, restrict
from netwright.objectives import Constraint, Objective, Objectives
from netwright.operations import analyse
from netwright.space import Architecture, Space, op
from netwright.strategies.base import Problem
from netwright.tasks import Task, open_task
from netwright.trial import Fidelity, Measurement, Proposal, Trial

WAYS = ("whole", "uniform", "global", "search")


def flops(architecture: Architecture, task: Task) -> int:
    return analyse(architecture.graph, task.signature).flops


def measured(architecture: Architecture, task: Task, epochs: float, seed: int, test: bool) -> Measurement:
    evaluator = Training(default_recipe(task.kind, len(task.train.y)), test=test)
    return evaluator.evaluate(Proposal(architecture, Fidelity(epochs=epochs)), task, Context(seed=seed))


def pruned(shrinking: Elastic, sizes: dict[int, int]) -> Architecture:
    """The network with so many channels in each group."""
    words = {shrinking.names["width", group]: size for group, size in sizes.items()}
    factory = Factory(shrinking.title, shrinking.made, tuple((word, None) for word in shrinking.names.values()))
    return Space(op("module", name=factory, **words), f"{shrinking.title}-pruned").architecture({})


def uniform(shrinking: Elastic) -> Iterator[dict[int, int]]:
    """Less and less of every layer."""
    groups = shrinking.trace.free
    for share in np.linspace(1, 0.05, 96):
        yield {group: max(1, round(share * shrinking.trace.sizes[group])) for group in groups}


def everywhere(shrinking: Elastic) -> Iterator[dict[int, int]]:
    """Without one channel after the other, the least important of all first."""
    sizes = {group: shrinking.trace.sizes[group] for group in shrinking.trace.free}
    ranked = []
    for group in sizes:
        weights = [shrinking.state[name]["weight"] for name in shrinking.trace.makers(group)]
        total = sum(weight.abs().flatten(1).mean(1) for weight in weights if weight.ndim > 1)
        ranked += [(float(worth), group) for worth in total / total.mean()]
    for _, group in sorted(ranked):
        if sizes[group] > 1:
            sizes[group] -= 1
            yield dict(sizes)


def first(shrinking: Elastic, steps: Iterable[dict[int, int]], task: Task, most: float) -> Architecture:
    """The first of ever smaller networks that is small enough."""
    return next(one for one in (pruned(shrinking, sizes) for sizes in steps) if flops(one, task) <= most)


def searched(space: Space, task: Task, most: float, trials: int, epochs: float, seed: int) -> Architecture:
    objectives = Objectives((Objective("accuracy"),))
    allowed = restrict(space, Feasible(task.signature, (Constraint("flops", "<=", most),)))
    strategy = strategies.get("npenas")
    state = strategy.init(Problem(allowed, objectives, seed, Scored(task.signature), trials=trials))
    found: list[Trial] = []
    for number in range(trials):
        trial = Trial(number, strategy.ask(state, 1)[0])
        state = strategy.tell(state, [trial])
        found.append(trial.complete(measured(trial.proposal.architecture, task, epochs, seed, False)))
        state = strategy.tell(state, found[-1:])
    best = objectives.incumbent(found)
    assert best is not None
    return best.proposal.architecture


def compared(given: tuple[argparse.Namespace, int, Path]) -> str:
    chosen, seed, path = given
    torch.set_num_threads(1)
    task = open_task(chosen.data)
    (baseline,) = (one for one in task.baselines() if one.name == chosen.network)
    network = build(baseline.space.architecture({}).graph, task.signature, seed=seed)
    recipe = default_recipe(task.kind, len(task.train.y))
    trained = train(network, task, recipe, Fidelity(epochs=chosen.epochs), Terms(seed)).network
    space = elastic(trained, torch.zeros(2, *task.signature.inputs), name=chosen.network)
    whole = original(space)
    assert whole is not None
    shrinking, most = space.root.fn, chosen.share * flops(whole, task)  # type: ignore[attr-defined]
    left = {
        "whole": whole,
        "uniform": first(shrinking, uniform(shrinking), task, most),
        "global": first(shrinking, everywhere(shrinking), task, most),
        "search": searched(space, task, most, chosen.trials, chosen.short, seed),
    }
    results: dict[str, Any] = {}
    for way, architecture in left.items():
        test = measured(architecture, task, chosen.further, seed, True).test["accuracy"]
        results[way] = {"accuracy": 100 * test, "flops": flops(architecture, task)}
    path.write_text(json.dumps(results, indent=1))
    return f"{path}: {results}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--network", default="resnet-14", help="a hand-designed network of the task")
    parser.add_argument("--share", type=float, default=0.5, help="of the FLOPs")
    parser.add_argument("--epochs", type=float, default=12.0)
    parser.add_argument("--further", type=float, default=6.0)
    parser.add_argument("--short", type=float, default=0.3, help="epochs of a search trial")
    parser.add_argument("--trials", type=int, default=30)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, default=Path("build/compression"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    paths = {seed: chosen.out / f"{seed}.json" for seed in range(chosen.seeds)}
    missing = [(chosen, seed, path) for seed, path in paths.items() if not path.exists()]
    with multiprocessing.get_context("spawn").Pool(chosen.jobs) as pool:
        for told in pool.imap_unordered(compared, missing):
            print(told, file=sys.stderr, flush=True)
    found = [json.loads(path.read_text()) for path in paths.values()]
    print("| | test accuracy | against the whole | FLOPs |\n|---|---|---:|---:|")
    for way in WAYS:
        accuracies = ", ".join(f"{one[way]['accuracy']:.2f}" for one in found)
        lost = fmean(one[way]["accuracy"] - one["whole"]["accuracy"] for one in found)
        cost = fmean(one[way]["flops"] / one["whole"]["flops"] for one in found)
        print(f"| {way} | {accuracies} | {lost:+.2f} | {cost:.0%} |")


if __name__ == "__main__":
    main()
