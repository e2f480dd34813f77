"""The rows of the report's tables, as text."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

from netwright.insight.ledger import PHASES, ledger
from netwright.insight.quality import SHARES
from netwright.insight.record import Contender, Contest, Record
from netwright.insight.significance import Comparison
from netwright.insight.verdict import Judgement
from netwright.insight.wording import NOTHING, count, number, quality, seconds, signed
from netwright.trial import Trial

MOST_ROWS = 200


def rivals(record: Record, among: Contest, judgement: Judgement, sizes: Mapping[str, str]) -> list[dict[str, Any]]:
    """One row a contender: the network found first, then random search, then the baselines from the best down."""
    compared = {comparison.against: comparison for comparison in judgement.comparisons}
    sign = -1.0 if record.maximise else 1.0
    baselines = sorted(among.baselines, key=lambda one: sign * _shown(one).get(record.quality, math.inf * sign))
    rows = []
    if among.best is not None:
        rows.append(_rival(record, among.best, "network found", "ours", None) | {"ours": True})
    if among.scratch is not None:
        rows.append(_rival(record, among.scratch, "the same, from scratch", "ours", None))
    rows += [_rival(record, one, one.origin, "ours", None) for one in among.front]
    if among.control is not None:
        row = _rival(record, among.control, "random search", "control", compared.get("random search"))
        rows.append(row | ({"size": "the very same network"} if among.same else {}))
    for one in baselines:
        row = _rival(record, one, one.name, "base", compared.get(one.name))
        rows.append(row | {"size": f"hand-designed, {sizes[one.name]}" if one.name in sizes else "hand-designed"})
    return rows


def _shown(one: Contender) -> Mapping[str, float]:
    return one.test() or one.validation()


def _rival(record: Record, one: Contender, name: str, tone: str, comparison: Comparison | None) -> dict[str, Any]:
    metric, percent = record.quality, record.quality in SHARES
    digits = 2 if percent else 3
    row = {
        "name": name,
        "tone": tone,
        "test": quality(one.test().get(metric), percent, one.test_std().get(metric)),
        "validation": quality(one.validation().get(metric), percent),
        "params": count(one.size("params")),
        "flops": count(one.size("flops")),
        "latency": f"{number(one.size('latency_ms'))} ms" if one.size("latency_ms") else NOTHING,
        "seeds": str(sum(trial.phase == "final" for trial in one.trials)),
        "difference": NOTHING,
        "p": NOTHING,
    }
    if comparison is None:
        return row
    known = math.isfinite(comparison.low)
    interval = f"{signed(comparison.low, digits)} to {signed(comparison.high, digits)}" if known else ""
    p = "< 0.001" if comparison.p < 0.001 else number(comparison.p, 2)
    return row | {"difference": signed(comparison.difference, digits), "interval": interval, "p": p}


def comparison_lead(record: Record, judgement: Judgement) -> str:
    """What the table's columns mean."""
    if not judgement.comparisons:
        return "Test results come with the final trainings; the validation results so far are not comparable to them."
    unit = "in points" if record.quality in SHARES else f"in {record.quality}"
    return (
        "Selection used validation data only; the test split was touched once, for the final trainings. Differences "
        f"are {unit}, from the network found to each rival (positive: it is better), with 95 % intervals."
    )


def comparison_notes(record: Record, among: Contest, judgement: Judgement) -> list[str]:
    """How the numbers came about, and what they do not cover."""
    notes = [f"Method: {method}." for method in dict.fromkeys(c.method for c in judgement.comparisons)]
    tested = [c for c in judgement.comparisons if math.isfinite(c.adjusted)]
    if len(tested) > 1:
        listed = ", ".join(f"{c.against} {'< 0.001' if c.adjusted < 0.001 else number(c.adjusted, 2)}" for c in tested)
        notes.append(f"p-values corrected for {len(tested)} comparisons (Holm): {listed}.")
    return [*notes, *_translations(record)]


def _translations(record: Record) -> list[str]:
    """Of a network that translates: its scores, and what it makes of the first test sentences."""
    found = record.delivered.get("translation")
    if not found:
        return []
    samples = [f"“{source}” → “{made}” (reference: “{wanted}”)" for source, made, wanted in found.get("samples", ())]
    return [f"The network's translations: {found['said']}.", *samples]


def trials(record: Record) -> dict[str, Any]:
    """The trials table: at most 200 rows, the best ones by validation and the latest failures."""
    chosen, total = _chosen(record), len(record.trials)
    lead = f"All {total} trials; a click on a heading sorts."
    if len(chosen) < total:
        lead = f"{len(chosen)} of {total} trials (the finals and the best by validation); a click on a heading sorts."
    latency = any(math.isfinite(trial.metric("latency_ms")) for trial in chosen)
    columns = ["trial", f"validation {record.quality}", "parameters", "FLOPs", *(["latency (ms)"] if latency else [])]
    columns += ["seconds", "finished at", "phase", "status", "origin", "architecture"]
    return {
        "trials_lead": lead,
        "trial_columns": columns,
        "trial_rows": [_trial(record, trial, latency) for trial in chosen],
    }


def _chosen(record: Record) -> list[Trial]:
    if len(record.trials) <= MOST_ROWS:
        return list(record.trials)
    sign = -1.0 if record.maximise else 1.0

    def rank(trial: Trial) -> tuple[bool, float, int]:
        value = trial.metric(record.quality)
        return trial.phase != "final", sign * value if math.isfinite(value) else math.inf, trial.number

    return sorted(sorted(record.trials, key=rank)[:MOST_ROWS], key=lambda trial: trial.number)


def _trial(record: Record, trial: Trial, latency: bool) -> dict[str, Any]:
    cost = trial.measurement.cost.wall_s if trial.measurement is not None else math.nan
    status = f"failed: {trial.failure.reason}" if trial.failure is not None else trial.status
    cells = [
        _cell(str(trial.number), trial.number),
        _cell(quality(trial.metric(record.quality), record.quality in SHARES), trial.metric(record.quality)),
        _cell(count(trial.metric("params")), trial.metric("params")),
        _cell(count(trial.metric("flops")), trial.metric("flops")),
        *([_cell(number(trial.metric("latency_ms")), trial.metric("latency_ms"))] if latency else []),
        _cell(number(cost), cost),
        _cell(seconds(trial.finished), trial.finished),
        _text(trial.phase),
        _text(status),
        _text(trial.proposal.origin),
        _text(trial.proposal.architecture.describe(), wide=True),
    ]
    return {"cells": cells, "failed": trial.status == "failed"}


def _cell(text: str, value: float | None) -> dict[str, Any]:
    """A number: shown as text, sorted by value."""
    known = value is not None and math.isfinite(value)
    return {"text": text, "value": value if known else "", "left": False, "wide": False}


def _text(text: str, wide: bool = False) -> dict[str, Any]:
    return {"text": text, "value": None, "left": True, "wide": wide}


def failures(record: Record) -> list[dict[str, Any]]:
    """Failed trials by reason, the most frequent first, with the latest message."""
    failed = [trial.failure for trial in record.trials if trial.failure is not None]
    latest = {failure.reason: failure.message for failure in failed}
    counts = Counter(failure.reason for failure in failed)
    return [{"reason": reason, "count": n, "message": latest[reason]} for reason, n in counts.most_common()]


def costs(record: Record) -> dict[str, Any]:
    """The ledger's table and the note under it."""
    whole = ledger(record.trials, record.elapsed)
    rows = [_cost(phase, whole["by_phase"][phase]) for phase in PHASES if whole["by_phase"][phase]["trials"]]
    wall = sum(phase["wall_s"] for phase in whole["by_phase"].values())
    rows.append(_cost("in all", {**whole, "trials": len(record.trials), "wall_s": wall}))
    memory = whole["peak_memory_mb"]
    peak = f" The largest trial held {memory:,.0f} MiB of memory." if memory else ""
    note = (
        f"The search took {seconds(record.elapsed)} on the clock; for {seconds(whole['overhead_s'])} of it no trial "
        f"was running (starting, planning, export).{peak}"
    )
    optional = {"GPU time": whole["gpu_s"], "energy": whole["energy_wh"]}
    hidden = [name for name, value in optional.items() if not value]
    columns = [name for name in rows[0] if name not in hidden]
    return {"phases": rows, "phase_columns": columns, "ledger_note": note}


def _cost(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    energy = row["energy_wh"]
    return {
        "phase": name,
        "trials": row["trials"],
        "time in trials": seconds(row["wall_s"]),
        "CPU time": seconds(row["cpu_s"]),
        "GPU time": seconds(row["gpu_s"]) if row["gpu_s"] else NOTHING,
        "energy": f"{number(energy)} Wh" if energy is not None else NOTHING,
    }
