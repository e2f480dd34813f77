"""The summary of finished, unfinished and failed searches, and what the verdict says of them."""

from __future__ import annotations

import json
from collections.abc import Callable

import numpy as np
import pytest

from netwright.insight.ledger import ledger
from netwright.insight.status import status
from netwright.insight.summary import summarise
from netwright.trial import Cost, Measurement, Proposal, Trial

KEYS = {"schema", "directory", "metric", "best", "baselines", "control", "from_scratch", "front", "verdict"}
KEYS |= {"comparisons", "trials"}


def test_a_finished_search_has_everything(finished) -> None:  # type: ignore[no-untyped-def]
    summary = summarise(finished.store, finished.directory)
    assert set(summary) == KEYS | {"ledger"}
    json.dumps(summary, allow_nan=False)
    best = summary["best"]
    finals = [t for t in finished.store.trials() if t.phase == "final" and t.proposal.origin == "best"]
    assert best["key"] == finals[0].key
    assert best["seeds"] == 3
    tests = [t.measurement.test["accuracy"] for t in finals]
    assert best["test"]["accuracy"] == pytest.approx(np.mean(tests))
    assert best["test_std"]["accuracy"] == pytest.approx(np.std(tests, ddof=1))
    assert best["params"] == int(finals[0].metric("params"))
    assert finished.space.architecture(best["architecture"]["choices"]).key == best["key"]
    assert {one["name"] for one in summary["baselines"]} == {"lenet <b>", "vgg-small"}
    assert summary["control"]["test"]["accuracy"] > 0
    assert {one["against"] for one in summary["comparisons"]} == {"lenet <b>", "vgg-small", "random search"}
    assert summary["trials"] == {"completed": 80 + 4 + 12, "failed": 2}
    assert summary["verdict"].startswith("The network found beats the strongest hand-designed baseline, vgg-small, by ")
    assert "parameters" in summary["verdict"]
    assert "random search" in summary["verdict"]


def test_the_difference_is_that_of_the_mean_test_metrics_in_points(finished) -> None:  # type: ignore[no-untyped-def]
    summary = summarise(finished.store, finished.directory)
    tests = {one["name"]: one["test"]["accuracy"] for one in summary["baselines"]}
    for one in summary["comparisons"]:
        rival = tests.get(one["against"], summary["control"]["test"]["accuracy"])
        assert one["difference"] == pytest.approx(100 * (summary["best"]["test"]["accuracy"] - rival))
        assert one["low"] <= one["difference"] <= one["high"]
        assert one["examples"] == 600
        assert one["p"] <= one["p_adjusted"] <= 1


def test_an_unfinished_search_leaves_out_what_it_does_not_know(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    assert summarise(search.store, search.directory)["best"] is None
    search.explore(6)
    summary = summarise(search.store, search.directory)
    assert set(summary) == KEYS | {"ledger"}
    assert summary["verdict"] is None
    assert summary["comparisons"] == []
    assert summary["best"]["test"] is None
    assert summary["best"]["seeds"] == 0
    assert summary["best"]["validation"]["accuracy"] > 0
    assert summary["baselines"] == []
    json.dumps(summary, allow_nan=False)


def test_a_search_that_did_not_help_says_so(fabricate: Callable) -> None:  # type: ignore[type-arg]
    worse = fabricate(skill=-0.2)
    worse.explore(6)
    worse.finish()
    verdict = summarise(worse.store, worse.directory)["verdict"]
    assert verdict.startswith("The search did not beat the strongest hand-designed baseline, vgg-small: ")
    equal = fabricate(skill=0.0)
    equal.explore(6)
    equal.finish()
    verdict = summarise(equal.store, equal.directory)["verdict"]
    assert verdict.startswith("The search did not clearly beat ")
    assert "no clear gain over random search" in verdict


def test_one_training_each_is_said_to_be_one(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate(seeds=1)
    search.explore(6)
    search.finish()
    summary = summarise(search.store, search.directory)
    assert summary["best"]["test_std"] is None
    assert summary["verdict"].endswith("the spread between trainings is not covered.")
    assert all("McNemar" in one["method"] for one in summary["comparisons"])


def test_without_stored_outputs_seeds_are_compared(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate(outputs=False)
    search.explore(6)
    search.finish()
    comparisons = summarise(search.store, search.directory)["comparisons"]
    assert {one["method"] for one in comparisons} == {"t-test over seeds with pooled spread"}
    assert all(one["low"] < one["high"] for one in comparisons)


def test_outputs_that_contradict_the_reported_metric_are_not_used(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    search.explore(6)
    search.finish()
    final = next(t for t in search.store.trials() if t.phase == "final" and t.proposal.origin == "best")
    path = search.directory / "trials" / f"{final.number:06d}" / "test.npz"
    np.savez(path, outputs=np.eye(10, dtype=np.float32)[(search.y + 3) % 10], y=search.y)
    assert {one["examples"] for one in summarise(search.store, search.directory)["comparisons"]} == {0}


def test_random_search_that_found_the_same_network_is_named(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    found = search.space.sample(np.random.default_rng(5))
    for phase in ("search", "control"):
        search.run(found, phase, phase, 0.9)
    search.run(found, "final", "best", 0.9, 0)
    summary = summarise(search.store, search.directory)
    assert summary["comparisons"] == []
    assert "the very same network" in summary["verdict"]
    assert "no hand-designed baseline" in summary["verdict"]


def test_errors_are_better_when_lower_and_not_counted_in_points(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    search.store.put("settings", {**search.settings(), "objectives": ["rmse"]})
    search.explore(6)
    search.finish()
    summary = summarise(search.store, search.directory)
    assert summary["metric"] == "rmse"
    assert "of test rmse" in summary["verdict"].lower()
    assert "points" not in summary["verdict"]
    rival = next(one for one in summary["baselines"] if one["name"] == "lenet <b>")
    found = next(one for one in summary["comparisons"] if one["against"] == "lenet <b>")
    assert found["difference"] == pytest.approx(rival["test"]["rmse"] - summary["best"]["test"]["rmse"])
    assert found["difference"] > 0


def test_a_constraint_that_the_final_network_breaks_is_named(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    search.store.put("settings", {**search.settings(), "constraints": ["latency_ms<0.01"]})
    search.explore(6)
    search.finish()
    assert "the network found does not meet latency_ms<0.01" in summarise(search.store, search.directory)["verdict"]


def test_several_objectives_give_a_front(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    search.store.put("settings", {**search.settings(), "objectives": ["accuracy", "params"]})
    search.explore(12)
    front = summarise(search.store, search.directory)["front"]
    sizes = sorted((one["params"], one["validation"]["accuracy"]) for one in front)
    assert len(front) > 1
    assert [accuracy for _, accuracy in sizes] == sorted(accuracy for _, accuracy in sizes)
    search.finish()
    search.run(search.space.sample(search.rng), "final", "front: 2", 0.9, 0)
    summary = summarise(search.store, search.directory)
    assert summary["front"][0]["key"] == summary["best"]["key"]
    assert summary["front"][1]["test"]["accuracy"] > 0.5


def test_the_methods_own_random_draws_count_for_the_control(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    drawn = [search.space.sample(search.rng) for _ in range(3)]
    search.run(drawn[0], "search", "random", 0.99)
    search.run(drawn[1], "search", "mutation", 0.5)
    search.run(drawn[2], "control", "random", 0.6)
    assert summarise(search.store, search.directory)["control"]["key"] == drawn[0].key


def test_status_of_a_running_search(fabricate: Callable) -> None:  # type: ignore[type-arg]
    search = fabricate()
    search.explore(6)
    trial = Trial(search.number, Proposal(search.space.sample(search.rng), origin="mutation"))
    search.store.propose([trial])
    search.store.start(trial.number, "worker", 60.0)
    search.store.progress(trial.number, {"epoch": 2.0, "loss": 0.5})
    found = status(search.directory, search.store)
    assert found["phase"] == "search"
    assert found["trials"] == {"completed": 12, "failed": 2, "running": 1}
    assert found["running"][0]["progress"]["epoch"] == 2.0
    assert found["incumbent"]["validation"]["accuracy"] > 0.5
    assert [one["reason"] for one in found["failures"]] == ["timeout", "memory"]
    json.dumps(found)


def test_the_ledger_counts_idle_seconds_once() -> None:
    def trial(number: int, start: float, end: float, **cost: float) -> Trial:
        proposal: Proposal = None  # type: ignore[assignment]
        done = Trial(number, proposal, "search" if number < 2 else "final", started=start)
        return done.complete(Measurement({}, cost=Cost(end - start, 1.0, **cost)), end)

    spans = [trial(0, 2.0, 6.0, energy_wh=0.5), trial(1, 4.0, 8.0, peak_memory_mb=300.0), trial(2, 10.0, 11.0)]
    found = ledger(spans, elapsed=15.0)
    assert found["wall_s"] == 15.0
    assert found["overhead_s"] == 15.0 - (8.0 - 2.0) - 1.0
    assert found["cpu_s"] == 3.0
    assert found["energy_wh"] == 0.5
    assert found["peak_memory_mb"] == 300.0
    assert found["by_phase"]["search"]["wall_s"] == 8.0
    assert found["by_phase"]["final"]["trials"] == 1
    assert sum(phase["trials"] for phase in found["by_phase"].values()) == 3
