"""Spaces that supernets are tried on: of every kind."""

from __future__ import annotations

from netwright import spaces
from netwright.operations import Signature
from netwright.space import Space, chain, choice, dag, integer, op, optional, repeat
from netwright.spaces.darts import darts

DIGITS = Signature((1, 8, 8), 10, "classification")
SPACES = {
    "elastic": Space(
        chain(
            stem=op("conv", kernel=choice(3, 5), channels=choice(8, 16)),
            more=repeat(choice(op("resblock"), op("mbconv", expansion=choice(2, 4))), integer(1, 2)),
            maybe=optional(op("squeeze-excite")),
            head=op("head"),
        ),
        "elastic",
    ),
    "connections": Space(
        chain(
            stem=op("conv", kernel=3, channels=8),
            cell=dag(3, node=op("conv", kernel=3, channels=8), inputs=(1, 2)),
            head=op("head"),
        ),
        "connections",
    ),
    "mobile": spaces.get("mobile", DIGITS),
    "resnet": spaces.get("resnet", DIGITS),
    "mlp": spaces.get("mlp", DIGITS),
    "vit": spaces.get("vit", DIGITS),
    "hybrid": spaces.get("hybrid", DIGITS),
    "darts": darts(DIGITS, channels=4, cells=3),
}
