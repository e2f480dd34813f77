"""The two rows that introductions to architecture search print, measured on real training: how much of a hand-designed
network's error REINFORCE removes by choosing layer types and widths, and a genetic algorithm by choosing connections.

    OMP_NUM_THREADS=1 python benchmarks/history.py fashion-mnist --seeds 5 --jobs 2 --out build/history

The network found is trained by the same recipe as the start network, equally many epochs, from the same seed.
Connections are chosen among networks with at most the start network's parameters; layers among those with at most twice
its FLOPs, and there the start network made wider by hand, up to that limit, is held against what is found. Random
search with as many trials is the control. Prints a Markdown table: mean relative reduction of the test error and its
95 % interval (t over seeds). What is in OUT already is not trained again.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

import torch
from interval import interval

from netwright import strategies
from netwright.backends.torch.recipe import default_recipe
from netwright.evaluation.base import Context
from netwright.evaluation.training import Training
from netwright.loop.feasibility import Feasible, restrict, sized
from netwright.objectives import Constraint, Objective, Objectives
from netwright.space import Architecture, Space, chain, choice, dag, op
from netwright.strategies import AnyStrategy
from netwright.strategies.base import Problem
from netwright.tasks import Task, open_task
from netwright.trial import Fidelity, Proposal, Trial

CHEAP, LONGER, FULL = Fidelity(epochs=1.0, data=0.3), Fidelity(epochs=2.0), Fidelity(epochs=4.0)
"""Of a search trial, of the best few before one is chosen, and of the trainings that are compared."""
PROMOTED = 5
WIDTHS = (8, 16, 24, 32, 48, 64)


def layers() -> Space:
    """Six layers, each of its own type and width; three of them halve the image."""

    def layer(stride: int) -> Any:
        width = choice(*WIDTHS)
        return choice(
            op("conv", kernel=3, channels=width, stride=stride),
            op("conv", kernel=5, channels=width, stride=stride),
            op("resblock", kernel=3, channels=width, stride=stride),
            op("mbconv", kernel=3, channels=width, stride=stride, expansion=3),
        )

    parts = {f"layer{place}": layer(stride) for place, stride in enumerate((2, 1, 2, 1, 2, 1), start=1)}
    return Space(chain(**parts, head=op("head")), name="layers")


def connections() -> Space:
    """Two stages of six convolutions; which earlier ones each takes in (up to three) is to be found."""

    def stage(channels: int) -> Any:
        return dag(6, node=op("conv", kernel=3, channels=channels), inputs=(1, 3))

    return Space(
        chain(
            stem=op("conv", kernel=3, channels=16, stride=2),
            stage1=stage(16),
            down=op("conv", kernel=3, channels=32, stride=2),
            stage2=stage(32),
            head=op("head"),
        ),
        name="connections",
    )


@dataclass(frozen=True)
class Row:
    """space: what may be chosen; start: the choices that stand for the hand-designed network; trials: of the search;
    limit: a size, and how many times the start network's it may be; wider: the start network made larger by hand."""

    title: str
    space: Space
    start: dict[str, Any]
    strategy: AnyStrategy
    trials: int
    limit: tuple[str, float]
    wider: dict[str, Any] | None = None

    def constraint(self, task: Task) -> Constraint:
        size = sized(self.space.architecture(self.start), task.signature)
        return Constraint(self.limit[0], "<=", self.limit[1] * getattr(size, self.limit[0]))


def rows() -> dict[str, Row]:
    """The start networks are plain: 3x3 convolutions of 16, 16, 32, 32, 64, 64 channels; each taking in the last."""

    def plain(*widths: int) -> dict[str, Any]:
        layers = {f"layer{place}": 0 for place in range(1, 7)}
        return layers | {f"layer{at}/0/channels": WIDTHS.index(width) for at, width in enumerate(widths, start=1)}

    chained = {f"stage{stage}/{node}/inputs": [node - 1] for stage in (1, 2) for node in range(2, 7)}
    genetic = strategies.get("genetic", population_size=8)
    return {
        "reinforce": Row(
            "REINFORCE, layer types and widths",
            layers(),
            plain(16, 16, 32, 32, 64, 64),
            strategies.get("reinforce"),
            40,
            ("flops", 2.0),
            plain(24, 24, 48, 48, 64, 64),
        ),
        "genetic": Row("genetic algorithm, connections", connections(), chained, genetic, 40, ("params", 1.0)),
    }


def search(row: Row, strategy: AnyStrategy, task: Task, seed: int) -> Architecture:
    """The best network of a search among those within the row's limit, by validation accuracy: the best few of its
    trials are trained longer before one is chosen."""
    feasible = Feasible(task.signature, (row.constraint(task),))
    objectives = Objectives((Objective("accuracy"),))
    state = strategy.init(Problem(restrict(row.space, feasible), objectives, seed, trials=row.trials))
    found: list[Trial] = []
    for number in range(row.trials):
        trial = Trial(number, strategy.ask(state, 1)[0])
        state = strategy.tell(state, [trial])
        found.append(trial.complete(train(trial.proposal.architecture, task, CHEAP, seed)))
        state = strategy.tell(state, found[-1:])
    leaders = sorted(found, key=lambda trial: tuple(objectives.losses(trial)))[:PROMOTED]
    longer = [trial.complete(train(trial.proposal.architecture, task, LONGER, seed)) for trial in leaders]
    best = objectives.incumbent(longer)
    assert best is not None
    return best.proposal.architecture


def train(architecture: Architecture, task: Task, fidelity: Fidelity, seed: int) -> Any:
    evaluator = Training(default_recipe(task.kind, len(task.train.y)), test=fidelity == FULL)
    return evaluator.evaluate(Proposal(architecture, fidelity), task, Context(seed=seed))


def error(architecture: Architecture, task: Task, seed: int) -> float:
    return 1 - float(train(architecture, task, FULL, seed).test["accuracy"])


def compare(data: str, name: str, seed: int, path: Path) -> None:
    """Writes the test errors of one seed: the start network, what the strategy found, what random search found, and the
    start network made wider."""
    torch.set_num_threads(1)
    task, row = open_task(data), rows()[name]
    start = row.space.architecture(row.start)
    found = search(row, row.strategy, task, seed)
    drawn = search(row, strategies.get("random"), task, seed)
    roles = {"start": start, "found": found, "random": drawn}
    if row.wider:
        roles["wider"] = row.space.architecture(row.wider)
    errors = {role: error(one, task, seed) for role, one in roles.items()}
    path.write_text(json.dumps({"row": name, "seed": seed, "errors": errors, "choices": found.to_dict()}, indent=1))
    print(path, flush=True)


def mean(results: list[dict[str, Any]], role: str) -> str:
    return f"{100 * fmean(one['errors'][role] for one in results):.2f} %"


def reduction(results: list[dict[str, Any]], role: str) -> str:
    """Mean and interval of the share of the start network's error that is gone, in percent."""
    shares = [100 * (1 - one["errors"][role] / one["errors"]["start"]) for one in results]
    middle = fmean(shares)
    if len(shares) < 2:
        return f"{middle:.1f}"
    low, high = interval(shares)
    return f"{middle:.1f} ({low:.1f} to {high:.1f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data")
    parser.add_argument("--rows", nargs="+", choices=list(rows()), default=list(rows()))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("build/history"))
    chosen = parser.parse_args()
    chosen.out.mkdir(parents=True, exist_ok=True)
    wanted = [(name, seed) for name in chosen.rows for seed in range(chosen.seeds)]
    kept = {one: chosen.out / f"{one[0]}-{one[1]}.json" for one in wanted}
    with multiprocessing.get_context("spawn").Pool(chosen.jobs, maxtasksperchild=1) as pool:
        due = [(chosen.data, *one, kept[one]) for one in wanted if not kept[one].exists()]
        pool.starmap(compare, due, chunksize=1)
    roles = {"found": "found", "random": "random search", "wider": "wider by hand"}
    print(f"| row | start: test error | {' | '.join(f'{title}: error | removed, %' for title in roles.values())} |")
    print(f"|---|{'---:|' * (1 + 2 * len(roles))}")
    for name in chosen.rows:
        results = [json.loads(kept[name, seed].read_text()) for seed in range(chosen.seeds)]
        cells = [rows()[name].title, mean(results, "start")]
        for role in roles:
            known = role in results[0]["errors"]
            cells += [mean(results, role), reduction(results, role)] if known else ["", ""]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
