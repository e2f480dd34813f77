"""The search strategies: which architecture next. One a file, each on the protocol of `base`."""

from __future__ import annotations

from typing import Any

from netwright.named import named
from netwright.named import settings_of as named_settings
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
from netwright.strategies.screened import Screened
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
    "Screened",
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
    return named("method", name, STRATEGIES, settings)


def settings_of(name: str) -> dict[str, Any]:
    """Setting -> its type, for a registered strategy.

    >>> settings_of("reinforce")["hidden"]
    <class 'int'>
    """
    return named_settings(STRATEGIES[name])
