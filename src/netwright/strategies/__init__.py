"""The search strategies: which architecture next. One a file, each on the protocol of `base`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from netwright.errors import InputError, unknown
from netwright.strategies.base import AnyStrategy, Strategy, generator
from netwright.strategies.genetic import GeneticAlgorithm
from netwright.strategies.listed import Listed
from netwright.strategies.random_search import RandomSearch
from netwright.strategies.regularized_evolution import RegularizedEvolution
from netwright.strategies.reinforce import Reinforce

__all__ = [
    "NAMES",
    "STRATEGIES",
    "AnyStrategy",
    "GeneticAlgorithm",
    "Listed",
    "RandomSearch",
    "RegularizedEvolution",
    "Reinforce",
    "Strategy",
    "generator",
    "get",
]

STRATEGIES: dict[str, type[AnyStrategy]] = {
    strategy.name: strategy for strategy in (RandomSearch, RegularizedEvolution, GeneticAlgorithm, Reinforce)
}
NAMES = tuple(STRATEGIES)


def get(name: str, **settings: Any) -> AnyStrategy:
    """The strategy of a name with its settings.

    >>> get("regularized-evolution", population_size=20).population_size
    20
    """
    if name not in STRATEGIES:
        raise unknown("method", name, NAMES)
    kind = STRATEGIES[name]
    known = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    for setting in settings:
        if setting not in known:
            raise unknown(f"setting of {name}", setting, known)
    try:
        return kind(**settings)
    except TypeError as problem:
        raise InputError(f"the settings of {name} do not fit: {problem}") from None
