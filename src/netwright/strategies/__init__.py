"""The search strategies: which architecture next. One a file, each on the protocol of `base`."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_args, get_type_hints

from netwright.errors import InputError, unknown
from netwright.strategies.asha import ASHA
from netwright.strategies.auto import Auto
from netwright.strategies.bananas import BANANAS
from netwright.strategies.base import AnyStrategy, Problem, Strategy, generator
from netwright.strategies.bohb import BOHB
from netwright.strategies.ehvi import EHVI
from netwright.strategies.genetic import GeneticAlgorithm
from netwright.strategies.grid import GridSearch
from netwright.strategies.hyperband import Hyperband
from netwright.strategies.listed import Listed
from netwright.strategies.local_search import LocalSearch
from netwright.strategies.mo_asha import MOASHA
from netwright.strategies.morphism import Morphism
from netwright.strategies.nas_bowl import NASBOWL
from netwright.strategies.npenas import NPENAS
from netwright.strategies.nsga2 import NSGA2
from netwright.strategies.nsga3 import NSGA3
from netwright.strategies.pnas import PNAS
from netwright.strategies.portfolio import Portfolio
from netwright.strategies.ppo import PPO
from netwright.strategies.random_search import RandomSearch
from netwright.strategies.regularized_evolution import RegularizedEvolution
from netwright.strategies.reinforce import Reinforce
from netwright.strategies.rounds import Rounds
from netwright.strategies.simulated_annealing import SimulatedAnnealing
from netwright.strategies.successive_halving import SuccessiveHalving
from netwright.strategies.tpe import TPE
from netwright.strategies.warm_start import WarmStarted

__all__ = [
    "ASHA",
    "BANANAS",
    "BOHB",
    "EHVI",
    "MOASHA",
    "NAMES",
    "NASBOWL",
    "NPENAS",
    "NSGA2",
    "NSGA3",
    "PNAS",
    "PPO",
    "STRATEGIES",
    "TPE",
    "AnyStrategy",
    "Auto",
    "GeneticAlgorithm",
    "GridSearch",
    "Hyperband",
    "Listed",
    "LocalSearch",
    "Morphism",
    "Portfolio",
    "Problem",
    "RandomSearch",
    "RegularizedEvolution",
    "Reinforce",
    "Rounds",
    "SimulatedAnnealing",
    "Strategy",
    "SuccessiveHalving",
    "WarmStarted",
    "generator",
    "get",
    "settings_of",
]

STRATEGIES: dict[str, type[AnyStrategy]] = {
    strategy.name: strategy
    for strategy in (
        RandomSearch,
        GridSearch,
        LocalSearch,
        SimulatedAnnealing,
        Morphism,
        RegularizedEvolution,
        GeneticAlgorithm,
        NSGA2,
        NSGA3,
        Reinforce,
        PPO,
        NPENAS,
        BANANAS,
        NASBOWL,
        PNAS,
        EHVI,
        TPE,
        SuccessiveHalving,
        Hyperband,
        ASHA,
        BOHB,
        MOASHA,
        Portfolio,
        Auto,
    )
}
NAMES = tuple(STRATEGIES)


def get(name: str, **settings: Any) -> AnyStrategy:
    """The strategy of a name with its settings. InputError with the nearest name, or with what is wrong in a setting.

    >>> get("regularized-evolution", population_size=20).population_size
    20
    """
    if name not in STRATEGIES:
        raise unknown("method", name, NAMES)
    kinds = settings_of(name)
    for setting, value in settings.items():
        if setting not in kinds:
            raise unknown(f"setting of {name}", setting, kinds)
        _check(f"{setting} of {name}", value, kinds[setting])
    return STRATEGIES[name](**settings)


def settings_of(name: str) -> dict[str, Any]:
    """Setting -> its type, for a registered strategy.

    >>> settings_of("reinforce")["hidden"]
    <class 'int'>
    """
    kind = STRATEGIES[name]
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in fields(kind)}  # type: ignore[arg-type]


def _check(label: str, value: object, kind: Any) -> None:
    """InputError where a value is not of a setting's type; whole numbers pass for real ones, booleans for none."""
    allowed = get_args(kind) or (kind,)
    number = type(value) is int and float in allowed
    if not number and type(value) not in allowed:
        names = " or ".join("nothing" if one is type(None) else _WORDS.get(one, one.__name__) for one in allowed)
        raise InputError(f"{label} must be {names}", f"got {value!r}")


_WORDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a text"}
