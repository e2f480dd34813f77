"""`tabular`: networks that know a table's columns: perceptrons and residual networks on embedded columns (Gorishniy et
al. 2022, https://arxiv.org/abs/2203.05556) and FT-Transformers (Gorishniy et al. 2021, https://arxiv.org/abs/2106.11959).
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op
from netwright.spaces.mlp import body


def tabular(signature: Signature) -> Space:
    """The networks of `mlp`, with or without embedded columns, and transformers.

    >>> tabular(Signature((13,), 3)).name
    'tabular'
    """
    if len(signature.inputs) != 1:
        raise InputError("the space 'tabular' is for tables", "for images: --space mobile")
    layers = chain(columns=choice(op("identity"), embedding()), body=body())
    return Space(chain(network=choice(layers, transformer()), head=op("head")), name="tabular")


def embedding() -> Node:
    kind = {"width": choice(4, 8, 16, 32)}
    periodic = op("column-embedding", embedding="periodic", waves=choice(8, 16, 32), sigma=_sigma(), **kind)
    return choice(op("column-embedding", embedding="linear-relu", **kind), periodic)


def transformer() -> Node:
    return op(
        "ft-transformer",
        width=choice(16, 32, 64),
        layers=integer(1, 3),
        heads=choice(2, 4),
        embedding=choice("linear", "linear-relu", "periodic"),
        sigma=_sigma(),
        dropout=choice(0.0, 0.1, 0.2),
    )


def _sigma() -> Node:
    """Spread of the first frequencies: what matters most of a periodic embedding."""
    return choice(0.01, 0.03, 0.1, 0.3, 1.0)
