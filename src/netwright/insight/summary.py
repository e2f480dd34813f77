"""The search in one JSON object: what `search --json` prints last and `summary.json` holds."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from netwright.insight.ledger import ledger
from netwright.insight.record import Contender, Contest, Record, baseline_sizes, contest, read
from netwright.insight.verdict import Judgement, judge
from netwright.store import Store

SCHEMA = "netwright.search/1"
_SIZES = ("params", "flops", "model_bytes", "latency_ms")


def summarise(store: Store, directory: Path | str) -> dict[str, Any]:
    """The summary of a search, finished or not; what is not known yet is None.

    Metrics are in their own units (accuracy in 0..1). `comparisons` hold differences of the test metric, positive
    when the best network is better, in points (hundredths) for shares such as accuracy.
    """
    record = read(store, Path(directory))
    among = contest(record)
    return assemble(record, among, judge(record, among))


def assemble(record: Record, among: Contest, judgement: Judgement) -> dict[str, Any]:
    """The summary from parts that are already at hand."""
    sizes = baseline_sizes(record.directory)
    return {
        "schema": SCHEMA,
        "directory": str(record.directory),
        "metric": record.quality,
        "best": _contender(among.best) if among.best else None,
        "baselines": [_baseline(one, sizes.get(one.name)) for one in among.baselines],
        "control": _contender(among.control) if among.control else None,
        "from_scratch": _contender(among.scratch) if among.scratch else None,
        "front": _front(record, among),
        "verdict": judgement.sentence,
        "comparisons": [comparison.to_dict() for comparison in judgement.comparisons],
        "trials": dict(Counter(trial.status for trial in record.trials)),
        "ledger": ledger(record.trials, record.elapsed),
    }


def _contender(one: Contender) -> dict[str, Any]:
    architecture = one.lead.proposal.architecture
    return {
        "key": one.key,
        "architecture": {
            "space": architecture.space.name,
            "choices": architecture.to_dict(),
            "description": architecture.describe(),
        },
        "trial": one.lead.number,
        **_results(one),
    }


def _baseline(one: Contender, size: str | None) -> dict[str, Any]:
    return {"name": one.name, "size": size, "key": one.key, **_results(one)}


def _results(one: Contender) -> dict[str, Any]:
    """Means over the seeds; `test` is None, and `seeds` 0, before the final trainings."""
    tested = one.test()
    finals = [trial for trial in one.trials if trial.phase == "final"]
    sizes = {name: one.size(name) for name in _SIZES}
    return {
        "validation": one.validation(),
        "test": tested or None,
        "test_std": one.test_std() or None,
        "seeds": len(finals),
        **{name: _whole(name, value) for name, value in sizes.items()},
    }


def _whole(name: str, value: float | None) -> float | int | None:
    return value if value is None or name == "latency_ms" else round(value)


def _front(record: Record, among: Contest) -> list[dict[str, Any]]:
    """The finalists of the front with their final results, or before the finals the search trials on it."""
    if among.best is not None and among.front:
        return [_contender(one) for one in (among.best, *among.front)]
    return [_contender(Contender("front", (trial,))) for trial in record.objectives.front(record.phase("search"))]
