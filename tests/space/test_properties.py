"""What holds in every space."""

from __future__ import annotations

import math
import pickle

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netwright.space import Architecture, Space

few = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
spaces = st.from_type(Space)
small_spaces = spaces.filter(lambda space: space.size() <= 400)
seeds = st.integers(0, 2**32 - 1).map(np.random.default_rng)


def changed(a: Architecture, b: Architecture) -> set[str]:
    """Decisions active in both that differ."""
    return {name for name in a.choices.keys() & b.choices.keys() if a.choices[name] != b.choices[name]}


@few
@given(spaces, seeds)
def test_a_sample_is_valid_and_makes_listed_decisions(space: Space, rng: np.random.Generator) -> None:
    a = space.sample(rng)
    listed = {decision.name: decision for decision in space.decisions()}
    assert space.architecture(a.to_dict()) == a
    assert list(a.decisions) == list(a.choices)
    for name, value in a.choices.items():
        assert a.decisions[name].allows(value)
        assert listed[name].cardinality == a.decisions[name].cardinality > 1


@few
@given(spaces, seeds)
def test_the_graph_is_ordered_and_alive(space: Space, rng: np.random.Generator) -> None:
    graph = space.sample(rng).graph
    used = {graph.output, 0} | {j for node in graph.nodes for j in node.inputs}
    assert graph.nodes[0].op == "input"
    assert all(j < i for i, node in enumerate(graph.nodes) for j in node.inputs)
    assert used == set(range(len(graph)))
    assert len({node.name for node in graph.nodes}) == len(graph)


@few
@given(spaces, seeds)
def test_plain_data_round_trips(space: Space, rng: np.random.Generator) -> None:
    data = space.to_dict()
    again = Space.from_dict(data)
    a = space.sample(rng)
    assert again.to_dict() == data
    assert again.architecture(a.to_dict()).key == a.key
    assert again.size() == space.size()


@few
@given(small_spaces)
def test_enumeration_is_complete(space: Space) -> None:
    every = list(space.enumerate())
    assert len(set(every)) == len(every) == space.size()


@few
@given(small_spaces, seeds)
def test_samples_are_among_the_enumerated(space: Space, rng: np.random.Generator) -> None:
    every = set(space.enumerate())
    assert all(space.sample(rng) in every for _ in range(5))


@few
@given(spaces, seeds)
def test_neighbours_differ_in_one_decision(space: Space, rng: np.random.Generator) -> None:
    a = space.sample(rng)
    for _, b in zip(range(20), space.neighbours(a), strict=False):
        assert len(changed(a, b)) == 1
        assert space.architecture(b.to_dict()) == b


@few
@given(spaces, seeds)
def test_neighbourhoods_are_mutual_where_nothing_opens_up(space: Space, rng: np.random.Generator) -> None:
    a = space.sample(rng)
    for _, b in zip(range(10), space.neighbours(a), strict=False):
        if a.choices.keys() == b.choices.keys():
            assert a in set(space.neighbours(b))


@few
@given(spaces, seeds, st.integers(1, 3))
def test_mutation_changes_as_many_decisions_as_asked_or_fewer(
    space: Space, rng: np.random.Generator, changes: int
) -> None:
    a = space.sample(rng)
    b = space.mutate(a, rng, changes)
    assert space.architecture(b.to_dict()) == b
    assert len(changed(a, b)) <= changes
    assert (a != b) == bool(a.choices)


@few
@given(spaces, seeds)
def test_a_child_has_its_parents_values(space: Space, rng: np.random.Generator) -> None:
    a, b = space.sample(rng), space.sample(rng)
    child = space.crossover(a, b, rng)
    assert space.architecture(child.to_dict()) == child
    for name in child.choices.keys() & a.choices.keys() & b.choices.keys():
        assert child.choices[name] in (a.choices[name], b.choices[name])


@few
@given(small_spaces)
def test_the_one_hot_encoding_tells_architectures_apart(space: Space) -> None:
    every = list(space.enumerate())
    rows = np.stack([space.encode(a, "one-hot") for a in every])
    assert rows.dtype == np.float32
    assert rows.min(initial=0) >= 0
    assert rows.max(initial=0) <= 1
    assert len(np.unique(rows, axis=0)) == len(every)


@few
@given(spaces, seeds)
def test_encodings_of_twins_are_equal(space: Space, rng: np.random.Generator) -> None:
    a, b = space.sample(rng), space.sample(rng)
    assert space.encode(a, "path").shape == (512,)
    if a.key == b.key and a.hyper == b.hyper:
        assert np.array_equal(space.encode(a, "path"), space.encode(b, "path"))


@few
@given(spaces, seeds)
def test_architectures_survive_pickling(space: Space, rng: np.random.Generator) -> None:
    a = space.sample(rng)
    b = pickle.loads(pickle.dumps(a))
    assert b == a
    assert hash(b) == hash(a)
    assert b.key == a.key


@few
@given(spaces)
def test_equal_seeds_give_equal_samples(space: Space) -> None:
    def draws() -> list[Architecture]:
        rng = np.random.default_rng(7)
        return [space.sample(rng) for _ in range(3)]

    assert draws() == draws()
    assert space.size() < math.inf
