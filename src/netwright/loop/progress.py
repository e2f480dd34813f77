"""What an observer sees of a running search, at least twice a second."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from netwright.trial import Trial


@dataclass(frozen=True)
class Snapshot:
    """elapsed and seconds_left: seconds, None without a clock; running: (number, label, latest report);
    notes: what the budget governor decided."""

    phase: str
    elapsed: float
    budget: str
    seconds_left: float | None
    counts: Mapping[str, int]
    running: tuple[tuple[int, str, Mapping[str, Any]], ...]
    incumbent: Trial | None
    front: tuple[Trial, ...]
    failures: tuple[str, ...]
    notes: tuple[str, ...]


Observer = Callable[[Snapshot], None]
