"""The page: everything that the results say, for people."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from typing import Any

from jinja2 import Environment
from markupsafe import Markup

from netwright.benchmarks.folder import Label
from netwright.benchmarks.plan import Plan
from netwright.benchmarks.report.critical import critical
from netwright.benchmarks.report.progress import charts
from netwright.benchmarks.report.rows import (
    Standing,
    condition_columns,
    condition_rows,
    failures,
    main_columns,
    main_rows,
    matrix,
    standings,
)
from netwright.benchmarks.results import runs_under
from netwright.benchmarks.run import Run
from netwright.insight.page import asset, template, version
from netwright.insight.style import SVG_STYLE
from netwright.insight.wording import NOTHING, number

PALETTE = (
    ("#2563eb", "#6ea8fe"),
    ("#d97706", "#f5b04c"),
    ("#0f9d76", "#4fd6a4"),
    ("#c2413b", "#f2857f"),
    ("#7c3aed", "#b197fc"),
    ("#0891b2", "#4cc9e0"),
    ("#be185d", "#f783ac"),
    ("#4d7c0f", "#a9d068"),
    ("#92400e", "#d9a066"),
    ("#475569", "#a3b1c2"),
)
"""Colours on light and on dark; strategies take them in the order of their rank, over and over. The last one is that of
random search."""


def page(plan: Plan, kept: Mapping[Label, Run], results: Mapping[str, Any]) -> str:
    """The report as HTML text."""
    plain = plan.settings[0]
    ranked = standings(results, len(PALETTE))
    drawn = charts(plan, plain, runs_under(plan, plain, kept), ranked) if ranked else []
    difference = results["critical_difference"]
    context = {
        "title": f"{results['table']}: netwright benchmark report",
        "svg_style": Markup(SVG_STYLE),
        "style": Markup(_style()),
        "script": Markup(asset("report.js") + asset("benchmark.js", __package__)),
        "results": results,
        "headline": headline(results, ranked),
        "figures": _figures(results, ranked),
        "columns": main_columns(results),
        "rows": main_rows(results, ranked),
        "ranking_lead": _ranking_lead(results),
        "ranking_notes": _ranking_notes(results),
        "charts": [{**chart, "svg": Markup(chart["svg"])} for chart in drawn],
        "critical": Markup(critical([(one.name, one.rank) for one in ranked], difference)) if difference else "",
        "friedman": _friedman(results),
        "matrix": matrix(results, ranked),
        "condition_columns": condition_columns(results),
        "condition_rows": condition_rows(results, ranked),
        "conditions_lead": _conditions_lead(results),
        "failed": failures(results),
        "protocol": _protocol(results),
        "command": command(plan),
        "version": version(),
    }
    context["contents"] = [
        (anchor, name)
        for anchor, name, part in (
            ("ranking", "Ranking", "rows"),
            ("curves", "Progress", "rows"),
            ("differences", "Differences", "critical"),
            ("conditions", "Conditions", "condition_rows"),
            ("failures", "Failures", "failed"),
            ("protocol", "Protocol", "protocol"),
        )
        if context[part]
    ]
    return template("benchmark.html", __package__).render(context)


def headline(results: Mapping[str, Any], ranked: list[Standing]) -> str:
    """What came out, in two sentences."""
    if not ranked:
        return "No strategy has all its runs, so there is nothing to compare."
    best, queries = ranked[0], results["queries"]
    figures = results["strategies"][best.name]
    value = (
        f"hypervolume {figures['hypervolume'][str(queries)]['median'] * 100:.1f} % of the true front's"
        if results["ranked_by"] == "hypervolume"
        else f"median regret {number(figures['regret'][str(queries)]['median'])} {results['unit']}"
    )
    first = f"{best.name} ranks first of {len(ranked)} after {queries} queries on {results['table']}: {value}."
    difference = results["critical_difference"]
    if difference is None:
        return first
    alike = [one.name for one in ranked[1:] if one.rank - best.rank <= difference]
    if not alike:
        return f"{first} All others are shown to be worse."
    shown = ", ".join(alike[:4]) + (f" and {len(alike) - 4} more" if len(alike) > 4 else "")
    return f"{first} Not shown to be worse: {shown}."


def command(plan: Plan) -> str:
    """What runs the same again."""
    words = ["netwright", "benchmark", plan.table.name, "--strategy", ",".join(plan.strategies)]
    words += ["--seeds", str(plan.seeds), "--queries", str(plan.queries), "--scores", plan.scores]
    for objective in plan.objectives.objectives:
        words += ["--objective", objective.metric]
    for condition in plan.conditions:
        words += ["--noise", f"{condition.noise:g}"] if condition.noise else []
        words += ["--workers", str(condition.workers)] if condition.workers > 1 else []
        words += ["--failing", f"{condition.failing:g}"] if condition.failing else []
        words += ["--infeasible", condition.infeasible] if condition.infeasible else []
    return shlex.join(words)


def _figures(results: Mapping[str, Any], ranked: list[Standing]) -> list[dict[str, str]]:
    share = " %" if results["unit"] == "points" else ""
    return [
        {"name": "strategies", "value": str(len(ranked)), "note": f"{results['seeds']} seeds each"},
        {"name": "queries", "value": str(results["queries"]), "note": "full evaluations a run"},
        {"name": "architectures", "value": f"{results['architectures']:,}"},
        {"name": "optimum", "value": f"{results['optimum']:.2f}{share}", "note": "best test " + results["quality"]},
        {
            "name": "floor",
            "value": f"{results['floor']:.2f} {results['unit']}",
            "note": "regret of what validates best",
        },
    ]


def _ranking_lead(results: Mapping[str, Any]) -> str:
    if results["ranked_by"] == "hypervolume":
        what = "Median hypervolume of the front found, in percent of the true front's"
    else:
        what = f"Median regret in {results['unit']}: how far the incumbent, chosen by validation, is from the best test"
        what = f"{what} {results['quality']} in the table"
    return f"{what}, with the quartiles over seeds below. Sorted by mean rank after {results['queries']} queries."


def _ranking_notes(results: Mapping[str, Any]) -> list[str]:
    near = f"{results['near']:g} {results['unit']}"
    return [
        f"Queries to the optimum: median queries until the incumbent's test {results['quality']} is within {near} of "
        f"the optimum; until found: until any such architecture has been evaluated. {NOTHING}: most seeds never got "
        f"there.",
        "ms: processor time of asking and telling, a trial.",
    ]


def _friedman(results: Mapping[str, Any]) -> str:
    p = results["friedman"][str(results["queries"])]
    if p is None:
        return "Two strategies: see the pair below."
    text = "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
    verdict = "some strategies are better than others" if p < 0.05 else "no difference between strategies is shown"
    return f"Friedman's test over seeds says that {verdict} ({text}, Iman and Davenport's correction)."


def _conditions_lead(results: Mapping[str, Any]) -> str:
    what = "hypervolume in percent" if results["ranked_by"] == "hypervolume" else f"regret in {results['unit']}"
    return (
        f"Each strategy's place after {results['queries']} queries, its mean rank, and its median {what}. The "
        f"incumbent is chosen by what the strategy was told, and judged by the table."
    )


def _protocol(results: Mapping[str, Any]) -> list[str]:
    scores = ", ".join(results["scores"]) or "none"
    lines = [
        f"{results['protocol']}; the incumbent is chosen by the former and reported by the latter.",
        "A query is one full evaluation, a repeated one counts; a cheaper evaluation costs its share of the epochs, "
        "and only full evaluations make an incumbent.",
        "Before the first result, regret is that of an architecture drawn blindly.",
        f"Simulated time: {results['clock']}, in evaluations of the mean architecture.",
        f"Known to strategies before an evaluation: {scores}.",
    ]
    if results["ranked_by"] == "hypervolume":
        lines.append(
            "Hypervolume: of the front by what was told, measured by the test quality and the other objectives; the "
            "reference point lies a tenth of the true front's extent beyond its worst values."
        )
    return lines


def _style() -> str:
    colours = [{"light": light, "dark": dark} for light, dark in PALETTE]
    own = Environment(autoescape=False).from_string(asset("benchmark.css", __package__)).render(palette=colours)
    return asset("report.css") + own
