"""`graph`: networks for nodes of a graph, with the choices of NAS-Bench-Graph (Qin et al. 2022,
https://arxiv.org/abs/2206.09166): in a cell every layer is one of seven ways of passing messages, or none, and takes in
one or two earlier ones.
"""

from __future__ import annotations

from collections.abc import Mapping

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, dag, op


def graph(signature: Signature) -> Space:
    """Width, dropout, activation, the cell's connections and its layers.

    >>> graph(Signature((1433,), 7)).name
    'graph'
    """
    if len(signature.inputs) != 1:
        raise InputError("the space 'graph' is for nodes of a graph", "for images: --space mobile")
    units, drop = choice(16, 32, 64, 128, name="units"), choice(0.2, 0.4, 0.6, 0.8, name="dropout")
    function = choice("relu", "elu", "gelu", "none", name="activation")
    shared = {"units": units, "activation": function, "dropout": drop}
    enter = choice(op("linear", **shared), op("gcn", **shared), op("sage", **shared))
    cell = dag(3, node=_layer(shared), inputs=(1, 2), output="last")
    end = choice(op("head"), op("gcn", units=signature.outputs))
    return Space(chain(drop=op("dropout", rate=drop), enter=enter, cell=cell, head=end), name="graph")


def _layer(shared: Mapping[str, Node]) -> Node:
    plain = [op(kind, **shared) for kind in ("gcn", "sage", "gin", "arma", "k-gnn")]
    attention, polynomial = op("gat", heads=choice(1, 4, 8), **shared), op("cheb", order=choice(2, 3), **shared)
    return choice(*plain, attention, polynomial, op("identity"))
