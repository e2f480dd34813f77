"""What an earlier search on other data is worth to a later one.

    OMP_NUM_THREADS=1 NETWRIGHT_TABLES=DIR python benchmarks/transfer.py --seeds 10

NAS-Bench-201 has every cell trained on three data sets. Predictor-guided evolution searches one, alone and warm-started
from the 100 trials of a search on another, or from these with their values dealt out at random: an unrelated task. For
each pair and number of trials: the regret in test accuracy of the cell that validates best so far, in points, median
and mean over seeds; and in how many trials the started search has what the one alone has after 100, as the median share.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from ranked_start import Cells, regrets

from netwright import strategies
from netwright.benchmarks.tables import open_table
from netwright.objectives import Objective, Objectives
from netwright.strategies import Problem, WarmStarted
from netwright.trial import Measurement, Proposal, Trial

TABLES = ("nb201-cifar10", "nb201-cifar100", "nb201-imagenet16")
TRIALS = 100
SHOWN = (6, 10, 25, 50, 100)


def searched(cells: Cells, seed: int) -> tuple[Trial, ...]:
    """The completed trials of a search on a data set."""
    strategy = strategies.get("npenas")
    state = strategy.init(Problem(cells.space, Objectives((Objective("accuracy"),)), seed, cells.sizes))
    done = []
    for number in range(TRIALS):
        trial = Trial(number, strategy.ask(state, 1)[0])
        value = float(cells.validation[cells.place[trial.key]])
        done.append(trial.complete(Measurement({"accuracy": value})))
        state = strategy.tell(strategy.tell(state, [trial]), [done[-1]])
    return tuple(done)


def dealt(trials: Sequence[Trial], rng: np.random.Generator) -> tuple[Trial, ...]:
    """The same networks with each other's values."""
    values = [trial.metric("accuracy") for trial in trials]
    order = rng.permutation(len(values))
    return tuple(
        Trial(trial.number, Proposal(trial.proposal.architecture)).complete(Measurement({"accuracy": values[place]}))
        for trial, place in zip(trials, order, strict=True)
    )


def share(alone: NDArray[np.float64], started: NDArray[np.float64]) -> float:
    """(trials,) each: after which share of the trials the started search has what the one alone has at its end; 2 where
    it never has."""
    there = np.flatnonzero(started <= alone[-1] + 1e-9)
    needed = np.flatnonzero(alone <= alone[-1] + 1e-9)[0] + 1
    return float((there[0] + 1) / needed) if len(there) else 2.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", default=list(TABLES))
    parser.add_argument("--seeds", type=int, default=10)
    options = parser.parse_args()
    every = {name: Cells(open_table(name)) for name in options.tables}
    plain = strategies.get("npenas")
    for target, cells in every.items():
        alone = [regrets(cells, plain, seed, TRIALS) for seed in range(options.seeds)]
        told(f"{target}, alone", alone)
        for source, others in every.items():
            if source == target:
                continue
            for unrelated in (False, True):
                started = []
                for seed in range(options.seeds):
                    known = searched(others, 1000 + seed)
                    known = dealt(known, np.random.default_rng(seed)) if unrelated else known
                    started.append(regrets(cells, WarmStarted(plain, known, same_task=False), seed, TRIALS))
                shares = [share(one, other) for one, other in zip(alone, started, strict=True)]
                told(f"{target}, from {source}{' dealt at random' * unrelated}", started, shares)


def told(what: str, rows: Sequence[NDArray[np.float64]], shares: Sequence[float] = ()) -> None:
    table = np.stack(rows)
    shown = ", ".join(f"{q}: {np.median(table[:, q - 1]):.2f} ({table[:, q - 1].mean():.2f})" for q in SHOWN)
    further = f"; in {np.median(shares):.2f} of the trials" if shares else ""
    print(f"{what:60} {shown}{further}", flush=True)


if __name__ == "__main__":
    main()
