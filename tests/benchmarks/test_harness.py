"""Whole benchmarks on a small table: what is kept, what is told, and what is refused before the start."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
import pytest

from netwright import strategies
from netwright.benchmarks.condition import Condition
from netwright.benchmarks.folder import FILE, opened
from netwright.benchmarks.harness import REPORT, RESULTS, benchmark
from netwright.benchmarks.plan import suitable
from netwright.errors import InputError
from netwright.strategies.random_search import RandomSearch


@dataclass(frozen=True)
class Breaks(RandomSearch):
    """Raises an error in the middle of the search with seed 1."""

    name: ClassVar[str] = "breaks"

    def ask(self, state, n):
        if state.problem.seed == 1 and state.asked == 5:
            raise RuntimeError("broken on purpose")
        return super().ask(state, n)


def seen(plan, directory, **settings):
    """The results, and the progress that was told on the way."""
    told = []
    return benchmark(plan, directory, observer=told.append, **settings), told


def test_results_have_the_promised_shape(plan, tmp_path):
    results, _ = seen(plan(), tmp_path)
    assert (results["table"], results["seeds"], results["queries"]) == ("digits", 3, 20)
    for figures in results["strategies"].values():
        assert set(figures["regret"]) == set(figures["test"]) == set(figures["mean_rank"]) == {"10", "20"}
        assert set(figures["regret_in_time"]) == {"10", "20"}
        assert set(figures["regret"]["10"]) == {"median", "mean", "q25", "q75"}
        assert set(figures["queries_to_optimum"]) == {"median", "q25", "q75", "reached"}
        assert figures["ms_per_ask_tell"] > 0
        assert figures["regret"]["20"]["median"] <= figures["regret"]["10"]["median"]
        assert figures["test"]["20"]["median"] == pytest.approx(results["optimum"] - figures["regret"]["20"]["median"])
    assert sum(figures["mean_rank"]["20"] for figures in results["strategies"].values()) == pytest.approx(3)
    written = json.loads((tmp_path / RESULTS).read_text())
    assert written == json.loads(json.dumps(results))
    assert (tmp_path / REPORT).read_text().startswith("<!doctype html>")


def test_what_was_run_is_not_run_again(plan, tmp_path):
    first, _ = seen(plan(), tmp_path)
    again, told = seen(plan(), tmp_path)
    assert [(progress.done, progress.total) for progress in told] == [(6, 6)]
    assert first == again
    more, told = seen(plan(names=("random", "genetic", "reinforce"), seeds=4), tmp_path)
    assert told[0].done == 6
    assert Counter(progress.label.strategy for progress in told[1:]) == {"random": 1, "genetic": 1, "reinforce": 4}
    assert set(more["strategies"]) == {"random", "genetic", "reinforce"}


def test_an_interrupted_benchmark_keeps_what_is_done(plan, tmp_path):
    def interrupt(progress):
        if progress.done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        benchmark(plan(), tmp_path, observer=interrupt)
    results, told = seen(plan(), tmp_path)
    assert told[0].done == 4
    fresh, _ = seen(plan(), tmp_path / "fresh")
    assert timeless(results) == timeless(fresh)


def test_processes_find_what_one_process_finds(plan, tmp_path):
    alone, _ = seen(plan(seeds=2), tmp_path / "alone")
    together, told = seen(plan(seeds=2), tmp_path / "together", jobs=2)
    assert timeless(alone) == timeless(together)
    assert told[-1].done == 4


def timeless(results):
    """Without what depends on the machine and the folder."""
    kept = {name: value for name, value in results.items() if name != "directory"}
    each = kept["strategies"].items()
    kept["strategies"] = {name: {**figures, "ms_per_ask_tell": None} for name, figures in each}
    return kept


def test_a_line_that_was_being_written_is_run_again(plan, tmp_path):
    seen(plan(), tmp_path)
    path = tmp_path / FILE
    whole = path.read_text()
    path.write_text(whole[:-30])
    _, told = seen(plan(), tmp_path)
    assert told[0].done == 5
    assert len(path.read_text().splitlines()) == len(whole.splitlines())


def test_a_folder_of_another_plan_is_refused(plan, table, tmp_path):
    seen(plan(), tmp_path)
    for other, says in (
        (plan(queries=30), "holds runs with queries 20"),
        (plan(scores="none"), r"holds runs with scores \['params', 'guess'\]"),
        (replace(plan(), table=replace(table, test=table.test / 2)), "another version of the table"),
    ):
        with pytest.raises(InputError, match=says):
            benchmark(other, tmp_path)


@pytest.mark.parametrize("content", ["not json\n", "{}\n", "[]\n", '{"schema": "other"}\n'])
def test_a_folder_with_something_else_in_it_is_refused(plan, tmp_path, content):
    (tmp_path / FILE).write_text(content)
    with pytest.raises(InputError, match="name another folder"):
        benchmark(plan(), tmp_path)


def test_two_at_a_time_do_not_write_to_one_folder(plan, tmp_path):
    with opened(tmp_path, plan()), pytest.raises(InputError, match="another benchmark is writing"):
        benchmark(plan(), tmp_path)


def test_a_strategy_that_breaks_is_left_out_and_told(plan, tmp_path):
    made = replace(plan(), strategies={"random": strategies.get("random"), "breaks": Breaks()})
    results, told = seen(made, tmp_path)
    assert set(results["strategies"]) == {"random"}
    assert [(one["strategy"], one["seed"]) for one in results["failed"]] == [("breaks", 1)]
    assert "RuntimeError: broken on purpose" in results["failed"][0]["error"]
    assert sum(bool(progress.failure) for progress in told) == 1
    assert "broken on purpose" in (tmp_path / REPORT).read_text()


def test_conditions_are_compared_beside_the_plain_one(plan, tmp_path):
    conditions = [Condition(noise=1.0), Condition(workers=4), Condition(infeasible="params>800")]
    results, _ = seen(plan(conditions=conditions), tmp_path)
    assert list(results["conditions"]) == ["noise 1", "4 workers", "infeasible params>800"]
    for column in results["conditions"].values():
        assert set(column["strategies"]) == set(results["strategies"])
    assert "Under harder conditions" in (tmp_path / REPORT).read_text()


def test_several_objectives_are_ranked_by_hypervolume(plan, tmp_path):
    results, _ = seen(plan(names=("random", "genetic"), objectives=("accuracy", "params")), tmp_path)
    assert results["ranked_by"] == "hypervolume"
    for figures in results["strategies"].values():
        values = [figures["hypervolume"][at]["median"] for at in ("10", "20")]
        assert 0 < values[0] <= values[1] <= 1


def test_learning_beats_chance_on_a_smooth_table(plan, tmp_path):
    results, _ = seen(plan(seeds=12, queries=30), tmp_path)
    found = results["strategies"]
    assert found["genetic"]["mean_rank"]["30"] < found["random"]["mean_rank"]["30"]
    pair = results["pairs"]["30"][0]
    assert (pair["first"], pair["second"]) == ("random", "genetic")
    assert pair["p"] < 0.05


def test_unless_names_are_given_all_that_suit_are_run(plan, table):
    one = set(plan(names=()).strategies)
    several = set(plan(names=("all",), objectives=("accuracy", "params")).strategies)
    assert one == {name for name in strategies.NAMES if name in suitable(table, plan().objectives)}
    assert several == {name for name in strategies.NAMES if strategies.STRATEGIES[name].multi_objective}


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"names": ("genetics",)}, "did you mean 'genetic'"),
        (
            {"names": ("reinforce",), "objectives": ("accuracy", "params")},
            "reinforce handles one objective: several: random",
        ),
        ({"objectives": ("acuracy",)}, "did you mean 'accuracy'"),
        ({"conditions": [Condition(infeasible="size>5")]}, "unknown column of digits 'size'"),
        ({"seeds": 0}, "seeds is 0"),
        ({"queries": 0}, "queries is 0"),
        ({"scores": "some"}, "unknown choice of scores 'some'"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_the_start(plan, asked, says):
    with pytest.raises(InputError, match=says):
        plan(**asked)


def test_strategies_that_choose_fidelities_need_several(plan, table):
    ladderless = replace(table, fidelities=table.fidelities[1:], validation=table.validation[1:])
    chooser = next(name for name, kind in strategies.STRATEGIES.items() if kind.uses_fidelity)
    with pytest.raises(InputError, match=f"{chooser} chooses among fidelities, and digits has one"):
        replace(plan(), table=ladderless, strategies={chooser: strategies.get(chooser)})


def test_the_scores_that_strategies_may_know_are_chosen(plan):
    assert [plan(scores=scores).score_names for scores in ("all", "sizes", "none")] == [
        ("params", "guess"),
        ("params",),
        (),
    ]


def test_checkpoints_end_with_the_budget(plan):
    assert plan(queries=20).checkpoints == (10, 20)
    assert plan(queries=200).checkpoints == (10, 25, 50, 100, 200)
    assert plan(queries=7).checkpoints == (7,)
    assert np.all(np.diff(plan(queries=300).checkpoints) > 0)
