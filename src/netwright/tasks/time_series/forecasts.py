"""Forecasting: from the last steps of one or several series to the next ones.

A window is seen from its last values: networks take and give differences from these (Zeng et al. 2023, "Are
Transformers Effective for Time Series Forecasting?", https://arxiv.org/abs/2205.13504), so that a trend does not lead
out of what training has seen. Errors count in units of the mean error that the forecast "as a season ago" makes, one
season ahead, on the training split (MASE: Hyndman & Koehler 2006, https://doi.org/10.1016/j.ijforecast.2006.03.001).
Splits follow each other in time: what is forecast in one lies after all that the one before has forecast.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks.examples import Array, Items, listed
from netwright.tasks.splits import check_shares

if TYPE_CHECKING:
    from netwright.tasks.task import Task

KIND: Final = "forecasting"
SHARE = 0.15
"""Of the steps, for validation, and for the test, where nothing else is asked for."""
FEWEST, MOST = 32, 50_000
"""Training windows, at least and at most."""
LONGEST = 512
"""Steps that a network looks back at, at most."""
MOST_ABSENT = 0.2
"""Share of a column's values that may be absent and are drawn from their neighbours."""
LONGEST_SEASON = 400
SEASONAL = 0.3
"""Correlation of the steps with those a season ago, from which on it is one."""
USUAL_HORIZON = 12


@dataclass(frozen=True, eq=False)
class SeriesExamples:
    """Series as a reader found them. values: (T, C), NaN where there is none, in the order of time; columns: their
    names; wanted: which of them to forecast."""

    name: str
    values: Array
    columns: tuple[str, ...]
    wanted: tuple[int, ...]
    origin: str
    source: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def make(found: SeriesExamples, *, horizon: int | None, valid: float | None, test: float | None) -> Task:
    """Raises InputError when there is too little to learn from."""
    from netwright.tasks.task import Split, Task

    values, warnings = filled(found)
    shares = [SHARE if share is None else share for share in (valid, test)]
    check_shares(*shares)
    steps = len(values)
    ends = round(steps * (1 - sum(shares))), round(steps * (1 - shares[1])), steps
    wanted = list(found.wanted)
    season = season_of(values[: ends[0], wanted])
    ahead = _horizon(horizon, season, steps)
    length = int(min(LONGEST, max(2 * season, 3 * ahead, 8), max(8, ends[0] // 4)))
    scale = _naive_errors(values[: ends[0], wanted], season)
    prepare = {
        "domain": "forecast",
        "names": list(found.columns),
        "targets": [found.columns[place] for place in wanted],
        "length": length,
        "horizon": ahead,
        "season": season,
        "std": _deviations(values[: ends[0]]).tolist(),
        "scale": scale.tolist(),
    }
    splits, naive = {}, {}
    for name, begin, end in zip(("train", "valid", "test"), (length, *ends), ends, strict=False):
        starts = _starts(
            begin, end - ahead, MOST, f"{found.origin}: the {name} split", FEWEST if name == "train" else 1
        )
        windows = np.stack([values[start - length : start] for start in starts])
        after = np.stack([values[start : start + ahead, wanted] for start in starts])
        last = windows[:, -1:, wanted]
        y = ((after - last) / scale).transpose(0, 2, 1).reshape(len(starts), -1)
        splits[name] = Split(seen(windows, prepare), y.astype(np.float32))
        ago = np.stack([_as_a_season_ago(values[:start, wanted], season, ahead) for start in starts])
        naive[name] = float(np.abs((ago - after) / scale).mean())
    words = f"as {season} steps ago" if season > 1 else "as in the last step"
    warnings.append(f"the forecast {words!r} has a MASE of {naive['valid']:.3f} (valid) and {naive['test']:.3f} (test)")
    return Task(
        name=found.name,
        kind=KIND,
        signature=Signature((len(found.columns), length), len(wanted) * ahead, "forecast"),
        train=splits["train"],
        valid=splits["valid"],
        test=splits["test"],
        prepare=prepare,
        metric="mase",
        source={
            **found.source,
            "counts": {name: len(part) for name, part in splits.items()},
            "split": "in the order of time",
            "steps": steps,
            "naive": naive,
            "warnings": warnings,
        },
    )


def filled(found: SeriesExamples) -> tuple[Array, list[str]]:
    """The values without gaps, which are drawn from their neighbours, and warnings."""
    values, warnings = found.values.astype(np.float64).copy(), list(found.warnings)
    if np.isinf(values).any():
        raise InputError(f"{found.origin} holds infinite values", "remove or correct them")
    steps = np.arange(len(values))
    for place, name in enumerate(found.columns):
        gaps = np.isnan(values[:, place])
        if not gaps.any():
            continue
        if gaps.mean() > MOST_ABSENT:
            raise InputError(
                f"{found.origin}, column {name!r} lacks {gaps.mean():.0%} of its values",
                "fill them in, or leave it out",
            )
        values[gaps, place] = np.interp(steps[gaps], steps[~gaps], values[~gaps, place])
        warnings.append(f"column {name!r} lacks {gaps.sum()} values: these are drawn from their neighbours")
    return values, warnings


def season_of(values: Array) -> int:
    """The number of steps (T, C) after which series repeat best, 1 where they do not: the largest autocorrelation of
    their differences, among its peaks."""
    changes = np.diff(values, axis=0)
    most = min(LONGEST_SEASON, len(changes) // 3)
    spread = changes.std(axis=0)
    changes = (changes - changes.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    alike = np.array([0.0, *((changes[lag:] * changes[:-lag]).mean() for lag in range(1, most + 2))])
    peaks = [lag for lag in range(2, most + 1) if alike[lag] >= alike[lag - 1] and alike[lag] >= alike[lag + 1]]
    best = max(peaks, key=lambda lag: alike[lag], default=1)
    if best == 1 or alike[best] < SEASONAL:
        return 1
    return next(lag for lag in peaks if alike[lag] > 0.9 * alike[best])


def _horizon(asked: int | None, season: int, steps: int) -> int:
    if asked is not None:
        if asked < 1 or asked > steps // 6:
            raise InputError(f"a horizon of {asked} steps", f"give 1 to {steps // 6}, a sixth of the steps there are")
        return asked
    usual = season if 2 <= season <= 48 else USUAL_HORIZON
    return max(1, min(usual, steps // 20))


def _naive_errors(values: Array, season: int) -> Array:
    """(C,) Mean absolute errors of the forecast as a season ago, one season ahead; 1 where there are none."""
    errors = np.abs(values[season:] - values[:-season]).mean(axis=0)
    if not (errors > 0).any():
        raise InputError("the series never change", "there is nothing to forecast")
    found: Array = np.where(errors > 0, errors, 1.0)
    return found


def _deviations(values: Array) -> Array:
    """(C,) Standard deviations, 1 where there is none."""
    spread = values.std(axis=0)
    found: Array = np.where(spread > 0, spread, 1.0)
    return found


def _starts(begin: int, end: int, most: int, where: str, fewest: int) -> Array:
    """Where forecasts begin, at most so many, evenly."""
    count = end - begin + 1
    if count < fewest:
        raise InputError(f"{where} has room for {max(0, count)} forecasts", "give more steps, or a shorter horizon")
    return np.arange(begin, end + 1, -(-count // most))


def _as_a_season_ago(past: Array, season: int, ahead: int) -> Array:
    """(ahead, C)"""
    season = min(season, len(past))
    found: Array = past[len(past) - season + np.arange(ahead) % season]
    return found


def seen(windows: Array, prepare: Mapping[str, Any]) -> Array:
    """Windows (N, L, C) as a network takes them: (N, C, L) float32."""
    made: Array = ((windows - windows[:, -1:]) / np.array(prepare["std"])).transpose(0, 2, 1)
    return np.ascontiguousarray(made, dtype=np.float32)


# As a domain --------------------------------------------------------------------------------------------------------


def fit(items: Items) -> tuple[dict[str, Any], list[str]]:
    raise InputError("windows come of whole series", "open the file that they are in")


def apply(items: Items, prepare: Mapping[str, Any]) -> Array:
    """Items (T, C) of at least as many steps as a network looks back at: of their last ones (N, C, L)."""
    length = prepare["length"]
    for place, one in enumerate(items.values):
        if one.ndim != 2 or one.shape[1] != len(prepare["names"]):
            known = f"the training series are {listed(prepare['names'])}"
            raise InputError(f"{items.where(place)} has the shape {one.shape}", known)
        if len(one) < length:
            raise InputError(f"{items.where(place)} has {len(one)} steps", f"give the last {length} or more")
    return seen(np.stack([one[-length:] for one in items.values]), prepare)


def found(raw: Any, prepare: Mapping[str, Any]) -> Items:
    """The series of a table (file or data frame), or an array (T, C) or (T,)."""
    from netwright.tasks.readers import forecasts as reader

    one = reader.to_continue(raw, prepare["names"])
    values, _ = filled(one)
    return Items.of("forecast", [values], [one.origin])


def said(outputs: Array, items: Items, prepare: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Outputs (N, targets × horizon) in the data's own unit: for each step ahead the value of each column."""
    names, ahead = prepare["targets"], prepare["horizon"]
    places = [prepare["names"].index(name) for name in names]
    made: list[Mapping[str, Any]] = []
    for one, answer in zip(items.values, outputs, strict=True):
        changes = answer.reshape(len(names), ahead).T * np.array(prepare["scale"])
        made += [dict(zip(names, map(float, step), strict=True)) for step in one[-1, places] + changes]
    return made


def described(prepare: Mapping[str, Any]) -> str:
    names, length = listed(prepare["names"]), prepare["length"]
    takes = f"the last {length} steps of {names}, as differences from the last one in standard deviations"
    return f"{takes}; it answers with the next {prepare['horizon']} of {listed(prepare['targets'])}"


def wrong(prepare: Mapping[str, Any], inputs: tuple[int, ...], tokens: int) -> str:
    """What does not fit in a preparation from a file, "" where all does."""
    names, wanted = prepare.get("names"), prepare.get("targets")
    for given, what in ((names, "names"), (wanted, "targets")):
        if not isinstance(given, list) or not given or not all(isinstance(name, str) for name in given):
            return f"{what} is no list of columns"
    assert isinstance(names, list)
    assert isinstance(wanted, list)
    if not set(wanted) <= set(names):
        return "its targets are not among its names"
    if [len(names), prepare.get("length")] != list(inputs):
        return f"it is for {len(names)} series of {prepare.get('length')!r} steps"
    if type(prepare.get("horizon")) is not int or prepare["horizon"] < 1:
        return f"horizon is {prepare.get('horizon')!r}"
    sizes: Sequence[tuple[str, int]] = (("std", len(names)), ("scale", len(wanted)))
    for what, size in sizes:
        values = prepare.get(what)
        fits = isinstance(values, list) and len(values) == size
        if not fits or not all(isinstance(one, float) and 0 < one < float("inf") for one in values or ()):
            return f"{what} is not {size} numbers above zero"
    return ""
