"""Compares netwright's strategies with each other and with other libraries' optimisers on tabular benchmarks.

    python benchmarks/strategies.py --tables nb201-cifar10 nb201-cifar100 --seeds 50 --jobs 2 --out build/s

Peers are run where they are installed (optuna, pyglove, cmaes). Prints, for each table, the median regret, the mean
test quality, the queries to the optimum, and whether the best strategy of ours beats each peer; DIR/TABLE holds the
report and the results. What is in DIR already is not run again. With --devices, accuracy is searched together with the
latency on each device of the table, and hypervolumes are compared.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from peers import PEERS, installed

from netwright import strategies
from netwright.benchmarks.harness import Progress, benchmark
from netwright.benchmarks.objective import objectives_of
from netwright.benchmarks.plan import Plan, suitable
from netwright.benchmarks.table import Table
from netwright.benchmarks.tables import NAMES, open_table
from netwright.strategies import AnyStrategy

PRINTED = ("25", "50", "100", "200")
"""Numbers of queries at which p-values are told."""


def contestants(table: Table, objectives: Sequence[str], ours: Sequence[str], peers: Sequence[str]) -> dict[str, Any]:
    """Ours and the peers that can be compared on a table."""
    wanted = objectives_of(table, objectives)
    able = suitable(table, wanted)
    found: dict[str, AnyStrategy] = {name: strategies.get(name) for name in (ours or able) if name in able}
    there = installed()
    for name in peers:
        if name in there and (there[name].multi_objective or len(wanted.objectives) == 1):
            found[name] = there[name]
    return found


def compare(chosen: argparse.Namespace, table: Table, objectives: Sequence[str], directory: Path) -> dict[str, Any]:
    """The results on one table."""
    plan = Plan(
        table,
        contestants(table, objectives, chosen.strategies, chosen.peers),
        objectives_of(table, objectives),
        seeds=chosen.seeds,
        queries=chosen.queries,
        scores=chosen.scores,
    )
    return benchmark(plan, directory, jobs=chosen.jobs, observer=tell)


def tell(progress: Progress) -> None:
    if progress.failure or progress.done % 100 == 0 or progress.done == progress.total:
        name = "" if progress.label is None else f" {progress.label.strategy} {progress.failure}"
        print(f"{progress.done} of {progress.total} runs{name}", file=sys.stderr, flush=True)


def summary(results: Mapping[str, Any]) -> str:
    """A Markdown table, the best first, and the best of ours against the peers."""
    last, by = str(results["queries"]), results["ranked_by"]
    points = [str(at) for at in results["checkpoints"]]
    factor = 100.0 if by == "hypervolume" else 1.0
    heads = ["strategy", *(f"at {at}" for at in points), *(f"test at {at}" for at in points)]
    heads += ["rank", "to optimum", "until found", "ms"]
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    ranked = sorted(results["strategies"].items(), key=lambda one: one[1]["mean_rank"][last])
    for name, figures in ranked:
        cells = [name]
        cells += [f"{factor * figures[by][at]['median']:.2f}" for at in points]
        cells += [f"{figures['test'][at]['mean']:.2f}" for at in points]
        cells += [f"{figures['mean_rank'][last]:.2f}"]
        for one in ("queries_to_optimum", "queries_to_find"):
            cells.append(reached(figures[one]["median"], results["queries"]))
        cells.append(f"{figures['ms_per_ask_tell']:.2f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", *against_peers(results)])


def reached(queries: float | None, cap: int) -> str:
    return f"> {cap}" if queries is None else f"{queries:.0f}"


def against_peers(results: Mapping[str, Any]) -> list[str]:
    """At each number of queries, the best of ours at that number against every peer."""
    lines = []
    ours = [name for name in results["strategies"] if name not in PEERS]
    for at in (one for one in PRINTED if one in results["pairs"] and ours):
        best = min(ours, key=lambda name: results["strategies"][name]["mean_rank"][at])
        told = []
        for pair in results["pairs"][at]:
            names = (pair["first"], pair["second"])
            peer = next((name for name in names if name in PEERS), None)
            if best in names and peer is not None:
                won = pair["better"] if names[0] == best else pair["worse"]
                lost = pair["worse"] if names[0] == best else pair["better"]
                told.append(f"{peer} {won}:{lost} (p = {pair['p']:.1g}, with Holm {pair['adjusted']:.1g})")
        if told:
            lines.append(f"At {at} queries {best} against " + ", ".join(told) + ".")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tables", nargs="+", default=["digits"], choices=NAMES)
    parser.add_argument("--table", type=Path, help="where the tables' files are")
    parser.add_argument("--strategies", nargs="*", default=(), choices=strategies.NAMES, help="ours; all that suit")
    parser.add_argument("--peers", nargs="*", default=list(PEERS), choices=PEERS)
    parser.add_argument("--devices", action="store_true", help="accuracy and latency, on each device")
    parser.add_argument("--scores", default="all")
    parser.add_argument("--seeds", type=int, default=50)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--out", type=Path, required=True)
    chosen = parser.parse_args()
    ranks: dict[str, list[float]] = {}
    for name in chosen.tables:
        table = open_table(name, None if name == "digits" else chosen.table)
        devices = [metric for metric in table.metrics if metric.startswith("latency")] if chosen.devices else []
        for objectives in [[table.quality, device] for device in devices] or [[table.quality]]:
            title = " and ".join([name, *objectives[1:]])
            results = compare(chosen, table, objectives, chosen.out / "-".join([name, *objectives[1:]]))
            for one, figures in results["strategies"].items():
                ranks.setdefault(one, []).append(figures["mean_rank"][str(chosen.queries)])
            print(f"\n## {title}: {results['seeds']} seeds, scores {chosen.scores}\n\n{summary(results)}", flush=True)
    print("\n## Mean ranks over all of these\n")
    for one, each in sorted(ranks.items(), key=lambda rank: fmean(rank[1])):
        print(f"{one}: {fmean(each):.2f} on {len(each)}")


if __name__ == "__main__":
    main()
