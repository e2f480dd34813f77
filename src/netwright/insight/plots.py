"""The plots of a search: progress, quality against size and speed, and the learning curves of the finals."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from netwright.insight.charts import Axis, Point, Series, Tone, chart, share
from netwright.insight.quality import SHARES
from netwright.insight.record import Contender, Contest, Record
from netwright.insight.wording import count, number, quality, seconds
from netwright.loop.finalists import SCRATCH, roles
from netwright.objectives import METRICS
from netwright.trial import Trial

_MOST_DOTS = 1500
_NAMES: dict[str, str] = {"search": "search", "control": "random search"}
_TONES: dict[str, Tone] = {"search": "ours", "control": "control"}


def progress(record: Record, by: str) -> str:
    """Best validation quality so far, of the search and of its random-search control.

    by: "seconds" (since the first trial of the phase started) or "trials" (finished in the phase).
    """
    dots, steps = [], []
    for phase, name in _NAMES.items():
        path = _path(record, phase, by)
        own = [(x, trial) for x, trial in path if trial.phase == phase]
        dots.append(Series("", _TONES[phase], "dots", tuple(_told(record, trial, x) for x, trial in _thinned(own))))
        steps.append(Series(name, _TONES[phase], "step", _best_so_far(record, path)))
    x = Axis("seconds in the phase" if by == "seconds" else "trials finished in the phase", text=count)
    return chart([*dots, *steps], x, _quality_axis(record), title=f"Best validation {record.quality} against {by}")


def trade_off(record: Record, among: Contest, metric: str) -> str:
    """Validation quality of every trial against `metric` (params, flops, latency_ms), the best trade-offs joined,
    and the finalists and baselines as they came out of their final training. "" when nothing has that metric."""
    dots = []
    for phase, name in _NAMES.items():
        trials = [trial for trial in _completed(record, phase) if trial.metric(metric) > 0]
        points = tuple(_told(record, trial, trial.metric(metric)) for trial in trials[-_MOST_DOTS:])
        dots.append(Series(name, _TONES[phase], "dots", points))
    measured = [trial for phase in _NAMES for trial in _completed(record, phase) if trial.metric(metric) > 0]
    front = Series("front", "light", "step", _front(record, measured, metric), dash=True)
    base = Series("baseline", "base", "marks", _marks(among.baselines, metric, record))
    found = Series("best", "ours", "marks", _marks([among.best] if among.best else [], metric, record))
    text: Callable[[float], str] = number if metric == "latency_ms" else count
    unit = f"{METRICS[metric].unit}, " if METRICS[metric].unit else ""
    axis = Axis(f"{label(metric)} ({unit}logarithmic)", log=True, text=text)
    return chart([*dots, front, base, found], axis, _quality_axis(record), title=f"{record.quality} against {metric}")


def learning_curves(record: Record) -> str:
    """Training loss by epoch of every final training."""
    series = []
    for trial in record.phase("final"):
        if trial.measurement is None:
            continue
        origin = trial.proposal.origin
        mine = {"best", SCRATCH} & set(roles(trial))
        tone: Tone = "ours" if mine else "control" if "control" in roles(trial) else "base"
        name = {"ours": "best", "control": "random search"}.get(tone, "baseline")
        points = tuple(
            Point(point["epoch"], point["loss"], f"{origin}, trial {trial.number}: loss {number(point['loss'])}")
            for point in trial.measurement.curve
            if "epoch" in point and "loss" in point
        )
        series.append(Series(name, tone, "line", points))
    series.sort(key=lambda one: ("ours", "control", "base").index(one.tone))
    losses = [point.y for one in series for point in one.points]
    log = bool(losses) and min(losses) > 0 and max(losses) / min(losses) > 20
    y = Axis("training loss (logarithmic)" if log else "training loss", log=log)
    return chart(list(reversed(series)), Axis("epoch"), y, title="Training loss of the final trainings")


def _completed(record: Record, phase: str) -> list[Trial]:
    return _usable(record, record.phase(phase))


def _usable(record: Record, trials: Sequence[Trial]) -> list[Trial]:
    """Completed trials with a quality, in the order in which they finished."""
    done = [t for t in trials if t.status == "completed" and math.isfinite(t.metric(record.quality))]
    return sorted(done, key=lambda t: (t.finished if t.finished is not None else math.inf, t.number))


def _path(record: Record, phase: str, by: str) -> list[tuple[float, Trial]]:
    """The completed trials in order, each with its place on the x axis. Random search begins with the method's own
    random draws; its own phase follows them."""
    trials = _usable(record, record.drawn) if phase == "control" else _completed(record, phase)
    if by == "trials":
        return [(float(place), trial) for place, trial in enumerate(trials, start=1)]
    own = [(trial.finished - _began(record, trial.phase), trial) for trial in trials if trial.finished is not None]
    before = max((x for x, trial in own if trial.phase != phase), default=0.0)
    return [(x + before if trial.phase == phase else x, trial) for x, trial in own]


def _began(record: Record, phase: str) -> float:
    return min((trial.started for trial in record.phase(phase) if trial.started is not None), default=0.0)


def _thinned(path: Sequence[tuple[float, Trial]]) -> Sequence[tuple[float, Trial]]:
    step = max(1, math.ceil(len(path) / _MOST_DOTS))
    return path[::step]


def _best_so_far(record: Record, path: Sequence[tuple[float, Trial]]) -> tuple[Point, ...]:
    """Improvements among feasible trials, drawn on to the last trial."""
    points: list[Point] = []
    best: Trial | None = None
    for x, trial in path:
        if record.objectives.feasible(trial) and _improves(record, trial, best):
            best = trial
            points.append(_told(record, trial, x))
    if points and best is not None:
        points.append(Point(path[-1][0], points[-1].y, f"best: {points[-1].title}"))
    return tuple(points)


def _improves(record: Record, trial: Trial, best: Trial | None) -> bool:
    if best is None:
        return True
    gain = trial.metric(record.quality) - best.metric(record.quality)
    return gain > 0 if record.maximise else gain < 0


def _front(record: Record, trials: Sequence[Trial], metric: str) -> tuple[Point, ...]:
    """The trials that no smaller (or faster) one beats, from small to large."""
    points: list[Point] = []
    best: Trial | None = None
    sign = -1.0 if record.maximise else 1.0
    for trial in sorted(trials, key=lambda t: (t.metric(metric), sign * t.metric(record.quality))):
        if _improves(record, trial, best):
            best = trial
            points.append(_told(record, trial, trial.metric(metric)))
    return tuple(points)


def _marks(contenders: Sequence[Contender], metric: str, record: Record) -> tuple[Point, ...]:
    points = []
    for one in contenders:
        x, y = one.size(metric), one.validation().get(record.quality)
        if x is not None and y is not None:
            value, size = quality(y, record.quality in SHARES), number(x) if metric == "latency_ms" else count(x)
            points.append(Point(x, y, f"{one.name}: validation {value}, {label(metric)} {size}"))
    return tuple(points)


def _told(record: Record, trial: Trial, x: float) -> Point:
    value = trial.metric(record.quality)
    when = f", after {seconds(trial.finished)}" if trial.finished is not None else ""
    size = f", {count(trial.metric('params'))} parameters" if math.isfinite(trial.metric("params")) else ""
    return Point(x, value, f"trial {trial.number}: {quality(value, record.quality in SHARES)}{size}{when}")


def _quality_axis(record: Record) -> Axis:
    text: Callable[[float], str] = share if record.quality in SHARES else number
    return Axis(f"validation {label(record.quality)}", cut="low" if record.maximise else "high", text=text)


def label(metric: str) -> str:
    """What people call a metric."""
    return METRICS[metric].label if metric in METRICS else metric
