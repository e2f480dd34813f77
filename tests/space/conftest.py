"""Random spaces for the property tests (`st.from_type(Space)`): every kind of node that has a plain-data form."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from netwright.space import (
    Space,
    chain,
    choice,
    dag,
    grammar,
    integer,
    mark,
    op,
    optional,
    parallel,
    recall,
    repeat,
    rule,
    scale,
    subset,
    tied,
)

WIDTH = choice(8, 16, 32, name="width")
DEPTH = integer(0, 2, name="depth")
KIND = choice(op("conv", kernel=choice(1, 3)), op("identity"), name="kind")
CELL = tied("cell", dag(2, edge=choice(op("none"), op("conv", kernel=choice(3, 5))), inputs=1))
RECURSIVE = grammar(
    "block",
    rules={"block": choice(op("conv", kernel=1), parallel(rule("block"), optional(rule("block"))))},
    depth=2,
)


def value_nodes() -> st.SearchStrategy[object]:
    plain = st.integers(1, 9)
    several = st.lists(plain, min_size=1, max_size=3, unique=True)
    return st.one_of(
        plain,
        st.just(WIDTH),
        several.map(lambda options: choice(*options)),
        several.map(lambda options: choice(integer(1, 2), *options)),
        several.map(lambda options: subset(options, (0, len(options)))),
        st.builds(lambda lo, more, step: integer(lo, lo + more, step), plain, st.integers(0, 3), st.integers(1, 2)),
        st.builds(scale, st.just(WIDTH), st.sampled_from([2, choice(1, 3)])),
    )


def operations() -> st.SearchStrategy[object]:
    attrs = st.dictionaries(st.sampled_from(["kernel", "channels"]), value_nodes(), max_size=2)
    name = st.sampled_from(["conv", "pool", "identity", "none"])
    return st.builds(lambda name, attrs: op(name, **attrs), name, attrs)


def cell(nodes: int, where: str, inside: object, inputs: object, merge: str) -> object:
    return dag(nodes, **{where: inside}, inputs=inputs, merge=merge)


def cell_of_two(nodes: int, inside: object, entry_edge: object, inputs: object, output: str) -> object:
    """With two entries, of which one looks back."""
    entries = [chain(recall("past"), op("conv", kernel=choice(1, 3))), mark("past")]
    body = dag(nodes, edge=inside, entry_edge=entry_edge, inputs=inputs, output=output, entries=entries)
    return chain(mark("past"), op("conv", kernel=1), body)


def bigger(inner: st.SearchStrategy[object]) -> st.SearchStrategy[object]:
    few = st.lists(inner, min_size=1, max_size=2)
    merge = st.sampled_from(["sum", "concat"])
    times = st.sampled_from([0, 1, 2, integer(1, 2), choice(0, 2), DEPTH, scale(DEPTH, 1)])
    inputs = st.sampled_from([None, 1, (1, 2)])
    where = st.sampled_from(["edge", "node"])
    return st.one_of(
        few.map(lambda items: chain(*items)),
        few.map(lambda items: chain(**{f"item{i}": item for i, item in enumerate(items)})),
        few.map(lambda options: choice(*options)),
        st.builds(lambda items, merge: parallel(*items, merge=merge), few, merge | st.just(choice("sum", "concat"))),
        st.builds(repeat, inner, times, st.sampled_from([False, "choices", True])),
        st.builds(
            cell,
            st.integers(1, 2),
            where,
            inner,
            inputs,
            merge,
        ),
        inner.map(optional),
        st.builds(
            cell_of_two, st.integers(1, 2), inner, st.none() | inner, inputs, st.sampled_from(["last", "concat"])
        ),
    )


leaves = st.one_of(operations(), st.sampled_from([KIND, CELL, RECURSIVE]))
roots = st.recursive(leaves, bigger, max_leaves=5)
hypers = st.dictionaries(st.sampled_from(["lr", "optimiser"]), value_nodes(), max_size=2)
spaces = st.builds(lambda root, hyper: Space(root, "random", hyper), roots, hypers)
st.register_type_strategy(Space, spaces)


@pytest.fixture
def tiny() -> Space:
    """Two conditional branches, a number, a subset, and a real hyperparameter-free frame."""
    deep = chain(repeat(op("conv", kernel=choice(3, 5)), integer(1, 2)), op("conv", kernel=1))
    return Space(
        chain(
            body=choice(op("pool", kernel=2), deep),
            tail=op("conv", channels=integer(8, 32, step=8), extras=subset(["a", "b", "c"], (1, 2))),
        ),
        "tiny",
        {"lr": choice(0.1, 0.01)},
    )
