"""One row of a table: found by identity, by the benchmark's own name or by number, and told as plain data."""

from __future__ import annotations

import re
from typing import Any

from netwright.benchmarks.plan import finite
from netwright.benchmarks.table import Table
from netwright.benchmarks.tables import entry
from netwright.errors import InputError

SCHEMA = "netwright.lookup/1"
_KEY = re.compile(r"[0-9a-f]{8,64}")


def lookup(table: Table, text: str) -> dict[str, Any]:
    """The row of an architecture that is given as `Architecture.key` (or its first 8 digits or more), as the
    benchmark's own name of it, or by its number from 0. InputError for anything else, and for what the table lacks."""
    return told(table, find(table, text.strip()))


def find(table: Table, text: str) -> int:
    """The number of the row."""
    if text in table.names:
        return list(table.names).index(text)
    if text.isdecimal() and int(text) < len(table) and len(text) <= len(str(len(table))):
        return int(text)
    if _KEY.fullmatch(text.lower()):
        return _by_key(table, text.lower())
    parse = entry(table.name).parse
    if parse is None:
        raise InputError(f"{text!r} is no architecture of {table.name}", _examples(table))
    return table.row(parse(table.space, text))


def told(table: Table, row: int) -> dict[str, Any]:
    """Everything that the table holds of a row; quality in percent where it is a share, None where nothing is known."""
    architecture, last = table.space.architecture(table.choices[row]), len(table.fidelities) - 1
    twins = [place for place, key in enumerate(table.keys) if key == architecture.key and place != row]
    epochs = ["full" if one.epochs is None else f"{one.epochs:g}" for one in table.fidelities]
    return {
        "schema": SCHEMA,
        "table": table.name,
        "index": row,
        "name": table.names[row],
        "key": architecture.key,
        "architecture": architecture.describe(),
        "choices": architecture.to_dict(),
        "validation": {table.quality: table.scale * float(table.validation[last, row])},
        "test": {table.quality: table.scale * float(table.test[row])},
        "fidelities": {name: table.scale * float(table.validation[rung, row]) for rung, name in enumerate(epochs)},
        "metrics": {name: finite(float(values[row])) for name, values in table.metrics.items()},
        "scores": {name: finite(float(values[row])) for name, values in table.scores.items()},
        "same_function": twins,
        "protocol": table.protocol,
    }


def _by_key(table: Table, start: str) -> int:
    found = {place for key, place in table.by_key.items() if key.startswith(start)}
    whole = entry(table.name).whole
    if not found and whole is not None:
        space = whole()
        networks = ((space.architecture(table.choices[place]).key, place) for place in table.by_key.values())
        found = {place for key, place in networks if key.startswith(start)}
    if len(found) == 1:
        return found.pop()
    if found:
        raise InputError(f"{len(found)} architectures of {table.name} have keys that begin so", "give more of the key")
    raise InputError(f"{table.name} holds no architecture with the key {start}", _examples(table))


def _examples(table: Table) -> str:
    return f"give a key, a number from 0 to {len(table) - 1}, or a name like {table.names[len(table) // 2]}"
