"""netwright: Neural Architecture Search, from data to a network that is better than what people draw by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from netwright.errors import InputError, MissingExtra, NetwrightError

if TYPE_CHECKING:
    from netwright.door import Result, resume, search
    from netwright.estimators import NASClassifier, NASRegressor
    from netwright.loop.search import Search
    from netwright.space import (
        Architecture,
        Space,
        chain,
        choice,
        dag,
        integer,
        op,
        optional,
        parallel,
        real,
        repeat,
        scale,
        subset,
        tied,
    )
    from netwright.tasks import Task, open_task

__version__ = "0.1.0"

_HOMES = {
    "netwright.door": ("Result", "resume", "search"),
    "netwright.loop.search": ("Search",),
    "netwright.estimators": ("NASClassifier", "NASRegressor"),
    "netwright.tasks": ("Task", "open_task"),
    "netwright.space": (
        "Architecture",
        "Space",
        "chain",
        "choice",
        "dag",
        "integer",
        "op",
        "optional",
        "parallel",
        "real",
        "repeat",
        "scale",
        "subset",
        "tied",
    ),
}
_HOME = {name: home for home, names in _HOMES.items() for name in names}

__all__ = [
    "Architecture",
    "InputError",
    "MissingExtra",
    "NASClassifier",
    "NASRegressor",
    "NetwrightError",
    "Result",
    "Search",
    "Space",
    "Task",
    "__version__",
    "chain",
    "choice",
    "dag",
    "integer",
    "op",
    "open_task",
    "optional",
    "parallel",
    "real",
    "repeat",
    "resume",
    "scale",
    "search",
    "subset",
    "tied",
]


def __getattr__(name: str) -> Any:
    """Public names are imported when first used: `import netwright` loads no framework."""
    if name not in _HOME:
        raise AttributeError(f"module 'netwright' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
