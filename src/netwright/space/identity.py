"""Canonical identity of op graphs: twins get one key, so that nothing is trained twice.

Two graphs are twins when, after these steps, they are the same expression:
zero is pruned ("none" gives zero; an operation on zero gives zero; a sum drops zero terms; a concatenation keeps them,
as they occupy channels), what the output does not depend on vanishes, "identity" is contracted, a sum or concatenation
of one is that one, nested sums are flattened into multisets and nested concatenations into sequences. Operations that
share weights carry how they share them. Names and paths play no part.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256

from netwright.space.graph import OpGraph, OpNode, live
from netwright.space.parts import Plain

ZERO = "zero"
_TRANSPARENT = frozenset({"identity", "sum", "concat"})


def simplify(graph: OpGraph) -> OpGraph:
    """The graph with zeros pruned, identities contracted, dead nodes gone; where it gives zero, it ends in "none"."""
    kept: list[OpNode] = [graph.nodes[0]]
    at: list[int | None] = [0]
    for node in graph.nodes[1:]:
        sources = [at[j] for j in node.inputs]
        if node.op == "concat":
            at.append(_concat(kept, node, sources))
            continue
        inputs = tuple(j for j in sources if j is not None)
        if node.op == "none" or not inputs or (node.op != "sum" and len(inputs) < len(sources)):
            at.append(None)
        elif node.op == "identity" or (node.op == "sum" and len(inputs) == 1):
            at.append(inputs[0])
        else:
            at.append(_keep(kept, node, inputs))
    output = at[graph.output]
    if output is None:
        none = OpNode("none", "none", {}, (0,), "none")
        return OpGraph((graph.nodes[0], none), 1)
    return live(kept, output)


def key(graph: OpGraph, hyper: Mapping[str, Plain] | None = None) -> str:
    """SHA-256 (hex) over the canonical form of the graph and the hyperparameters."""
    simple = simplify(graph)
    plain = _digests(simple, {})
    ties = _ties(simple, plain)
    digests = _digests(simple, ties) if ties else plain
    settings = repr(sorted((hyper or {}).items()))
    return _hash(f"{digests[simple.output]}{settings}")


def _keep(kept: list[OpNode], node: OpNode, inputs: tuple[int, ...]) -> int:
    kept.append(node if node.inputs == inputs else OpNode(node.name, node.op, node.attrs, inputs, node.weights))
    return len(kept) - 1


def _concat(kept: list[OpNode], node: OpNode, sources: Sequence[int | None]) -> int | None:
    if all(j is None for j in sources):
        return None
    if len(sources) == 1:
        return sources[0]
    inputs: list[int] = []
    for i, j in enumerate(sources):
        inputs.append(_keep(kept, OpNode(f"{node.name}/{i}", "none", {}, (0,), "none"), (0,)) if j is None else j)
    return _keep(kept, node, tuple(inputs))


def _digests(graph: OpGraph, ties: Mapping[int, str]) -> list[str]:
    """The expression of every node, as a digest. ties: node -> how it shares its weights."""
    digests = ["input"]
    sums: dict[int, Counter[str]] = {}
    rows: dict[int, list[str]] = {}
    for i, node in enumerate(graph.nodes[1:], 1):
        if node.op == "sum":
            terms = sums[i] = _terms(node, digests, sums)
            digests.append(_hash(f"sum{sorted(terms.items())}"))
        elif node.op == "concat":
            row = rows[i] = [part for j in node.inputs for part in rows.get(j, (digests[j],))]
            digests.append(_hash(f"concat{row}"))
        elif node.op == "none":
            digests.append(ZERO)
        else:
            inputs = digests[node.inputs[0]] if len(node.inputs) == 1 else [digests[j] for j in node.inputs]
            digests.append(_hash(f"{node.op}{sorted(node.attrs.items())}{inputs}{ties.get(i, '')}"))
    return digests


def _terms(node: OpNode, digests: list[str], sums: Mapping[int, Counter[str]]) -> Counter[str]:
    terms: Counter[str] = Counter()
    for j in node.inputs:
        inner = sums.get(j)
        if inner is None:
            terms[digests[j]] += 1
        else:
            terms.update(inner)
    return terms


def _ties(graph: OpGraph, digests: list[str]) -> dict[int, str]:
    """For nodes that share weights: a digest of all the places where the same weights work."""
    groups: dict[str, list[int]] = {}
    for i, node in enumerate(graph.nodes[1:], 1):
        if node.op not in _TRANSPARENT and node.op != "none":
            groups.setdefault(node.weights, []).append(i)
    shared = [group for group in groups.values() if len(group) > 1]
    return {i: _hash(f"tie{sorted(digests[j] for j in group)}") for group in shared for i in group}


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()
