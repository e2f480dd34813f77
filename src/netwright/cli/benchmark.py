"""`netwright benchmark`: strategies compared on published results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from netwright.cli import benchmark_words as own
from netwright.cli import words
from netwright.cli.printing import printable, say, say_json, show

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from netwright.benchmarks.condition import Condition
    from netwright.benchmarks.plan import Plan
    from netwright.benchmarks.table import Table


def benchmark(
    table: own.TableName = None,
    strategy: own.Strategies = None,
    seeds: own.Seeds = 10,
    queries: own.Queries = 200,
    jobs: own.Jobs = 1,
    objective: own.Objectives = None,
    scores: own.Scores = "all",
    noise: own.Noise = None,
    workers: own.Workers = None,
    failing: own.Failing = None,
    infeasible: own.Infeasible = None,
    table_file: own.TableFile = None,
    out: own.Out = None,
    lookup: own.Lookup = None,
    import_: own.Import = None,
    list_: own.Listed = False,
    json: words.Json = False,
    quiet: words.Quiet = False,
) -> None:
    """Compare search strategies on tabular benchmarks, over many seeds and without training anything."""
    if list_:
        _list(table_file, json)
        return
    if import_ is not None:
        _import(import_, table_file, quiet)
        return
    opened = _open(table, table_file)
    if lookup is not None:
        _show_row(opened, lookup, json)
        return
    from netwright.benchmarks.plan import make_plan

    conditions = _conditions(noise, workers, failing, infeasible)
    names = [name.strip() for text in strategy or () for name in text.split(",") if name.strip()]
    plan = make_plan(opened, names, objective or (), seeds, queries, conditions, scores)
    _run(plan, out, jobs, json, quiet)


def _open(name: str | None, file: Path | None) -> Table:
    from netwright.benchmarks.tables import NAMES, open_table
    from netwright.errors import InputError

    if name is None:
        raise InputError("no benchmark is named", f"netwright benchmark TABLE, one of {', '.join(NAMES)}")
    return open_table(name, file)


def _import(source: Path, out: Path | None, quiet: bool) -> None:
    from netwright.benchmarks.importers import convert
    from netwright.errors import InputError

    if out is None:
        raise InputError("no file for the table", "name it with --table, such as --table nb201.csv.gz")

    def tell(done: int, total: int) -> None:
        if not quiet and (done % 500 == 0 or done == total):
            say(f"{done} of {total} architectures", error=True)

    convert(source, out, tell)
    say(f"table: {out}")


def _list(file: Path | None, json: bool) -> None:
    from rich.table import Table as RichTable

    from netwright.benchmarks.tables import states

    rows = states(file)
    if json:
        say_json({"schema": "netwright.benchmarks/1", "benchmarks": rows})
        return
    listed = RichTable("benchmark", "state", "about", box=None, padding=(0, 2, 0, 0))
    for row in rows:
        listed.add_row(row["name"], row["state"], row["about"])
    show(listed)


def _show_row(table: Table, text: str, json: bool) -> None:
    from netwright.benchmarks.lookup import lookup

    row = lookup(table, text)
    if json:
        say_json(row)
        return
    for name, value in row.items():
        if isinstance(value, Mapping):
            value = ", ".join(f"{word} {one if one is None else f'{one:.6g}'}" for word, one in value.items())
        say(f"{name + ':':<15}{value}")


def _conditions(
    noise: Sequence[float] | None,
    workers: Sequence[int] | None,
    failing: Sequence[float] | None,
    infeasible: Sequence[str] | None,
) -> list[Condition]:
    """One for each option given."""
    from netwright.benchmarks.condition import Condition

    return [
        *(Condition(noise=one) for one in noise or ()),
        *(Condition(workers=one) for one in workers or ()),
        *(Condition(failing=one) for one in failing or ()),
        *(Condition(infeasible=one) for one in infeasible or ()),
    ]


def _run(plan: Plan, out: Path | None, jobs: int, json: bool, quiet: bool) -> None:
    """Runs a plan under watch and prints how it ended. Exit code 1 when runs have failed."""
    from netwright.benchmarks.harness import REPORT, benchmark
    from netwright.cli.benchmark_progress import watching
    from netwright.cli.exits import Terminated
    from netwright.door import free_folder

    directory = out if out is not None else free_folder(plan.table.name, "benchmark")
    try:
        with watching(quiet) as observer:
            results = benchmark(plan, directory, jobs=jobs, observer=observer)
    except (KeyboardInterrupt, Terminated):
        say(f"finished runs are kept: the same command with --out {directory} goes on", error=True)
        raise
    if json:
        say_json(results)
    else:
        show(ranking(results))
        say(f"report: {directory / REPORT}")
    if results["failed"]:
        first = results["failed"][0]
        say(f"{len(results['failed'])} runs failed: {first['strategy']}: {first['error']}", error=True)
        raise typer.Exit(1)


def ranking(results: Mapping[str, Any]) -> RichTable:
    """The strategies, the best first."""
    from rich.table import Table as RichTable

    last, by = str(results["queries"]), results["ranked_by"]
    found = RichTable(title=_title(results), title_justify="left", box=None, padding=(0, 2, 0, 0))
    found.add_column("strategy")
    for column in (*(f"at {at}" for at in results["checkpoints"]), "rank", "to optimum", "ms"):
        found.add_column(column, justify="right")
    for name, figures in sorted(results["strategies"].items(), key=lambda one: one[1]["mean_rank"][last]):
        reached = figures["queries_to_optimum"]["median"]
        factor = 100.0 if by == "hypervolume" else 1.0
        found.add_row(
            printable(name),
            *(f"{factor * figures[by][str(at)]['median']:.2f}" for at in results["checkpoints"]),
            f"{figures['mean_rank'][last]:.2f}",
            f"> {results['queries']}" if reached is None else f"{reached:.0f}",
            f"{figures['ms_per_ask_tell']:.2g}",
        )
    return found


def _title(results: Mapping[str, Any]) -> str:
    what = "hypervolume in %" if results["ranked_by"] == "hypervolume" else f"regret in {results['unit']}"
    return f"{results['table']}: median {what} over {results['seeds']} seeds"
