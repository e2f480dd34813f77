"""`netwright tasks`, `spaces`, `methods` and `doctor`: what there is to choose from, and where one stands."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

import typer
from rich.table import Table

from netwright.cli import words
from netwright.cli.printing import printable, say, say_json, show


def tasks(json: words.Json = False) -> None:
    """List the kinds of task, and the data sets that can be opened by name."""
    from netwright.doctor import data_sets
    from netwright.tasks.targets import GIVEN, KINDS

    known = data_sets()
    kinds = [(kind, GIVEN[domain]) for domain, each in KINDS.items() for kind in each]
    if json:
        named = [{"name": name, "state": state} for name, state in known.items()]
        told = [{"name": kind, "data": data} for kind, data in kinds]
        say_json({"schema": "netwright.tasks/1", "tasks": named, "kinds": told})
        return
    show(_table(("kind of task", "data"), kinds))
    show(_table(("data set", "state"), list(known.items())))
    say(
        "Your own: class folders of images, texts or recordings; .csv, .tsv or .jsonl of texts with labels; .txt; .ts; "
        ".npz; a .csv, .tsv or .parquet with --target COLUMN; a folder with nodes.csv and edges.csv; "
        "images with boxes as in VOC, COCO or YOLO."
    )


def spaces(json: words.Json = False) -> None:
    """List the ready-made search spaces."""
    from netwright.spaces import NAMES

    known = {name: _summary(importlib.import_module(f"netwright.spaces.{name}")) for name in NAMES}
    if json:
        rows = [{"name": name, "about": about} for name, about in known.items()]
        say_json({"schema": "netwright.spaces/1", "spaces": rows})
        return
    show(_table(("space", "about"), list(known.items())))
    say("Your own space: a YAML file with --space FILE, or Python.")


def methods(json: words.Json = False) -> None:
    """List the search methods."""
    from netwright.strategies import STRATEGIES
    from netwright.supernet.policies import POLICIES

    rows = [
        {"name": name, "about": _summary(inspect.getmodule(kind)), "multi_objective": kind.multi_objective}
        for name, kind in STRATEGIES.items()
    ]
    rows += [
        {"name": name, "about": _summary(inspect.getmodule(kind)), "multi_objective": True}
        for name, kind in POLICIES.items()
    ]
    if json:
        say_json({"schema": "netwright.methods/1", "methods": rows})
        return
    cells = [(row["name"], "several" if row["multi_objective"] else "one", row["about"]) for row in rows]
    show(_table(("method", "objectives", "about"), cells))


def doctor(json: words.Json = False) -> None:
    """Check whether this machine is fit for a search. Exit code 1 when something is in the way."""
    from netwright.doctor import examine

    found = examine(Path.cwd())
    if json:
        say_json(found)
    else:
        _show_doctor(found)
    if found["problems"]:
        raise typer.Exit(1)


def _summary(module: Any) -> str:
    """The first paragraph of a module's docstring on one line, without the name it opens with."""
    first = (inspect.getdoc(module) or "").split("\n\n")[0]
    _, colon, rest = first.partition("`: ")
    return " ".join((rest if colon else first).split())


def _table(heads: tuple[str, ...], rows: list[Any]) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, overflow="fold", no_wrap=head != "about")
    for row in rows:
        table.add_row(*(printable(cell) for cell in row))
    return table


def _ready(states: dict[str, str]) -> str:
    """Names, each with what it lacks."""
    return ", ".join(name + ("" if state == "ready" else f" ({state})") for name, state in states.items())


def _show_doctor(found: dict[str, Any]) -> None:
    machine, torch, folder = found["machine"], found["torch"], found["folder"]
    versions = ", ".join(f"{name} {version or 'missing'}" for name, version in machine["packages"].items())
    state = (
        torch.get("error") or f"{torch['threads']} threads, {torch['cpu']}, CUDA: {', '.join(torch['cuda']) or 'none'}"
    )
    speed = "cannot be written to" if folder["fsync_ms"] is None else f"a record is kept in {folder['fsync_ms']} ms"
    extras = ", ".join(f"{extra} {'yes' if there else 'no'}" for extra, there in found["extras"].items())
    facts = {
        "Python": f"{machine['python']}, {machine['system']}",
        "packages": versions,
        "processor": f"{machine['processor']}, {machine['usable_cores']} of {machine['cores']} cores usable",
        "memory": f"{machine['memory_gib']} GiB, {machine['available_memory_gib']} GiB available",
        "torch": state,
        "folder": f"{folder['path']}: {folder['free_gib']} GiB free, {speed}",
        "extras": extras,
        "executors": _ready(found["executors"]),
        "data sets": _ready(found["data_sets"]),
    }
    for name, fact in facts.items():
        say(f"{name + ':':<11}{fact}")
    for problem in found["problems"]:
        say(f"problem: {problem}", error=True)
    for hint in found["hints"]:
        say(f"hint: {hint}")
    if not found["problems"]:
        say("fit for a search")
