"""What stopping trainings without prospects saves, and what it costs.

    OMP_NUM_THREADS=1 python benchmarks/stopping.py digits fashion-mnist --networks 60 --epochs 6 --out build/stopping

Random networks of the task's space are trained to their end, once each (what is in OUT is not trained again). Then they
come in `--orders` random orders, and each is stopped where those before it tell that it has no prospects, as a search
with one worker does it. Prints a Markdown row for each data set: the share of trainings that are stopped and of epochs
that are saved, how often the best network is stopped, and how much worse the best that is left is on validation data.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
import torch

from netwright import spaces
from netwright.backends.torch.recipe import default_recipe
from netwright.evaluation.base import Context
from netwright.evaluation.outlook import STOPPED
from netwright.evaluation.training import Training
from netwright.loop.feasibility import Feasible, Scored, restrict
from netwright.loop.prospects import Prospects
from netwright.objectives import Objective, Objectives
from netwright.tasks import open_task
from netwright.trial import Fidelity, Measurement, Proposal, Trial


def trained(data: str, number: int, epochs: float, share: float, path: Path) -> None:
    """Writes what the training of one network gave."""
    torch.set_num_threads(1)
    task = open_task(data)
    space = restrict(spaces.get(task.default_space, task.signature), Feasible(task.signature))
    architecture = space.sample(np.random.default_rng(number))
    proposal = Proposal(architecture, Fidelity(epochs=epochs, data=share))
    recipe = default_recipe(task.kind, len(task.train.y))
    found = Training(recipe).evaluate(proposal, task, Context(seed=number))
    path.write_text(json.dumps({"choices": architecture.to_dict(), "measurement": found.to_dict()}))


def replayed(trials: list[Trial], objectives: Objectives, sizes: Any) -> tuple[float, float, list[Trial]]:
    """The share of trainings that are stopped, that of epochs saved, and those that are not stopped."""
    prospects, left, saved = Prospects(objectives, sizes), list[Trial](), list[float]()
    for trial in trials:
        found = trial.measurement
        assert found is not None
        whole = found.fidelity.epochs or 1.0
        outlook = prospects.outlook(trial.proposal)
        stages = [] if outlook is None else [(one["epoch"] / whole, one["loss"]) for one in found.curve[:-1]]
        end = next((stage for stage, loss in stages if outlook is not None and outlook.hopeless(stage, loss)), 1.0)
        saved.append(1 - end)
        if end == 1:
            left.append(trial)
        prospects.tell(trial if end == 1 else ended(trial, found, end))
    return float(np.mean([one > 0 for one in saved])), fmean(saved), left


def ended(trial: Trial, found: Measurement, end: float) -> Trial:
    """The trial as if it had been stopped. Its quality is that of its end: the best that it can have had."""
    note = f"{STOPPED} after {end:.0%}"
    return Trial(trial.number, trial.proposal, "search").complete(Measurement(found.metrics, notes=(note,)))


def row(data: str, files: list[Path], epochs: float, share: float, orders: int) -> str:
    task = open_task(data)
    space, objectives = spaces.get(task.default_space, task.signature), Objectives((Objective(task.metric),))
    fidelity, trials = Fidelity(epochs=epochs, data=share), []
    for number, file in enumerate(files):
        kept = json.loads(file.read_text())
        proposal = Proposal(space.architecture(kept["choices"]), fidelity)
        trials.append(Trial(number, proposal, "search").complete(Measurement.from_dict(kept["measurement"])))
    objective, rng = objectives.objectives[0], np.random.default_rng(0)
    losses = {trial.number: objective.loss(trial.metric(task.metric)) for trial in trials}
    best = min(losses.values())
    stopped, saved, lost, cost = [], [], [], []
    for _ in range(orders):
        order = [trials[place] for place in rng.permutation(len(trials))]
        some, epochs_saved, left = replayed(order, objectives, Scored(task.signature))
        found = min(losses[trial.number] for trial in left)
        stopped.append(some)
        saved.append(epochs_saved)
        lost.append(found > best)
        cost.append(found - best)
    cells = [data, str(len(trials)), f"{epochs:g}", *(f"{100 * fmean(one):.0f} %" for one in (stopped, saved, lost))]
    return f"| {' | '.join(cells)} | {fmean(cost):.4f} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", nargs="+")
    parser.add_argument("--networks", type=int, default=60)
    parser.add_argument("--epochs", type=float, default=6.0)
    parser.add_argument("--share", type=float, default=1.0, help="of the training data")
    parser.add_argument("--orders", type=int, default=50)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("build/stopping"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    files = {data: [chosen.out / f"{data}-{at}.json" for at in range(chosen.networks)] for data in chosen.data}
    due = [
        (data, number, chosen.epochs, chosen.share, path)
        for data, paths in files.items()
        for number, path in enumerate(paths)
        if not path.exists()
    ]
    with multiprocessing.get_context("spawn").Pool(chosen.jobs) as pool:
        pool.starmap(trained, due, chunksize=1)
    print("| data | networks | epochs | stopped | epochs saved | best one stopped | best left, less the best |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    for data, paths in files.items():
        print(row(data, paths, chosen.epochs, chosen.share, chosen.orders))


if __name__ == "__main__":
    main()
