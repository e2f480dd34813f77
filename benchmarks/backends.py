"""What the backends cost on one core: starting a training, and a step of it, for random networks of the spaces.

    OMP_NUM_THREADS=1 NPROC=1 python benchmarks/backends.py --task fashion-mnist --networks 4

Every network is trained by every backend for a few steps of the task's own batch size, from the same weights.
Starting is what a first training takes beyond a second one: what is compiled, is compiled once. All are seconds of the
processor.
"""

from __future__ import annotations

import argparse
import time
from statistics import median

import numpy as np
import torch

from netwright import backends, spaces
from netwright.backends.torch.build import build
from netwright.backends.torch.recipe import default_recipe
from netwright.backends.torch.train import batch_size
from netwright.operations import analyse
from netwright.space import Architecture
from netwright.tasks import Task, open_task
from netwright.trial import Fidelity

FEW, STEPS = 2, 10


def measured(name: str, architecture: Architecture, task: Task) -> tuple[float, float]:
    """Seconds until the first step, of which some are for the data, and milliseconds a step; both of the processor."""
    graph, backend = architecture.graph, backends.get(name)
    network = build(graph, task.signature, seed=0)
    recipe, examples = default_recipe(task.kind, len(task.train)), len(task.train)
    batch, spent = batch_size(task, examples, recipe.batch_size), []
    for steps in (FEW, FEW, FEW + STEPS):
        began = time.process_time()
        backend.train(graph, network, task, recipe, Fidelity(epochs=steps * batch / examples))
        spent.append(time.process_time() - began)
    return spent[0] - spent[1], 1e3 * (spent[2] - spent[1]) / STEPS


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--task", default="fashion-mnist")
    parser.add_argument("--spaces", nargs="+", default=["resnet", "mobile", "nb201", "mlp"])
    parser.add_argument("--networks", type=int, default=4)
    parser.add_argument("--backends", nargs="+", default=list(backends.NAMES))
    asked = parser.parse_args()
    torch.set_num_threads(1)
    task = open_task(asked.task)
    for name in asked.backends:
        backends.get(name).prepare()
    print("| space | backend | starting, s | a step, ms |\n|---|---|---|---|")
    for space in asked.spaces:
        random = np.random.default_rng(0)
        drawn = [spaces.get(space, task.signature).sample(random) for _ in range(asked.networks)]
        flops = median(analyse(one.graph, task.signature).flops for one in drawn)
        for name in asked.backends:
            found = [measured(name, one, task) for one in drawn]
            starts, steps = zip(*found, strict=True)
            cells = (f"{median(each):.1f} ({min(each):.1f} to {max(each):.1f})" for each in (starts, steps))
            print(f"| {space} ({flops / 1e6:.0f} MFLOPs) | {name} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
