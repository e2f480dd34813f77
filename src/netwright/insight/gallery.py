"""The best networks of a search, drawn: each picture once, the finalist first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from netwright.insight.drawing import draw
from netwright.insight.quality import SHARES
from netwright.insight.record import Contest, Record
from netwright.insight.wording import count, number, quality
from netwright.operations import Signature
from netwright.trial import Trial

_DRAWN = 5
_LOOKED_AT = 30


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawn network. facts: its validation quality and size; description: its decisions; svg: the drawing."""

    name: str
    facts: str
    description: str
    svg: str


def pictures(record: Record, among: Contest) -> list[Picture]:
    """Up to five networks that look different, by final training, then promotion, then search."""
    signature = signature_of(record)
    drawn: dict[str, Trial] = {}
    for _, trial in zip(range(_LOOKED_AT), _ranked(record, among), strict=False):
        drawn.setdefault(draw(trial.proposal.architecture.graph, signature), trial)
        if len(drawn) == _DRAWN:
            break
    return [_picture(record, place, trial, svg) for place, (svg, trial) in enumerate(drawn.items(), start=1)]


def signature_of(record: Record) -> Signature | None:
    """What the search's networks take and give, as far as it is recorded."""
    task: Any = record.task
    if not task.get("inputs") or not task.get("outputs"):
        return None
    inputs, outputs = tuple(task["inputs"]), int(task["outputs"])
    regression = str(task.get("kind", "")).endswith("regression")
    answer: Any = task.get("answer") or ("regression" if regression else "classification")
    vocabulary, padded = int(task.get("vocabulary", 0)), bool(task.get("padded", False))
    return Signature(inputs, outputs, answer, vocabulary, padded, steps=int(task.get("steps", 0)))


def _ranked(record: Record, among: Contest) -> Iterator[Trial]:
    """Networks from the best down, one trial a network."""
    seen: set[str] = set()
    if among.best is not None:
        seen.add(among.best.key)
        yield among.best.lead
    promoted = record.phase("promotion")
    for pool in (promoted, record.phase("search")):
        left = [trial for trial in pool if trial.status == "completed"]
        while (best := _best(record, left, seen)) is not None:
            seen.add(best.key)
            yield best


def _best(record: Record, trials: Sequence[Trial], seen: set[str]) -> Trial | None:
    return record.objectives.incumbent([trial for trial in trials if trial.key not in seen])


def _picture(record: Record, place: int, trial: Trial, svg: str) -> Picture:
    value = quality(trial.metric(record.quality), record.quality in SHARES)
    facts = [f"validation {value} ({trial.phase} trial {trial.number})", f"{count(trial.metric('params'))} parameters"]
    latency = trial.metric("latency_ms")
    facts += [f"{number(latency)} ms"] if latency > 0 else []
    return Picture(f"Network {place}", " · ".join(facts), trial.proposal.architecture.describe(), svg)
