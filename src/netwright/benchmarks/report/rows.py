"""The rows of the report's tables, as text with the values to sort them by."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from netwright.insight.wording import NOTHING, number

SHOWN, CONTROL = 5, "random"
"""How many strategies the curves show in colour at first; random search is always among them, in its own colour."""
SURE = 0.01


@dataclass(frozen=True)
class Standing:
    """A strategy's place from 0, the best, its mean rank at the end, its colour and whether that is shown at first."""

    name: str
    place: int
    rank: float
    colour: int
    shown: bool


def standings(results: Mapping[str, Any], colours: int) -> list[Standing]:
    """The strategies of the plain condition, the best first."""
    ranked = _ranked(results, str(results["queries"]))
    own = [name for name, _ in ranked if name != CONTROL]
    colour = {name: place % (colours - 1) for place, name in enumerate(own)} | {CONTROL: colours - 1}
    return [
        Standing(name, place, rank, colour[name], place < SHOWN or name == CONTROL)
        for place, (name, rank) in enumerate(ranked)
    ]


def main_columns(results: Mapping[str, Any]) -> list[str]:
    """Of the ranking."""
    asked = [f"at {queries}" for queries in results["checkpoints"]]
    return [
        "strategy",
        *asked,
        f"mean test at {results['queries']}",
        "mean rank",
        "queries to optimum",
        "until found",
        "ms",
    ]


def main_rows(results: Mapping[str, Any], ranked: Sequence[Standing]) -> list[dict[str, Any]]:
    """One a strategy, the best first."""
    points, last = [str(at) for at in results["checkpoints"]], str(results["queries"])
    by, sign = results["ranked_by"], -1.0 if results["ranked_by"] == "hypervolume" else 1.0
    each = [results["strategies"][one.name] for one in ranked]
    best = {at: min(sign * figures[by][at]["median"] for figures in each) for at in points} if each else {}
    rows = []
    for one, figures in zip(ranked, each, strict=True):
        cells = [_spread(figures[by][at], by, sign * figures[by][at]["median"] == best[at]) for at in points]
        test = figures["test"][last]["mean"]
        cells.append({"text": f"{test:.2f}", "value": test})
        cells.append({"text": f"{one.rank:.2f}", "value": one.rank})
        cells += [_queries(figures[name]) for name in ("queries_to_optimum", "queries_to_find")]
        cells.append({"text": number(figures["ms_per_ask_tell"], 2), "value": figures["ms_per_ask_tell"]})
        rows.append(
            {"name": one.name, "place": one.colour, "shown": one.shown, "cells": cells, "settings": figures["settings"]}
        )
    return rows


def matrix(results: Mapping[str, Any], ranked: Sequence[Standing]) -> list[dict[str, Any]]:
    """Adjusted p-values, row against column."""
    found = {}
    for pair in results["pairs"][str(results["queries"])]:
        found[pair["first"], pair["second"]] = (pair["better"], pair["worse"], pair["adjusted"])
        found[pair["second"], pair["first"]] = (pair["worse"], pair["better"], pair["adjusted"])
    return [
        {"name": row.name, "cells": [_pair(row, column, found) for column in ranked]} for row in ranked if len(found)
    ]


def condition_columns(results: Mapping[str, Any]) -> list[str]:
    """The plain condition first."""
    return ["strategy", "plain", *results["conditions"]]


def condition_rows(results: Mapping[str, Any], ranked: Sequence[Standing]) -> list[dict[str, Any]]:
    """One a strategy: its place, mean rank and figure under each condition."""
    if not results["conditions"]:
        return []
    last = str(results["queries"])
    columns = [
        {"ranked_by": results["ranked_by"], "strategies": results["strategies"]},
        *results["conditions"].values(),
    ]
    places = [{name: place for place, (name, _) in enumerate(_ranked(column, last), start=1)} for column in columns]
    rows = []
    for one in ranked:
        cells = [_standing(column, one.name, place, last) for column, place in zip(columns, places, strict=True)]
        rows.append({"name": one.name, "place": one.colour, "cells": cells})
    return rows


def failures(results: Mapping[str, Any]) -> list[dict[str, Any]]:
    """One a strategy and condition."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for one in results["failed"]:
        row = found.setdefault((one["strategy"], one["condition"]), {**one, "count": 0})
        row["count"] += 1
    return list(found.values())


def _ranked(column: Mapping[str, Any], at: str) -> list[tuple[str, float]]:
    ranks = {name: float(figures["mean_rank"][at]) for name, figures in column["strategies"].items()}
    return sorted(ranks.items(), key=lambda one: (one[1], one[0]))


def _spread(values: Mapping[str, float], by: str, best: bool) -> dict[str, Any]:
    factor = 100.0 if by == "hypervolume" else 1.0
    median, low, high = (factor * values[name] for name in ("median", "q25", "q75"))
    return {"text": f"{median:.2f}", "note": f"{low:.2f} to {high:.2f}", "value": median, "best": best}


def _queries(figures: Mapping[str, float | None]) -> dict[str, Any]:
    median, reached = figures["median"], f"{(figures['reached'] or 0.0) * 100:.0f} % of seeds"
    return {"text": NOTHING if median is None else f"{median:.0f}", "note": reached, "value": median or ""}


def _pair(row: Standing, column: Standing, found: Mapping[tuple[str, str], tuple[int, int, float]]) -> dict[str, str]:
    if row == column:
        return {"tone": "self", "text": "", "title": ""}
    better, worse, p = found[row.name, column.name]
    tone = "" if p >= 0.05 else "lose" if better < worse else "sure" if p < SURE else "win"
    title = f"{row.name} against {column.name}: better on {better} seeds, worse on {worse}, p = {p:.2g}"
    return {"tone": tone, "text": "<.001" if p < 0.001 else f"{p:.2f}" if p >= SURE else f"{p:.3f}", "title": title}


def _standing(column: Mapping[str, Any], name: str, places: Mapping[str, int], at: str) -> dict[str, Any]:
    if name not in places:
        return {"text": NOTHING, "note": "", "value": "", "best": False}
    figures, by = column["strategies"][name], column["ranked_by"]
    value = figures[by][at]["median"] * (100.0 if by == "hypervolume" else 1.0)
    note = f"rank {figures['mean_rank'][at]:.2f}, {value:.2f}"
    return {"text": f"{places[name]}.", "note": note, "value": places[name], "best": places[name] == 1}
