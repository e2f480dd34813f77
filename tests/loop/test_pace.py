"""Foretelling how fast a network trains."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.evaluation.pace import Pace, fit
from netwright.loop.feasibility import Feasible, restrict
from netwright.objectives import Constraint
from netwright.operations import Signature, analyse
from netwright.space import Space, chain, choice, op

SIGNATURE = Signature((1, 16, 16), 10)
SPACE = Space(chain(op("conv", kernel=choice(1, 3, 5), channels=choice(4, 8, 16, 32)), op("head")), "convs")
FACTOR = st.floats(1e-12, 1e-8)


@given(
    st.lists(st.tuples(st.floats(1e5, 1e8), st.floats(1e3, 1e6)), min_size=3, max_size=8, unique=True), FACTOR, FACTOR
)
def test_an_exact_law_is_found_again(sizes: list[tuple[float, float]], flop_s: float, activation_s: float) -> None:
    law = [(flop_s * flops + activation_s * activations, flops, activations) for flops, activations in sizes]
    found = fit(law)
    for seconds, flops, activations in law:
        assert found.flop_s * flops + found.activation_s * activations == pytest.approx(seconds, rel=0.05)


def test_no_factor_is_negative() -> None:
    found = fit([(1.0, 1e6, 9e4), (2.0, 2e6, 5e4), (3.0, 3e6, 1e4)])
    assert found.activation_s >= 0
    assert found.flop_s > 0


def test_slow_networks_are_infeasible() -> None:
    pace = Pace(1e-9, 0.0)
    all_of_them = list(SPACE.enumerate())
    seconds = sorted(pace.seconds(analyse(a.graph, SIGNATURE)) for a in all_of_them)
    limit = seconds[len(seconds) // 2]
    left = list(restrict(SPACE, Feasible(SIGNATURE, pace=pace, slowest_s=limit)).enumerate())
    assert 0 < len(left) < len(all_of_them)
    assert all(pace.seconds(analyse(a.graph, SIGNATURE)) <= limit for a in left)


def test_the_reason_names_every_demand() -> None:
    feasible = Feasible(SIGNATURE, (Constraint("params", "<", 300.0),), Pace(1e-9, 0.0), 1e-3)
    assert feasible.reason == "params<300 and trains on 1,000 examples a second"
