"""`hybrid`: convolution where images are large, attention where they have become small (Dai et al. 2021, "CoAtNet",
https://arxiv.org/abs/2106.04803).

After a stem come three stages, each of blocks of one kind: ConvNeXt (Liu et al. 2022, https://arxiv.org/abs/2201.03545),
inverted bottlenecks (Sandler et al. 2018, https://arxiv.org/abs/1801.04381), or transformer blocks that tell positions
by a small convolution or by learnt codes. Kind, width and depth of each stage, and each block's kernel, heads and width
inside, are decisions; the first stage, which has the most positions, is convolutional.
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, repeat

WIDTHS = ((16, 24, 32), (32, 48, 64), (48, 64, 96, 128))
"""Channels that the stages choose from; heads of attention divide those of the later ones."""
FINEST = 16
"""Positions a side that the first stage has at most."""
COARSEST = 4
"""Positions a side that stages do not go below by halving."""


def hybrid(signature: Signature) -> Space:
    """The space for images of any size: the stem halves large ones until 16 positions a side or fewer are left.

    >>> hybrid(Signature((1, 28, 28), 10)).name
    'hybrid'
    """
    if len(signature.inputs) != 3:
        raise InputError("the space 'hybrid' is for images", "for tables: --space tabular")
    side = min(signature.inputs[1:])
    halvings = ((side - 1) // FINEST).bit_length()
    side = -(-side // 2**halvings)
    stages: dict[str, Node] = {}
    for place, widths in enumerate(WIDTHS):
        stride = 2 if place and side >= 2 * COARSEST - 1 else 1
        side = -(-side // stride)
        channels = choice(*widths, name=f"stage{place + 1}.channels")
        stages[f"stage{place + 1}"] = _stage(channels, stride, attention=place > 0)
    head = op("head", dropout=choice(0.0, 0.1, 0.2))
    return Space(chain(stem=_stem(halvings), **stages, norm=op("norm", kind="layer"), head=head), name="hybrid")


def _stem(halvings: int) -> Node:
    """A convolution for each time that the image is halved; one that keeps the size of small images."""
    channels = choice(16, 24, 32, name="stem.channels")
    if not halvings:
        return op("conv", kernel=3, channels=channels)
    return chain(*(op("conv", kernel=3, channels=channels, stride=2) for _ in range(halvings)))


def _stage(channels: Node, stride: int, attention: bool) -> Node:
    """A block that may halve and change the width, then up to two that keep both, all of one kind."""
    kinds = [_convnext(channels, stride), _mbconv(channels, stride)]
    return choice(*kinds, _transformer(channels, stride)) if attention else choice(*kinds)


def _convnext(channels: Node, stride: int) -> Node:
    inside = {"kernel": choice(3, 5, 7), "expansion": choice(2, 3, 4)}
    first = op("convnext", channels=channels, stride=stride, **inside)
    return chain(first=first, further=repeat(op("convnext", **inside), integer(0, 2)))


def _mbconv(channels: Node, stride: int) -> Node:
    inside = {"kernel": choice(3, 5), "expansion": choice(2, 3, 4), "se": choice(False, True)}
    first = op("mbconv", channels=channels, stride=stride, **inside)
    return chain(first=first, further=repeat(op("mbconv", **inside), integer(0, 2)))


def _transformer(channels: Node, stride: int) -> Node:
    enter = op("conv", kernel=3, channels=channels, stride=stride, norm="layer", activation="none")
    where = op("positions", kind=choice("conditional", "learned"))
    block = op("transformer", heads=choice(2, 4), expansion=choice(1, 2, 3, 4))
    return chain(enter=enter, positions=where, blocks=repeat(block, integer(1, 3)))
