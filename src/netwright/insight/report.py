"""The report of a search: one HTML file that needs nothing else and loads nothing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from markupsafe import Markup

from netwright.insight import plots, tables
from netwright.insight.examples import caption, embedded
from netwright.insight.forest import forest
from netwright.insight.gallery import pictures
from netwright.insight.importance import importance
from netwright.insight.page import asset, template, version
from netwright.insight.provenance import command, data_facts, machine_facts, name_of
from netwright.insight.quality import SHARES
from netwright.insight.record import Contest, Record, baseline_sizes, contest, read
from netwright.insight.status import open_search
from netwright.insight.style import SVG_STYLE
from netwright.insight.verdict import Judgement, judge
from netwright.insight.wording import NOTHING, count, number, quality, seconds
from netwright.store import Store

_CONTENTS = (
    ("comparison", "Comparison"),
    ("plots", "Progress"),
    ("examples", "Examples"),
    ("networks", "Networks"),
    ("decisions", "Decisions"),
    ("trials", "Trials"),
    ("failures", "Failures"),
    ("ledger", "Cost"),
    ("plan", "Plan"),
    ("reproduce", "Reproduce"),
)


def write_report(directory: Path | str, store: Store | None = None) -> Path:
    """Writes DIR/report.html for a search, finished or not, and returns its path.

    store: when already open. Raises InputError when the folder holds no search.
    """
    directory = Path(directory)
    path = directory / "report.html"
    path.write_text(render(store or open_search(directory), directory), encoding="utf-8")
    return path


def render(store: Store, directory: Path) -> str:
    """The report as HTML text."""
    record = read(store, directory)
    among = contest(record)
    return page(record, among, judge(record, among))


def page(record: Record, among: Contest, judgement: Judgement) -> str:
    """The report from parts that are already at hand."""
    return template("report.html").render(_context(record, among, judgement))


def _context(record: Record, among: Contest, judgement: Judgement) -> dict[str, Any]:
    networks = pictures(record, among)
    context: dict[str, Any] = {
        "title": f"{name_of(record)}: netwright search report",
        "subtitle": name_of(record),
        "svg_style": Markup(SVG_STYLE),
        "style": Markup(asset("report.css")),
        "script": Markup(asset("report.js")),
        "verdict": _unbroken(judgement.sentence or _unfinished(record, among)),
        "tag": _tag(among, judgement),
        "figures": _figures(record, among),
        "metric": plots.label(record.quality),
        "nothing": NOTHING,
        "rivals": tables.rivals(record, among, judgement, baseline_sizes(record.directory)),
        "comparison_lead": tables.comparison_lead(record, judgement),
        "comparison_notes": tables.comparison_notes(record, among, judgement),
        "forest": Markup(forest(judgement.comparisons, record.quality)),
        "plots": _plots(record, among),
        "examples": [Markup(address) for address in embedded(record.directory)],
        "examples_caption": caption(record.directory),
        "networks": networks,
        "networks_lead": f"The best {len(networks)} by validation that look different, with repeated parts folded. "
        "Each block says what comes out of it (channels, height, width) and its trainable parameters.",
        **_decisions(record),
        **tables.trials(record),
        "failures": tables.failures(record),
        **tables.costs(record),
        "plan": record.plan,
        "command": command(record),
        "data_facts": data_facts(record),
        "machine_facts": machine_facts(record),
        "version": version(),
    }
    always = {"decisions", "trials", "ledger", "reproduce"}
    sections = {"comparison": "rivals"}
    context["contents"] = [
        (anchor, text) for anchor, text in _CONTENTS if anchor in always or context[sections.get(anchor, anchor)]
    ]
    return context


def _unfinished(record: Record, among: Contest) -> str:
    if among.best is None:
        return "No network has been trained to its end yet, so there is nothing to judge."
    value = quality(among.best.validation().get(record.quality), record.quality in SHARES)
    return (
        f"No verdict yet: the final trainings have not been run. The best network so far validates at {value} "
        f"{plots.label(record.quality)}."
    )


def _unbroken(text: str) -> str:
    """Keeps percent signs and p-values with their numbers at line ends."""
    space = "\N{NO-BREAK SPACE}"
    for pair in (" %", "p = ", "p < "):
        text = text.replace(pair, pair.replace(" ", space))
    return text


def _tag(among: Contest, judgement: Judgement) -> dict[str, str]:
    """The verdict in two words, with its tone."""
    if judgement.sentence is None:
        return {"tone": "open", "text": "Unfinished"}
    baselines = {one.name for one in among.baselines}
    against = [c for c in judgement.comparisons if c.against in baselines]
    if not against:
        return {"tone": "open", "text": "Nothing to compare with"}
    hardest = min(against, key=lambda comparison: comparison.difference)
    if hardest.better:
        return {"tone": "good", "text": "Beats the hand-designed baselines"}
    return {"tone": "warn", "text": "No better than by hand" if hardest.worse else "No clear gain"}


def _figures(record: Record, among: Contest) -> list[dict[str, str]]:
    best, percent = among.best, record.quality in SHARES
    figures = []
    if best is not None:
        tested, validated = best.test().get(record.quality), best.validation().get(record.quality)
        spread = best.test_std().get(record.quality)
        label = plots.label(record.quality)
        if tested is not None:
            note = f"{_spread(spread, percent)} over {len(best.trials)} trainings" if spread else "one training"
            figures.append({"name": f"test {label}", "value": quality(tested, percent), "note": note})
        figures.append({"name": f"validation {label}", "value": quality(validated, percent)})
        figures += _usual(record, best.test(), best.test_std())
        figures.append({"name": "parameters", "value": count(best.size("params"))})
        figures.append({"name": "FLOPs", "value": count(best.size("flops")), "note": "multiply-accumulates"})
        latency = best.size("latency_ms")
        if latency is not None:
            figures.append({"name": "latency", "value": f"{number(latency)} ms"})
    done = sum(trial.status == "completed" for trial in record.trials)
    failed = sum(trial.status == "failed" for trial in record.trials)
    figures.append({"name": "trials", "value": str(done), "note": f"{failed} failed" if failed else "none failed"})
    figures.append({"name": "time", "value": seconds(record.elapsed)})
    return figures


def _usual(record: Record, test: Mapping[str, float], std: Mapping[str, float]) -> list[dict[str, str]]:
    """What the task's first metric is, where another one is the objective."""
    usual = next(iter(record.task.get("metrics") or ()), record.quality)
    if usual == record.quality or usual not in test:
        return []
    percent = usual in SHARES
    figure = {"name": f"test {plots.label(usual)}", "value": quality(test[usual], percent)}
    return [figure | ({"note": _spread(std[usual], percent)} if std.get(usual) else {})]


def _spread(spread: float, percent: bool) -> str:
    return f"\N{PLUS-MINUS SIGN} {spread * 100:.2f}" if percent else f"\N{PLUS-MINUS SIGN} {number(spread, 2)}"


def _plots(record: Record, among: Contest) -> list[dict[str, Any]]:
    wanted = [
        ("Progress over time", plots.progress(record, "seconds"), "Best so far, each phase from its first trial on."),
        ("Progress over trials", plots.progress(record, "trials"), "Best so far by number of trials finished."),
        *(
            (f"Quality against {name}", plots.trade_off(record, among, metric), "Diamonds: after the final training.")
            for metric, name in (("params", "parameters"), ("flops", "FLOPs"), ("latency_ms", "latency"))
        ),
        ("Learning curves", plots.learning_curves(record), "Training loss of every final training."),
    ]
    return [{"name": name, "svg": Markup(svg), "note": note} for name, svg, note in wanted if svg]


def _decisions(record: Record) -> dict[str, Any]:
    trials = record.phase("search", "control")
    found = importance(trials, record.quality)
    percent = record.quality in SHARES
    widest = max((one.share for one in found), default=0.0) or 1.0
    rows = []
    for one in found:
        best, worst = one.levels[0], one.levels[-1]
        levels = (
            f"best {best.label}: {quality(best.mean, percent)} on average ({best.trials} trials); "
            f"worst {worst.label}: {quality(worst.mean, percent)} ({worst.trials})"
        )
        width = round(100 * one.share / widest, 1)
        share = f"{one.share * 100:.0f} % of the variance"
        rows.append({"name": one.decision, "share": share, "width": width, "clear": one.clear, "levels": levels})
    metric, most = plots.label(record.quality), max((one.trials for one in found), default=0)
    return {
        "decisions": rows,
        "decisions_lead": f"Share of the variance of the validation {metric} that each decision explains on its own, "
        f"over {most} comparable trials.",
        "decisions_note": "Read with care: a search that learns does not sample evenly, decisions that change together "
        "share their credit, and faint bars are no longer than shuffled trials often give.",
    }
