"""`mlp`: networks for tables, plain or residual (Gorishniy et al. 2021, https://arxiv.org/abs/2106.11959)."""

from __future__ import annotations

from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, repeat

UNITS = (32, 64, 128, 256)
"""Widths that layers choose from."""


def mlp(signature: Signature) -> Space:
    """Depth 1 to 4, the width of each layer (in residual networks, of all), norm, activation, dropout, residual or not.

    Images are taken as long vectors.

    >>> mlp(Signature((13,), 3)).name
    'mlp'
    """
    head = op("head")
    if len(signature.inputs) == 3:
        return Space(chain(flatten=op("flatten"), body=body(), head=head), name="mlp")
    return Space(chain(body=body(), head=head), name="mlp")


def body() -> Node:
    """Hidden layers, plain or residual."""
    return choice(_plain(), _residual())


def _shared() -> dict[str, Node]:
    """What all layers of a network have in common: one decision each, wherever it occurs."""
    return {
        "norm": choice("none", "batch", "layer", name="norm"),
        "activation": choice("relu", "gelu", "silu", name="activation"),
        "dropout": choice(0.0, 0.1, 0.25, 0.5, name="dropout"),
    }


def _plain() -> Node:
    return repeat(op("linear", units=choice(*UNITS), **_shared()), integer(1, 4))


def _residual() -> Node:
    """A linear layer to the width, residual blocks, and the norm and activation that pre-activated blocks end with."""
    shared = _shared()
    block = op("tabular-resblock", expansion=choice(1, 2), **shared)
    return chain(
        enter=op("linear", units=choice(*UNITS)),
        blocks=repeat(block, integer(1, 4)),
        norm=op("norm", kind=shared["norm"]),
        activation=op("activation", function=shared["activation"]),
    )
