"""The end of a search: who did how well, the verdict, and where everything is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from netwright.cli.printing import printable, say, show
from netwright.cli.wording import metric_text

OUTPUTS = {
    "report.html": "report",
    "model.onnx": "network (ONNX)",
    "model.safetensors": "network (weights)",
    "architecture.json": "architecture",
    "model_card.md": "model card",
    "summary.json": "summary",
}


def show_ending(summary: Mapping[str, Any], directory: Path) -> None:
    """Prints a search's summary for people."""
    if summary.get("best"):
        show(comparison(summary))
    if summary.get("verdict"):
        say(summary["verdict"])
    for name, what in OUTPUTS.items():
        if (directory / name).is_file():
            say(f"{what + ':':<19}{directory / name}")


def comparison(summary: Mapping[str, Any]) -> Table:
    """The network found, further ones of the front, random search and the hand-designed baselines, one a row."""
    metric = str(summary["metric"])
    contenders = [("network found", summary["best"], "bold green")]
    contenders += [(f"front {place}", one, "green") for place, one in enumerate(_others(summary), start=2)]
    if summary.get("control"):
        contenders.append(("random search", summary["control"], ""))
    contenders += [(one["name"], one, "") for one in summary["baselines"]]
    table = Table(box=None, padding=(0, 2, 0, 0))
    table.add_column("")
    for column in (f"validation {metric}", f"test {metric}", "seeds", "parameters", "FLOPs", "latency"):
        table.add_column(column, justify="right")
    for name, one, style in contenders:
        table.add_row(Text(printable(name)), *_cells(one, metric), style=style)
    return table


def _others(summary: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The finalists of the front beside the best."""
    best = summary["best"]["key"]
    return [one for one in summary.get("front") or () if one["key"] != best and one.get("test")]


def _cells(one: Mapping[str, Any], metric: str) -> list[str]:
    validation, test, spread = (one.get(name) or {} for name in ("validation", "test", "test_std"))
    return [
        metric_text(metric, validation.get(metric)),
        metric_text(metric, test.get(metric), spread.get(metric)),
        str(one.get("seeds", "")),
        *(metric_text(name, one.get(name)) for name in ("params", "flops", "latency_ms")),
    ]
