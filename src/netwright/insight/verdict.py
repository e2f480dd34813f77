"""The verdict: one honest sentence on whether the search was worth it, from the significance tests."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from netwright.insight.quality import SHARES, example_scores, scale, stored_outputs, transform_of
from netwright.insight.record import Contender, Contest, Record
from netwright.insight.significance import (
    Comparison,
    Floats,
    compare_examples,
    compare_seeds,
    holm,
    pooled_spread,
)
from netwright.insight.wording import quality
from netwright.objectives import METRICS, Constraint


@dataclass(frozen=True)
class Judgement:
    """comparisons: the best network against each baseline and the control; sentence: None before the finals."""

    comparisons: tuple[Comparison, ...] = ()
    sentence: str | None = None


def judge(record: Record, among: Contest) -> Judgement:
    """Compares the finals on the test split and puts the outcome in a sentence."""
    metric = record.quality
    if among.best is None or not among.best.tests(metric):
        return Judgement()
    rivals = [rival for rival in (*among.baselines, among.control) if rival is not None and rival.tests(metric)]
    rivals = [rival for rival in rivals if not (rival is among.control and among.same)]
    sign = 1.0 if METRICS[metric].maximise else -1.0
    comparisons = holm([_compare(record, among.best, rival, sign) for rival in rivals])
    by_name = {rival.origin: comparison for rival, comparison in zip(rivals, comparisons, strict=True)}
    baselines = [rival for rival in rivals if rival is not among.control]
    strongest = max(baselines, key=lambda rival: sign * rival.test()[metric], default=None)
    hardest = by_name[strongest.origin] if strongest else None
    parts = [
        _against_baseline(record, among.best, strongest, hardest, len(baselines)),
        _against_control(record, among, by_name.get("control")),
    ]
    broken = [str(bound) for bound in record.objectives.constraints if not _meets(bound, among.best)]
    if broken:
        parts.append(f"the network found does not meet {' and '.join(broken)}")
    if comparisons and not any(comparison.covers_seeds for comparison in comparisons):
        parts.append("the spread between trainings is not covered")
    sentence = "; ".join(part for part in parts if part)
    return Judgement(comparisons, sentence[0].upper() + sentence[1:] + ".")


def _compare(record: Record, best: Contender, rival: Contender, sign: float) -> Comparison:
    """By test examples when the outputs of all trainings are stored and agree with the reported metrics. The spread
    between trainings is that of the two: others, trained too little, would say nothing about them."""
    metric, name = record.quality, rival.name if rival.origin != "control" else "random search"
    spread = pooled_spread([one.tests(metric) for one in (best, rival)])
    ours, theirs = _scores(record, best, sign), _scores(record, rival, sign)
    if ours is not None and theirs is not None and ours.shape[1] == theirs.shape[1]:
        transform = transform_of(metric)
        return compare_examples(name, ours, theirs, transform=transform, scale=scale(metric), spread=spread)
    a, b = ([sign * value for value in one.tests(metric)] for one in (best, rival))
    return compare_seeds(name, a, b, scale=scale(metric), spread=spread)


def _scores(record: Record, contender: Contender, sign: float) -> Floats | None:
    """(seeds, examples), or None when a training's outputs are missing or do not give its reported metric."""
    metric, transform, rows = record.quality, transform_of(record.quality), []
    for trial in contender.trials:
        stored = stored_outputs(record.directory, trial)
        scores = example_scores(metric, stored) if stored is not None else None
        if scores is None or trial.measurement is None:
            return None
        mean = scores.mean(keepdims=True)
        found = float((transform(mean) if transform else mean)[0])
        if not math.isclose(found, sign * trial.measurement.test.get(metric, math.nan), rel_tol=1e-2, abs_tol=1e-3):
            return None
        rows.append(scores)
    return np.stack(rows) if len({len(row) for row in rows}) == 1 else None


def _against_baseline(
    record: Record, best: Contender, rival: Contender | None, comparison: Comparison | None, baselines: int
) -> str:
    label = _label(record)
    if rival is None or comparison is None:
        value = quality(best.test()[record.quality], record.quality in SHARES)
        return f"the network found reaches a test {label} of {value}, with no hand-designed baseline to compare with"
    which = f"the {'strongest ' if baselines > 1 else ''}hand-designed baseline, {rival.name}"
    by, known, size = f"{_amount(record, comparison)} of test {label}", comparison.uncertainty, _size(best, rival)
    if comparison.better:
        return f"the network found beats {which}, by {by} ({known}){size}"
    if comparison.worse:
        return f"the search did not beat {which}: the network found is worse by {by} ({known}){size}"
    return f"the search did not clearly beat {which}: {by} {_direction(comparison)} ({known}){size}"


def _against_control(record: Record, among: Contest, comparison: Comparison | None) -> str:
    if among.same:
        if among.drawn_only:
            return "the network comes from the random search under the same budget: the method found none better"
        return "random search under the same budget found the very same network"
    if comparison is None:
        return ""
    by = _amount(record, comparison)
    if comparison.better:
        return f"random search under the same budget ends {by} behind ({comparison.uncertainty})"
    if comparison.worse:
        return f"random search under the same budget did better, by {by} ({comparison.uncertainty})"
    known = f"{by} {_direction(comparison)} ({comparison.uncertainty})"
    return f"no clear gain over random search under the same budget: {known}"


def _amount(record: Record, comparison: Comparison) -> str:
    size = abs(comparison.difference)
    return f"{size:.2f} points" if record.quality in SHARES else f"{size:.3g}"


def _direction(comparison: Comparison) -> str:
    return "ahead" if comparison.difference > 0 else "behind" if comparison.difference < 0 else "apart"


def _meets(bound: Constraint, one: Contender) -> bool:
    value = one.size(bound.metric)
    return value is not None and bound.holds(value)


def _label(record: Record) -> str:
    return METRICS[record.quality].label


def _size(best: Contender, rival: Contender) -> str:
    """How the sizes compare, in words that a fraction or a multiple makes plain."""
    ours, theirs = best.size("params"), rival.size("params")
    if not ours or not theirs:
        return ""
    ratio = ours / theirs
    if 0.95 <= ratio <= 1.05:
        return ", with as many parameters"
    if ratio < 1.0:
        return f", with {ratio * 100:.2g} % of its parameters"
    return f", with {ratio:.2g} times its parameters"
