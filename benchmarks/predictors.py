"""What surrogates learn from few cells of NAS-Bench-201, and whether their intervals hold.

    OMP_NUM_THREADS=1 NETWRIGHT_TABLES=DIR python benchmarks/predictors.py --seeds 3 --cells 78 156 469

Kendall's tau between values foretold and published test accuracies on CIFAR-10 over random cells that were not learnt
from, and the share of them inside the 90 % intervals; with what is known of the cells before training (sizes, and in
the second part the published zero-cost scores, of 9,445 cells) and without.
"""

from __future__ import annotations

import argparse
import time
from statistics import fmean

import numpy as np
from scipy.stats import kendalltau

from netwright import surrogates
from netwright.benchmarks.tables import open_table
from netwright.surrogates import Describer, calibrate


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--cells", type=int, nargs="+", default=[78, 156, 469])
    parser.add_argument("--tested", type=int, default=2000)
    parser.add_argument("--surrogates", nargs="+", default=list(surrogates.SURROGATES), choices=surrogates.SURROGATES)
    options = parser.parse_args()
    table = open_table("nb201-cifar10")
    cells = [table.space.architecture(choices) for choices in table.choices]
    values = np.asarray(table.test)
    place = {cell.key: i for i, cell in enumerate(cells)}
    for scores in (None, lambda cell: {name: column[place[cell.key]] for name, column in table.scores.items()}):
        known = "graphs and decisions" if scores is None else f"and scores before training: {', '.join(table.scores)}"
        print(f"\nfrom {known}")
        describe = Describer(table.space, scores)
        for name in options.surrogates:
            for count in options.cells:
                found, began = [], time.process_time()
                for seed in range(options.seeds):
                    drawn = np.random.default_rng(seed).permutation(len(cells))
                    few, rest = drawn[:count], drawn[count : count + options.tested]
                    model = calibrate(surrogates.get(name), describe([cells[i] for i in few]), values[few], seed=seed)
                    said = model(describe([cells[i] for i in rest]))
                    inside = (said.low <= values[rest]) & (values[rest] <= said.high)
                    found.append((float(kendalltau(said.value, values[rest])[0]), float(inside.mean()), model.tau))
                tau, inside_share, foreseen = (fmean(column) for column in zip(*found, strict=True))
                spent = (time.process_time() - began) / options.seeds
                print(
                    f"  {name:18} {count:4} cells: tau {tau:.3f} (by cross-validation {foreseen:.3f}), "
                    f"{inside_share:.1%} inside, {spent:.1f} s",
                    flush=True,
                )


if __name__ == "__main__":
    main()
