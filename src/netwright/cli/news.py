"""What has changed since the last look at a search: for plain lines and for JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from netwright.cli.heading import Heading
from netwright.cli.wording import metric_text, trial_line
from netwright.insight.wording import seconds
from netwright.loop.progress import Snapshot
from netwright.trial import Trial

EVERY_S = 10.0
"""Seconds between two reports of mere progress."""


@dataclass(frozen=True)
class News:
    """One thing that happened. event: begin, plan, phase, incumbent, failure or progress; text: for people; data:
    plain."""

    event: str
    text: str
    data: Mapping[str, Any]


@dataclass
class Reporter:
    """Compares each snapshot with what it has already told."""

    heading: Heading
    _begun: bool = False
    _told: set[str] = field(default_factory=set)
    _phase: str = ""
    _incumbent: int | None = None
    _progress_at: float = 0.0

    def news(self, snapshot: Snapshot) -> Iterator[News]:
        """Each piece of news once."""
        if not self._begun:
            self._begun = True
            yield News("begin", str(self.heading), self.heading.to_dict())
        for note in self._unheard(snapshot.notes):
            yield News("plan", note, {"note": note})
        if snapshot.phase != self._phase:
            self._phase, self._incumbent = snapshot.phase, None
            yield News("phase", f"{snapshot.phase} begins", {"phase": snapshot.phase})
        for failure in self._unheard(snapshot.failures):
            yield News("failure", failure, {"message": failure})
        best = snapshot.incumbent
        if best is not None and best.number != self._incumbent:
            self._incumbent = best.number
            yield News("incumbent", f"best: {trial_line(best, self.heading.objectives)}", _trial(best))
        if snapshot.elapsed >= self._progress_at + EVERY_S:
            self._progress_at = snapshot.elapsed
            yield News("progress", self._progress_line(snapshot), _progress(snapshot))

    def _unheard(self, lines: tuple[str, ...]) -> list[str]:
        new = [line for line in dict.fromkeys(lines) if line not in self._told]
        self._told.update(new)
        return new

    def _progress_line(self, snapshot: Snapshot) -> str:
        counts = ", ".join(f"{number} {status}" for status, number in sorted(snapshot.counts.items()))
        left = "" if snapshot.seconds_left is None else f", {seconds(snapshot.seconds_left)} left"
        best = snapshot.incumbent
        first = self.heading.objectives[0]
        found = "" if best is None else f", best {first} {metric_text(first, best.metric(first))}"
        return f"{snapshot.phase}: {counts}{found}{left}"


def _trial(trial: Trial) -> dict[str, Any]:
    architecture = trial.proposal.architecture
    metrics = dict(trial.measurement.metrics) if trial.measurement is not None else {}
    return {
        "trial": trial.number,
        "phase": trial.phase,
        "key": trial.key,
        "architecture": architecture.describe(),
        "metrics": metrics,
    }


def _progress(snapshot: Snapshot) -> dict[str, Any]:
    return {
        "phase": snapshot.phase,
        "seconds_left": snapshot.seconds_left,
        "trials": dict(snapshot.counts),
        "running": [{"trial": number, "progress": dict(report)} for number, _, report in snapshot.running],
    }
