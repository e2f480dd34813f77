"""What each kind of node means."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.space import (
    Architecture,
    Node,
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
    program,
    real,
    recall,
    repeat,
    rule,
    scale,
    subset,
    tied,
    walk,
)


def built(node: Node, **choices: object) -> Architecture:
    return Space(node).architecture({name.replace("__", "/"): value for name, value in choices.items()})


def picture(a: Architecture) -> list[tuple[str, tuple[int, ...]]]:
    return [(node.op, node.inputs) for node in a.graph.nodes[1:]]


def test_chain_labels_name_decisions() -> None:
    space = Space(chain(op("a"), stages=repeat(op("b", kernel=choice(3, 5)), 2)))
    assert [decision.name for decision in space.decisions()] == ["stages/0/kernel", "stages/1/kernel"]


@pytest.mark.parametrize(
    ("share", "decisions", "weights"),
    [
        (False, ["0/kernel", "1/kernel"], ["0", "1"]),
        ("choices", ["block/kernel"], ["0", "1"]),
        (True, ["block/kernel"], ["block", "block"]),
    ],
)
def test_sharing_of_a_repeat(share: object, decisions: list[str], weights: list[str]) -> None:
    space = Space(repeat(op("conv", kernel=choice(3, 5)), 2, share=share))  # type: ignore[arg-type]
    a = space.sample(np.random.default_rng(0))
    assert list(a.choices) == decisions
    assert [node.weights for node in a.graph.nodes[1:]] == weights
    assert [node.name for node in a.graph.nodes[1:]] == ["0", "1"]


def test_parallel_merges() -> None:
    assert picture(built(parallel(op("a"), op("b"), merge="concat"))) == [("a", (0,)), ("b", (0,)), ("concat", (1, 2))]
    assert picture(built(parallel(op("a")))) == [("a", (0,))]


def test_how_branches_are_merged_may_be_a_decision() -> None:
    space = Space(parallel(op("a"), op("b", kernel=choice(3, 5)), merge=choice("sum", "concat")))
    assert [decision.name for decision in space.decisions()] == ["1/kernel", "merge"]
    assert space.size() == len(list(space.enumerate())) == 4
    assert {one.graph.nodes[-1].op for one in space.enumerate()} == {"sum", "concat"}
    assert Space.from_dict(space.to_dict()).to_dict() == space.to_dict()
    with pytest.raises(InputError, match="merge of a parallel is 'mean': use 'sum' or 'concat'"):
        parallel(op("a"), merge=choice("sum", "mean"))


def test_an_absent_optional_passes_its_input_on() -> None:
    node = chain(op("a"), optional(op("b")))
    assert picture(built(node, **{"1": 0})) == [("a", (0,))]
    assert picture(built(node, **{"1": 1})) == [("a", (0,)), ("b", (1,))]


def test_a_dag_has_an_operation_on_every_edge() -> None:
    a = built(dag(2, edge=op("e"), output="concat"))
    assert picture(a) == [("e", (0,)), ("e", (0,)), ("e", (1,)), ("sum", (2, 3)), ("concat", (1, 4))]


def test_a_dag_with_learnable_connectivity() -> None:
    node = dag(3, node=op("n"), inputs=(1, 2))
    assert [d.name for d in Space(node).decisions()] == ["2/inputs", "3/inputs"]
    assert picture(built(node, **{"2/inputs": [0], "3/inputs": [0]})) == [("n", (0,))]
    assert picture(built(node, **{"2/inputs": [0, 1], "3/inputs": [1, 2]})) == [
        ("n", (0,)),
        ("sum", (0, 1)),
        ("n", (2,)),
        ("sum", (1, 3)),
        ("n", (4,)),
    ]


def test_a_dag_with_entries_and_other_edges_from_them() -> None:
    node = dag(2, edge=op("e"), entry_edge=op("w"), inputs=2, entries=(op("a"), op("b")), output="concat")
    assert [d.name for d in Space(node).decisions()] == ["3/inputs"]
    assert picture(built(node, **{"3/inputs": [0, 2]})) == [
        ("a", (0,)),
        ("b", (0,)),
        ("w", (1,)),
        ("w", (2,)),
        ("sum", (3, 4)),
        ("w", (1,)),
        ("e", (5,)),
        ("sum", (6, 7)),
        ("concat", (5, 8)),
    ]


def test_edges_from_the_input_may_differ() -> None:
    a = built(dag(2, edge=op("e"), entry_edge=op("w")))
    assert picture(a) == [("w", (0,)), ("w", (0,)), ("e", (1,)), ("sum", (2, 3))]


def test_entries_may_hold_decisions() -> None:
    node = dag(1, node=op("n"), entries=[op("a", k=choice(1, 3)), op("b")], merge="concat")
    assert [d.name for d in Space(node).decisions()] == ["entry0/k"]
    assert picture(built(node, **{"entry0/k": 0})) == [("a", (0,)), ("b", (0,)), ("concat", (1, 2)), ("n", (3,))]


def test_what_was_marked_last_is_recalled() -> None:
    block = chain(op("a"), parallel(op("b"), recall("m")), mark("m"))
    assert picture(built(chain(mark("m"), repeat(block, 2)))) == [
        ("a", (0,)),
        ("b", (1,)),
        ("sum", (2, 0)),
        ("a", (3,)),
        ("b", (4,)),
        ("sum", (5, 3)),
    ]


def test_what_was_nowhere_marked_is_refused() -> None:
    with pytest.raises(InputError, match=r"nothing is marked 'm': put mark"):
        Space(chain(op("a"), recall("m")))
    space = Space(chain(choice(op("a"), mark("m")), recall("m")))
    assert picture(space.architecture({"0": 1})) == []
    with pytest.raises(InputError, match="1: nothing was marked 'm' before: put its mark where every network"):
        _ = space.architecture({"0": 0}).graph


def test_tied_pieces_decide_once_and_keep_their_weights() -> None:
    cells = [tied("cell", op("conv", kernel=choice(3, 5), channels=width)) for width in (16, 32)]
    a = built(chain(*cells), **{"cell/kernel": 1})
    assert [(n.attrs["kernel"], n.attrs["channels"], n.weights) for n in a.graph.nodes[1:]] == [
        (5, 16, "0"),
        (5, 32, "1"),
    ]


def test_a_named_value_is_one_decision() -> None:
    width = choice(16, 32, name="width")
    a = built(chain(op("a", n=width), op("b", n=scale(width, 1.5, step=8))), width=0)
    assert [node.attrs["n"] for node in a.graph.nodes[1:]] == [16, 24]


def test_scale_rounds_half_up_to_steps_and_never_below_one() -> None:
    assert [scale(n, 0.25, step=8).apply(n, 0.25) for n in (1, 48, 80, 96)] == [8, 16, 24, 24]


def test_one_value_is_no_decision() -> None:
    space = Space(op("a", x=choice(3), y=integer(4, 4), z=subset([1], 1), w=real(2, 2)))
    assert space.size() == 1
    assert space.decisions() == ()
    assert dict(space.architecture({}).graph.nodes[1].attrs) == {"x": 3, "y": 4, "z": (1,), "w": 2.0}


def test_values_may_hold_decisions() -> None:
    space = Space(op("a", n=choice(1, integer(2, 5))))
    assert space.size() == 5
    assert space.architecture({"n": 1, "n/1": 4}).graph.nodes[1].attrs["n"] == 4


def test_a_grammar_stays_within_its_depth() -> None:
    block = choice(op("a"), chain(rule("block"), op("b")), parallel(rule("block"), rule("block")))
    space = Space(grammar("block", rules={"block": block}, depth=3))
    every = list(space.enumerate())
    assert space.size() == len(every) == 13
    assert max(len(a.graph) for a in every) == 1 + 4 + 3


def test_a_grammar_that_cannot_finish_is_refused() -> None:
    with pytest.raises(InputError, match="can never finish"):
        Space(grammar("x", rules={"x": chain(op("a"), rule("x"))}, depth=5))


def test_hyperparameters_are_decided_too() -> None:
    space = Space(op("a"), hyper={"lr": real(1e-4, 1e-1, log=True), "epochs": 3})
    a = space.sample(np.random.default_rng(1))
    assert a.hyper == {"lr": a.choices["hyper/lr"], "epochs": 3}
    assert space.size() == float("inf")


def test_walk_asks_in_order_and_gives_the_graph() -> None:
    asked = []
    space = Space(chain(op("a", n=choice(1, 2)), op("b", n=choice(3, 4))))
    graph = walk(space, lambda decision: asked.append(decision.name) or 0)
    assert asked == ["0/n", "1/n"]
    assert [node.attrs for node in graph.nodes[1:]] == [{"n": 1}, {"n": 3}]


def stack(decide: object) -> Node:
    layers = [op("linear", units=decide(f"units{i}", choice(8, 16))) for i in range(decide("depth", integer(1, 3)))]  # type: ignore[operator]
    return chain(*layers, op("head", dropout=choice(0.0, 0.5)))


def test_a_program_takes_part() -> None:
    space = Space(program(stack, "stack"), "mlp")
    rng = np.random.default_rng(0)
    a = space.architecture({"depth": 2, "units0": 0, "units1": 1, "2/dropout": 1})
    assert [node.op for node in a.graph.nodes] == ["input", "linear", "linear", "head"]
    assert space.size() == len(list(space.enumerate())) == 2 * (2 + 4 + 8)
    assert {d.name for d in space.decisions()} >= {"depth", "units0", "units1", "units2", "3/dropout"}
    assert space.mutate(a, rng) != a
    with pytest.raises(InputError, match="Python code"):
        space.to_dict()
