"""Strategies by name, with their settings."""

from __future__ import annotations

import math

import pytest

from netwright import strategies
from netwright.errors import InputError

PROMISED = """
random grid local-search simulated-annealing morphism regularized-evolution genetic nsga2 nsga3 reinforce ppo npenas
bananas nas-bowl pnas ehvi tpe successive-halving hyperband asha bohb mo-asha portfolio auto
"""


def test_the_promised_strategies_exist():
    assert set(strategies.NAMES) == set(PROMISED.split())
    assert all(strategies.get(name).name == name for name in strategies.NAMES)


def test_an_unknown_name_is_refused_with_the_nearest():
    with pytest.raises(InputError, match="did you mean 'regularized-evolution'"):
        strategies.get("regularised-evolution")


def test_an_unknown_setting_is_refused_with_the_nearest():
    with pytest.raises(InputError, match=r"setting of genetic 'populaton_size': did you mean 'population_size'"):
        strategies.get("genetic", populaton_size=3)


@pytest.mark.parametrize(
    ("name", "setting", "value", "says"),
    [
        ("genetic", "population_size", "12", "population_size of genetic must be a whole number: got '12'"),
        ("genetic", "population_size", 12.5, "a whole number"),
        ("genetic", "population_size", True, "a whole number"),
        ("genetic", "population_size", 1, "at least 2"),
        ("genetic", "sample_size", 0, "at least 1"),
        ("genetic", "crossover_rate", 1.5, "between 0 and 1"),
        ("genetic", "crossover_rate", math.nan, "between 0 and 1"),
        ("genetic", "mutation_rate", None, "must be a number"),
        ("regularized-evolution", "population_size", "many", "a whole number or nothing"),
        ("regularized-evolution", "population_size", 0, "at least 1"),
        ("regularized-evolution", "sample_size", -1, "at least 1"),
        ("regularized-evolution", "mutations", 0, "at least 1"),
        ("reinforce", "learning_rate", 0.0, "learning_rate > 0"),
        ("reinforce", "learning_rate", math.nan, "learning_rate > 0"),
        ("reinforce", "entropy", -0.1, "entropy >= 0"),
        ("reinforce", "window", 1, "window >= 2"),
        ("reinforce", "hidden", 0, "hidden >= 1"),
        ("reinforce", "controller", "autoregresive", "did you mean 'autoregressive'"),
        ("ppo", "controller", 3, "controller of ppo must be a text"),
        ("ppo", "epochs", 0, "at least 1"),
        ("ppo", "clip", 0.0, "clip > 0"),
        ("grid", "levels", 1, "at least 2"),
        ("local-search", "founders", 0, "at least 1"),
        ("simulated-annealing", "temperature", -1.0, "temperature >= 0"),
        ("simulated-annealing", "cooling", 1.5, "cooling <= 1"),
        ("nsga2", "population_size", 1, "at least 2"),
        ("nsga3", "mutation_rate", 2.0, "between 0 and 1"),
    ],
)
def test_a_wrong_setting_is_named(name, setting, value, says):
    with pytest.raises(InputError, match=says):
        strategies.get(name, **{setting: value})


def test_a_whole_number_passes_for_a_real_one_and_nothing_where_allowed():
    assert strategies.get("genetic", crossover_rate=1).crossover_rate == 1
    assert strategies.get("regularized-evolution", population_size=None).population_size is None
