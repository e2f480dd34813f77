"""What a ranking of untrained networks is worth to a search.

    OMP_NUM_THREADS=1 NETWRIGHT_TABLES=DIR python benchmarks/ranked_start.py --tables nb201-cifar10 --seeds 20

Predictor-guided evolution on NAS-Bench-201, alone and started from the consensus of published zero-cost scores of 200
random cells, as `--evaluate zero-cost` starts it: regret in test accuracy of the cell that validates best so far, in
points, median and mean over seeds.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from netwright import strategies
from netwright.benchmarks.table import Table
from netwright.benchmarks.tables import open_table
from netwright.objectives import Objective, Objectives
from netwright.proxies.ensemble import consensus
from netwright.space import Architecture
from netwright.strategies import Problem, WarmStarted
from netwright.strategies.base import AnyStrategy
from netwright.trial import Measurement, Proposal, Trial

PUBLISHED = ("jacov", "nwot", "flops", "synflow")
SCREENED = 200
SHOWN = (3, 6, 10, 15, 25, 50)


class Cells:
    """A table's cells, by key."""

    def __init__(self, table: Table) -> None:
        self.space, self.scores = table.space, table.scores
        self.every = [table.space.architecture(choices) for choices in table.choices]
        self.place = {cell.key: i for i, cell in reversed(list(enumerate(self.every)))}
        self.validation, self.test = np.asarray(table.validation)[-1], np.asarray(table.test)

    def sizes(self, cell: Architecture) -> dict[str, float]:
        place = self.place[cell.key]
        return {name: float(self.scores[name][place]) for name in ("params", "flops")}

    def ranked(self, rng: np.random.Generator) -> tuple[Trial, ...]:
        """Random cells with their consensus for a value."""
        scores = np.stack([self.scores[name] for name in PUBLISHED], 1)
        drawn = rng.choice(np.flatnonzero(~np.isnan(scores).any(1)), SCREENED, replace=False)
        values = consensus(scores[drawn]).tolist()
        return tuple(
            Trial(number, Proposal(self.every[place])).complete(Measurement({"accuracy": value}))
            for number, (place, value) in enumerate(zip(drawn, values, strict=True))
        )


def regrets(cells: Cells, strategy: AnyStrategy, seed: int, queries: int) -> NDArray[np.float64]:
    """(queries,) In points."""
    problem = Problem(cells.space, Objectives((Objective("accuracy"),)), seed, cells.sizes)
    state, best, found = strategy.init(problem), -1, []
    for number in range(queries):
        trial = Trial(number, strategy.ask(state, 1)[0])
        place = cells.place[trial.key]
        done = trial.complete(Measurement({"accuracy": float(cells.validation[place])}))
        state = strategy.tell(strategy.tell(state, [trial]), [done])
        best = place if best < 0 or cells.validation[place] > cells.validation[best] else best
        found.append(100 * float(cells.test.max() - cells.test[best]))
    return np.array(found)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", default=["nb201-cifar10"])
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    for name in options.tables:
        cells, plain = Cells(open_table(name)), strategies.get("npenas")
        for started in (False, True):
            rows = []
            for seed in range(options.seeds):
                known = cells.ranked(np.random.default_rng(1000 + seed)) if started else ()
                strategy = WarmStarted(plain, known, same_task=False) if started else plain
                rows.append(regrets(cells, strategy, seed, SHOWN[-1]))
            table = np.stack(rows)
            shown = ", ".join(f"{q}: {np.median(table[:, q - 1]):.2f} ({table[:, q - 1].mean():.2f})" for q in SHOWN)
            print(f"{name}, {'started from the ranking' if started else 'alone':24} {shown}", flush=True)


if __name__ == "__main__":
    main()
