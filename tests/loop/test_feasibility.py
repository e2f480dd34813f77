"""Networks that answer the same to everything are no candidates."""

from __future__ import annotations

import numpy as np
import pytest

from netwright import spaces
from netwright.errors import InputError
from netwright.loop.feasibility import Feasible, restrict, sized
from netwright.operations import Signature
from netwright.operations.liveness import live, zero
from netwright.space import Space, chain, choice, op

IMAGE = Signature((1, 8, 8), 10)
LAYER = choice(op("none"), op("identity"), op("conv", kernel=3, channels=4))
SPACE = Space(chain(first=LAYER, second=LAYER, head=op("head")), "some none")


def test_what_lets_nothing_through_is_left_out() -> None:
    feasible = Feasible(IMAGE)
    for one in SPACE.enumerate():
        assert feasible(one) == (0 not in (one.choices["first"], one.choices["second"]))
    with pytest.raises(InputError, match='head: nothing of the input reaches the output: leave "none" out on one way'):
        sized(SPACE.architecture({"first": 0, "second": 1}), IMAGE)


@pytest.mark.parametrize("name", ["nb201", "darts"])
def test_every_network_that_is_searched_sees_its_input(name: str) -> None:
    signature, rng = Signature((3, 32, 32), 10), np.random.default_rng(0)
    space = restrict(spaces.get(name, signature), Feasible(signature))
    for _ in range(200):
        graph = space.sample(rng).graph
        assert 0 in live(graph, zero(graph))


def test_a_space_of_such_networks_only_is_refused_with_the_reason() -> None:
    space = Space(chain(op("none"), op("conv", kernel=choice(1, 3), channels=4), op("head")), "nothing")
    with pytest.raises(InputError, match="nothing of the input reaches the output"):
        sized(space.sample(np.random.default_rng(0)), IMAGE)
