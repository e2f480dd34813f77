"""Restricted spaces give out feasible architectures only."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.space import Architecture, Space, chain, choice, integer, op, real, repeat, subset


def total(a: Architecture) -> int:
    return sum(int(node.attrs.get("channels", 0)) for node in a.graph.nodes)  # type: ignore[arg-type]


@pytest.fixture
def wide() -> Space:
    layer = op("conv", kernel=choice(3, 5, 7), channels=integer(8, 512, step=8))
    return Space(chain(repeat(layer, integer(2, 20)), op("head")), "wide")


def test_every_move_stays_feasible(tiny: Space) -> None:
    space = tiny.restricted(lambda a: total(a) <= 16, "channels <= 16")
    rng = np.random.default_rng(0)
    a, b = space.sample(rng), space.sample(rng)
    moved = [space.mutate(a, rng), space.crossover(a, b, rng), *space.neighbours(a), *space.enumerate()]
    assert all(total(x) <= 16 for x in moved)
    assert all(x.space is space for x in moved)
    assert len(list(space.enumerate())) == space.size() // 2


def test_restrictions_add_up(tiny: Space) -> None:
    space = tiny.restricted(lambda a: total(a) <= 24, "a").restricted(lambda a: total(a) >= 24, "b")
    assert {total(a) for a in space.enumerate()} == {24}
    assert space.name == tiny.name
    assert {total(a) for a in tiny.enumerate()} == {8, 16, 24, 32}


@pytest.mark.parametrize("bound", [40, 64, 200])
def test_rare_small_networks_are_found_and_differ(wide: Space, bound: int) -> None:
    space = wide.restricted(lambda a: total(a) <= bound, f"channels <= {bound}")
    rng = np.random.default_rng(0)
    found = [space.sample(rng) for _ in range(10)]
    assert all(total(a) <= bound for a in found)
    assert len({a.key for a in found}) >= 9
    assert np.mean([total(a) for a in found]) > bound * 0.6


def test_rare_large_networks_are_found(wide: Space) -> None:
    space = wide.restricted(lambda a: total(a) >= 20 * 480, "channels >= 9600")
    assert total(space.sample(np.random.default_rng(0))) >= 9600


def test_a_needle_in_a_small_space_is_found() -> None:
    space = Space(chain(*[op("a", n=choice(*range(20))) for _ in range(3)]), "haystack")
    needle = {"0/n": 7, "1/n": 3, "2/n": 11}
    found = space.restricted(lambda a: dict(a.choices) == needle, "the needle").sample(np.random.default_rng(0))
    assert found.choices == needle


def test_the_impossible_is_said_with_its_reason() -> None:
    space = Space(op("a", n=real(0, 1), m=subset("abc", (0, 3))), "x").restricted(lambda a: False, "params < 0")
    with pytest.raises(InputError, match="params < 0"):
        space.sample(np.random.default_rng(0))
