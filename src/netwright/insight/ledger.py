"""What a search cost: seconds, energy and memory, in all and by phase."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from netwright.trial import Cost, Trial

PHASES = ("screening", "sharing", "search", "control", "promotion", "final")


def ledger(trials: Sequence[Trial], elapsed: float) -> dict[str, Any]:
    """The ledger of a search. elapsed: seconds on its clock.

    wall_s: the search's clock; cpu_s, gpu_s, energy_wh: sums over evaluations (None where never read);
    overhead_s: seconds of the clock in which nothing was being evaluated; peak_memory_mb: of the largest evaluation.
    """
    costs = _costs(trials)
    busy = _union(
        (trial.started, trial.finished) for trial in trials if trial.started is not None and trial.finished is not None
    )
    return {
        "wall_s": round(elapsed, 3),
        "cpu_s": round(sum(cost.cpu_s for cost in costs), 3),
        "gpu_s": round(sum(cost.gpu_s for cost in costs), 3),
        "overhead_s": round(max(0.0, elapsed - busy), 3),
        "energy_wh": _total(cost.energy_wh for cost in costs),
        "peak_memory_mb": max((c.peak_memory_mb for c in costs if c.peak_memory_mb is not None), default=None),
        "by_phase": {phase: _phase(trials, phase) for phase in PHASES},
    }


def _phase(trials: Sequence[Trial], phase: str) -> dict[str, Any]:
    own = [trial for trial in trials if trial.phase == phase]
    costs = _costs(own)
    return {
        "trials": len(own),
        "wall_s": round(sum(cost.wall_s for cost in costs), 3),
        "cpu_s": round(sum(cost.cpu_s for cost in costs), 3),
        "gpu_s": round(sum(cost.gpu_s for cost in costs), 3),
        "energy_wh": _total(cost.energy_wh for cost in costs),
    }


def _costs(trials: Iterable[Trial]) -> list[Cost]:
    return [trial.measurement.cost for trial in trials if trial.measurement is not None]


def _total(values: Iterable[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(sum(known), 6) if known else None


def _union(spans: Iterable[tuple[float, float]]) -> float:
    """Seconds covered by at least one span."""
    covered, until = 0.0, float("-inf")
    for start, end in sorted(spans):
        covered += max(0.0, end - max(start, until))
        until = max(until, end)
    return covered
