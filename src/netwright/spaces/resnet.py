"""`resnet`: residual networks of basic or bottleneck blocks (He et al. 2015, https://arxiv.org/abs/1512.03385).

Width, and for each stage the kind of block, the depth, and each block's kernel, squeeze-and-excitation and inner width,
are decisions. A stage is as wide as the last one times two.
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, repeat, scale

SMALLEST = 4
"""Positions a side that the last stage keeps at least."""


def resnet(signature: Signature) -> Space:
    """The space for images of any size: 2 to 4 stages, of which each but the first halves height and width.

    Small images keep their size in the stem, large ones are halved there as often as they need.

    >>> resnet(Signature((3, 32, 32), 10)).name
    'resnet'
    """
    if len(signature.inputs) != 3:
        raise InputError("the space 'resnet' is for images", "for tables: --space mlp")
    side = min(signature.inputs[1:])
    halvings = max(0, (side // SMALLEST).bit_length() - 1)
    count = min(4, max(2, halvings + 1))
    width = choice(8, 12, 16, 24, 32, name="width")
    early = max(0, halvings - (count - 1))
    stages = {
        f"stage{place + 1}": _stage(scale(width, 2**place), stride=2 if 0 < place <= halvings else 1)
        for place in range(count)
    }
    head = op("head", dropout=choice(0.0, 0.1, 0.2))
    return Space(chain(stem=_stem(width, early), **stages, head=head), name="resnet")


def _stem(width: Node, halvings: int) -> Node:
    """One convolution, which halves large images; pools for the very large."""
    conv = op("conv", kernel=choice(3, 5) if halvings == 0 else 7, channels=width, stride=min(2, halvings + 1))
    if halvings < 2:
        return conv
    return chain(conv, repeat(op("max-pool", kernel=3, stride=2), halvings - 1))


def _stage(channels: object, stride: int) -> Node:
    """A block that may halve the size and change the width, then up to two that keep both, all of one kind."""
    kernel, se = choice(3, 5), choice(False, True)

    def basic(step: int) -> Node:
        return op("resblock", channels=channels, stride=step, kernel=kernel, se=se)

    def bottleneck(step: int) -> Node:
        return op("bottleneck", channels=channels, stride=step, kernel=kernel, se=se, ratio=choice(0.25, 0.5))

    return choice(*(chain(block(stride), repeat(block(1), integer(0, 2))) for block in (basic, bottleneck)))
