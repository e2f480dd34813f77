"""Grid search: what is on the grid, and in what order."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest

from netwright.space import Space, chain, choice, integer, op, program, real, subset
from netwright.strategies import GridSearch
from netwright.strategies.grid import Grid
from netwright.testing.strategies import SPACES, proposed, search, smooth

MIXED = Space(
    chain(
        op("conv", kernel=choice(1, 3, 5), channels=integer(8, 64, step=8), use=subset(list("abcd"), (1, 3))),
        op("dropout", rate=real(0.0, 0.5)),
    ),
    "grid-test",
)
LEVELS = 4


def grid(space, seed=0, levels=LEVELS):
    return Grid(space, levels, np.random.default_rng(seed))


@pytest.mark.parametrize("seed", range(5))
def test_each_combination_comes_exactly_once(seed):
    every = grid(MIXED, seed)
    assert every.size == 3 * 4 * 14 * 4
    assert len({every.at(place) for place in range(every.size)}) == every.size
    assert every.at(every.size) is None


def test_levels_are_evenly_spread_and_reach_the_ends():
    found = [grid(MIXED).at(place).choices for place in range(3 * 4 * 14 * 4)]
    assert {choices["0/channels"] for choices in found} == {8, 24, 48, 64}
    assert sorted({choices["1/rate"] for choices in found}) == pytest.approx([0, 1 / 6, 1 / 3, 0.5])
    assert len({choices["0/use"] for choices in found}) == 14


@pytest.mark.parametrize("seed", range(5))
def test_every_level_of_every_decision_is_met_early(seed):
    every = grid(SPACES["choices"], seed)
    first = [every.at(place).choices for place in range(60)]
    assert all(len({choices[name] for choices in first}) == 6 for name in first[0])


def test_the_seed_sets_entry_and_stride():
    orders = [[grid(MIXED, seed).at(place) for place in range(5)] for seed in range(3)]
    assert all(a != b for a, b in pairwise(orders))


def test_past_the_end_of_the_grid_come_random_networks():
    log = proposed(search(GridSearch(levels=3), SPACES["reals"], smooth, 20))
    assert [proposal.origin for proposal in log] == ["grid"] * 9 + ["random"] * 11


def test_twins_and_what_breaks_a_constraint_are_passed_over():
    space = SPACES["conditional"].restricted(lambda a: len(a.choices) % 2 == 0, "an even number of decisions")
    log = proposed(search(GridSearch(), space, smooth, 60))
    assert {proposal.origin for proposal in log} == {"grid"}
    assert len({proposal.architecture.key for proposal in log}) == 60


def test_programs_have_a_grid_too():
    def build(decide):
        return chain(*(op("conv", kernel=decide(f"k{i}", choice(3, 5, 7))) for i in range(decide("n", integer(1, 3)))))

    log = proposed(search(GridSearch(), Space(program(build, "build"), "program"), smooth, 100))
    assert len(log) == 3 + 9 + 27


def test_huge_spaces_are_no_burden():
    every = grid(Space(chain(*(op("conv", kernel=choice(*range(50))) for _ in range(400))), "huge"))
    assert every.size == 50**400
    assert math.log(every.at(3).space.size()) > 1000
    assert every.at(0) != every.at(1)
