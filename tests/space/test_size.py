"""Counting without walking."""

from __future__ import annotations

import math

from netwright.space import Node, Space, chain, choice, dag, grammar, integer, op, parallel, repeat, rule, tied

CONV = op("conv", kernel=choice(3, 5))


def size(*items: Node) -> float:
    return Space(chain(*items)).size()


def test_known_sizes() -> None:
    assert size(repeat(CONV, integer(0, 3))) == 1 + 2 + 4 + 8
    assert size(repeat(CONV, integer(0, 3), share="choices")) == 1 + 3 * 2
    assert size(dag(3, node=CONV, inputs=2)) == 2 * 2 * 2 * math.comb(3, 2)
    assert size(dag(3, edge=CONV, inputs=(1, 2))) == 2 * (2 * 2 + 4) * (3 * 2 + 3 * 4)
    three = op("conv", kernel=choice(1, 3, 5))
    two = {"entries": (three, op("a")), "inputs": 2}
    assert size(dag(2, edge=CONV, **two)) == 3 * 2**2 * 3 * 2**2
    assert size(dag(2, edge=CONV, entry_edge=three, **two)) == 3 * 3**2 * (3**2 + 2 * 3 * 2)


def test_huge_spaces_are_counted_exactly() -> None:
    assert size(repeat(CONV, 1000)) == 2**1000


def test_ties_count_once() -> None:
    cell = tied("cell", chain(CONV, CONV))
    assert size(cell, cell, cell) == 4
    assert size(choice(cell, chain(cell, CONV)), choice(op("a"), cell)) == (1 + 2) * 2 * 4
    width = choice(*range(50), name="width")
    assert size(op("a", n=width), choice(op("b"), op("c", n=width))) == 100


def test_ties_on_structure_are_consistent() -> None:
    depth = integer(1, 2, name="depth")
    assert size(repeat(CONV, depth), repeat(CONV, depth)) == 2 * 2 + 4 * 4
    kind = choice(op("a"), CONV, name="kind")
    assert size(kind, kind) == 1 + 2 * 2


def test_a_tie_met_in_some_options_only() -> None:
    cell = tied("cell", CONV)
    space = Space(chain(choice(op("a"), cell), choice(op("b"), cell)))
    assert space.size() == len(list(space.enumerate())) == 1 + 3 * 2


def test_wide_recursion_is_counted_in_no_time() -> None:
    block = choice(op("a"), op("b"), parallel(rule("x"), rule("x")))
    count = 0
    for _ in range(12):
        count = 2 + count * count
    assert Space(grammar("x", rules={"x": block}, depth=12)).size() == count
