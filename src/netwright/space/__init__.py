"""What can be built: decisions, the tree they hang in, architectures, op graphs, and every way to move among them.

    space = Space(chain(op("conv", kernel=choice(3, 5), channels=integer(8, 64, step=8)), op("head")), "tiny")
    architecture = space.sample(np.random.default_rng(0))

Knows no framework and no operation's meaning.
"""

from netwright.space.architecture import Architecture
from netwright.space.decision import Decision, Value
from netwright.space.encode import PATH_WIDTH, GraphEncoding
from netwright.space.graph import OpGraph, OpNode
from netwright.space.identity import simplify
from netwright.space.marks import mark, recall
from netwright.space.nodes import chain, dag, grammar, op, optional, parallel, program, repeat, rule, tied
from netwright.space.parts import Node, Plain, ValueNode
from netwright.space.space import Space
from netwright.space.values import choice, integer, real, scale, subset
from netwright.space.walk import walk

__all__ = [
    "PATH_WIDTH",
    "Architecture",
    "Decision",
    "GraphEncoding",
    "Node",
    "OpGraph",
    "OpNode",
    "Plain",
    "Space",
    "Value",
    "ValueNode",
    "chain",
    "choice",
    "dag",
    "grammar",
    "integer",
    "mark",
    "op",
    "optional",
    "parallel",
    "program",
    "real",
    "recall",
    "repeat",
    "rule",
    "scale",
    "simplify",
    "subset",
    "tied",
    "walk",
]
