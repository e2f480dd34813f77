"""Other libraries' optimisers behind netwright's protocol, to be run in the same harness.

They are for the harness alone: their state is theirs, so a search cannot be resumed from its log, and asking changes
it. Each is there where its library is installed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from netwright.strategies import AnyStrategy
from peers.cma_peer import CatCma
from peers.optuna_peer import OptunaPeer
from peers.pyglove_peer import PygloveEvolution

PEERS: dict[str, tuple[str, Callable[[], AnyStrategy]]] = {
    "optuna-tpe": ("optuna", lambda: OptunaPeer("tpe")),
    "optuna-gp": ("optuna", lambda: OptunaPeer("gp")),
    "optuna-nsga2": ("optuna", lambda: OptunaPeer("nsga2")),
    "pyglove-evolution": ("pyglove", PygloveEvolution),
    "catcma": ("cmaes", CatCma),
}
"""Name -> the module that it needs, and how to make it."""


def installed() -> dict[str, AnyStrategy]:
    """The peers whose libraries are there."""
    return {name: make() for name, (module, make) in PEERS.items() if importlib.util.find_spec(module)}
