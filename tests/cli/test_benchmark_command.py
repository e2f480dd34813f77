"""`netwright benchmark` as the command line sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from netwright.benchmarks.folder import Label
from netwright.benchmarks.harness import Progress
from netwright.benchmarks.tables import NAMES
from netwright.cli import benchmark_progress
from netwright.cli.printing import console

Run = Callable[..., Result]
SMALL = ("benchmark", "digits", "--strategy", "random,genetic", "--seeds", "2", "--queries", "12", "--out", "out")


def test_the_list_names_every_table(run: Run) -> None:
    ran = run("benchmark", "--list")
    assert ran.exit_code == 0
    assert set(NAMES) <= {line.split()[0] for line in ran.stdout.splitlines()}
    rows = json.loads(run("benchmark", "--list", "--json").stdout)["benchmarks"]
    assert {row["name"]: row["state"] for row in rows}["digits"] == "ready"


def test_a_benchmark_prints_its_ranking_and_leaves_its_files(run: Run) -> None:
    ran = run(*SMALL)
    assert ran.exit_code == 0, ran.stderr
    assert "digits: median regret in points over 2 seeds" in ran.stdout
    assert {"runs.jsonl", "results.json", "report.html"} == {path.name for path in Path("out").iterdir()}
    assert "4 of 4 runs" in ran.stderr


def test_json_is_one_object_with_the_promised_words(run: Run) -> None:
    results = json.loads(run(*SMALL, "--json", "--quiet").stdout)
    assert results["schema"] == "netwright.benchmark/1"
    assert results["seeds"] == 2
    assert set(results["strategies"]) == {"random", "genetic"}
    for figures in results["strategies"].values():
        assert {"regret", "queries_to_optimum", "ms_per_ask_tell"} <= set(figures)


def test_each_wrapper_is_a_condition_of_its_own(run: Run) -> None:
    wrappers = ("--noise", "1", "--workers", "4", "--failing", "0.2", "--infeasible", "params>2k", "--noise", "2")
    results = json.loads(run(*SMALL, *wrappers, "--json", "--quiet").stdout)
    assert list(results["conditions"]) == ["noise 1", "noise 2", "4 workers", "failing 0.2", "infeasible params>2k"]


def test_a_row_is_looked_up(run: Run) -> None:
    row = json.loads(run("benchmark", "digits", "--lookup", "17", "--json").stdout)
    assert (row["schema"], row["index"]) == ("netwright.lookup/1", 17)
    text = run("benchmark", "digits", "--lookup", row["key"]).stdout
    assert row["key"] in text


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "no benchmark is named"),
        (("digit",), "did you mean 'digits'"),
        (("nb201-cifar10",), "needs its table"),
        (("nb201-cifar10", "--table", "absent.parquet"), "absent.parquet: no such file"),
        (("digits", "--strategy", "annealing"), "did you mean 'simulated-annealing'"),
        (("digits", "--objective", "accuracy", "--objective", "energy"), "unknown objective of digits 'energy'"),
        (("digits", "--failing", "2"), "failing is 2"),
        (("digits", "--scores", "few"), "unknown choice of scores"),
        (("digits", "--lookup", "nothing"), "no network of digits"),
        (("digits", "--seeds", "0"), "seeds"),
    ],
)
def test_bad_input_ends_with_2_and_a_way_out(
    run: Run, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], says: str
) -> None:
    monkeypatch.delenv("NETWRIGHT_TABLES", raising=False)
    ran = run("benchmark", *arguments)
    assert ran.exit_code == 2
    assert says in ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_live_line_tells_where_it_is() -> None:
    progress = Progress(3, 12, Label("noise 1", "genetic", "GeneticAlgorithm()", 7), 75.0)
    words = "3 of 12 runs, 1 min 15 s left, genetic, seed 7, noise 1"
    assert benchmark_progress.words(progress) == words
    screen = console()
    with screen.capture() as captured:
        screen.print(benchmark_progress.picture(progress))
    assert words in captured.get()
