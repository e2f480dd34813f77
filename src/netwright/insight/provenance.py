"""Where a search's data, machine and versions come from, and the command that runs it again."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping
from typing import Any

from netwright import backends
from netwright.insight.record import Record
from netwright.insight.wording import TIMES

_OMITTED = frozenset({"classes"})
_NAMES = {"sha256": "SHA-256", "licence": "licence", "license": "licence", "origin": "origin"}


def name_of(record: Record) -> str:
    """What the report calls the search: its task, or else its folder."""
    return str(record.task.get("name") or record.directory.name)


def command(record: Record) -> str:
    """The command line of the search, quoted for a POSIX shell."""
    settings, source = record.settings, record.task.get("source")
    origin = source.get("origin") if isinstance(source, Mapping) else None
    words = ["netwright", "search", str(origin or name_of(record))]
    if isinstance(source, Mapping) and source.get("target"):
        words += ["--target", str(source["target"])]
    if isinstance(source, Mapping) and source.get("kind"):
        words += ["--kind", str(source["kind"])]
    for option in ("space", "method", "budget", "workers", "executor", "seed"):
        if settings.get(option) not in (None, "", "custom"):
            words += [f"--{option}", str(settings[option])]
    for option, values in (("objective", settings.get("objectives")), ("constraint", settings.get("constraints"))):
        for value in values or ():
            words += [f"--{option}", str(value)]
    if settings.get("backend", backends.DEFAULT) != backends.DEFAULT:
        words += ["--backend", str(settings["backend"])]
    return " ".join(shlex.quote(word) for word in words)


def data_facts(record: Record) -> list[tuple[str, str]]:
    """Name and value of what is known about the data."""
    task = record.task
    facts = [("task", f"{name_of(record)} ({task.get('kind', 'unknown kind')})")]
    if task.get("inputs"):
        facts.append(("input", f" {TIMES} ".join(str(size) for size in task["inputs"])))
    if task.get("answer") == "transcript":
        facts.append(("characters", _list(task["classes"][2:])))
    elif task.get("classes"):
        facts.append(("classes", _list(task["classes"])))
    if task.get("counts"):
        facts.append(("examples", ", ".join(f"{name} {_plain(number)}" for name, number in task["counts"].items())))
    source = task.get("source")
    facts += list(_facts(source)) if isinstance(source, Mapping) else [("source", str(source))] if source else []
    return facts


def machine_facts(record: Record) -> list[tuple[str, str]]:
    """Name and value of the machine, the system and the packages."""
    return list(_facts(record.machine)) or [("machine", "not recorded")]


def _facts(data: Mapping[str, Any]) -> Iterable[tuple[str, str]]:
    for name, value in data.items():
        if value in (None, "", [], {}, ()) or name in _OMITTED:
            continue
        if isinstance(value, Mapping):
            text = ", ".join(f"{key} {_plain(item)}" for key, item in value.items() if item not in (None, ""))
        elif isinstance(value, list | tuple):
            text = _list(value)
        else:
            text = _plain(value)
        yield _NAMES.get(name, name.replace("_", " ")), text


def _list(values: Iterable[Any]) -> str:
    texts = [str(value) for value in values]
    return ", ".join(texts[:20]) + (f" and {len(texts) - 20} more" if len(texts) > 20 else "")


def _plain(value: Any) -> str:
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)
