"""The space of the table `digits`: small convolutional networks for 8×8 images that differ in their cell.

A stem, a residual cell, a pool, the same cell again, a head. The cell has four nodes; each of its six edges carries one
of four operations: 4,096 assignments, 871 distinct networks.
"""

from __future__ import annotations

from netwright.space import Node, Space, chain, choice, dag, op, parallel, tied

CHANNELS = 8
EDGES = tuple(f"cell/{node}/{source}" for node in range(1, 4) for source in range(node))
"""The decisions, in walk order: each an index into `OPERATIONS`."""
OPERATIONS = ("none", "skip", "conv1x1", "conv3x3")
EPOCHS = (1, 3, 9)
"""Of the trainings in the table, the last one full."""


def digits_space() -> Space:
    """The space.

    >>> digits_space().size()
    4096
    """
    edge = choice(op("none"), op("identity"), _conv(1), _conv(3))
    cell = parallel(op("identity"), tied("cell", dag(3, edge=edge)))
    return Space(
        chain(stem=_conv(3), first=cell, pool=op("max-pool", kernel=2, stride=2), second=cell, head=op("head")),
        "digits-cells",
    )


def _conv(kernel: int) -> Node:
    return op("conv", kernel=kernel, channels=CHANNELS, norm="batch", activation="relu")
