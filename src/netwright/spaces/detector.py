"""`detector`: networks that find boxes in images: a backbone, a neck that brings its levels together, and a head.

The backbone halves height and width at each stage, whose layers are convolutions, residual blocks (He et al. 2015,
https://arxiv.org/abs/1512.03385) or inverted residuals (Sandler et al. 2018, https://arxiv.org/abs/1801.04381). The
neck is a feature pyramid (Lin et al. 2017, https://arxiv.org/abs/1612.03144) of two to four levels that adds or joins
them, or none: the last level alone. The head answers for cells of four pixels (Zhou et al. 2019,
https://arxiv.org/abs/1904.07850)."""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, optional, parallel, repeat, tied
from netwright.space.values import Choice

WIDTHS = ((16, 24, 32), (24, 32, 48, 64), (32, 48, 64, 96), (48, 64, 96, 128))
"""Channels that the stages choose from, by their place."""
SMALLEST = 4
"""Cells a side that the last level keeps at least."""


def detector(signature: Signature) -> Space:
    """The space for images of any size: kinds, kernels, widths and depths of the stages, levels and width of the neck,
    depth and kind of the head.

    >>> detector(Signature((3, 128, 160), 3, "detection")).name
    'detector'
    """
    if signature.kind != "detection":
        raise InputError("the space 'detector' finds boxes", "leave --space out")
    side = min(signature.inputs[1:])
    last = next((place for place in (3, 2) if side >> (place + 2) >= SMALLEST), 1)
    width = choice(24, 32, 48, 64, name="neck.channels")
    merge = choice("sum", "concat", name="neck.merge")
    head = op(
        "detection-head",
        depth=choice(0, 1, 2),
        channels=width,
        shared=choice(True, False),
        separable=choice(False, True),
    )
    stem = op("conv", kernel=choice(3, 5), channels=choice(8, 16, 24), stride=2)
    body = choice(_pyramid(0, last, width, merge), _last_level(last, width))
    return Space(chain(stem=stem, body=body, head=head), name="detector")


def _pyramid(place: int, last: int, width: Node, merge: Choice) -> Node:
    """From the level above to this one: its stage, and what the levels below say of it."""
    beside = _narrow(width)
    if place == last:
        return chain(_stage(place), beside)
    below = chain(_pyramid(place + 1, last, width, merge), _up(place))
    fuse = choice(op("conv", kernel=3, channels=width), op("sepconv", kernel=3, channels=width), name="neck.layer")
    joined = chain(parallel(beside, below, merge=merge), fuse)
    return chain(_stage(place), joined if place == 0 else choice(joined, beside))


def _last_level(last: int, width: Node) -> Node:
    """No neck: the features of the last stage, in as many cells as the first has."""
    further = [_stage(place) if place < last else optional(_stage(place)) for place in range(1, last + 1)]
    return chain(_stage(0), *further, _narrow(width), _up(0))


def _narrow(width: Node) -> Node:
    return op("conv", kernel=1, channels=width, activation="none")


def _up(place: int) -> Node:
    """To the cells of a level; the stem and each stage halve."""
    return op("upsample", halvings=place + 2, mode=choice("nearest", "linear", name="neck.upsample"))


def _stage(place: int) -> Node:
    """A layer that halves and may change the width, then up to two that keep both; the same in every neck."""
    channels = choice(*WIDTHS[place], name=f"stage{place + 1}.channels")
    further = choice(*_layers(channels, 1))
    return tied(f"stage{place + 1}", chain(first=choice(*_layers(channels, 2)), further=repeat(further, integer(0, 2))))


def _layers(channels: Node, stride: int) -> tuple[Node, ...]:
    kernel, expansion = choice(3, 5), choice(2, 3, 4)
    return (
        op("conv", kernel=kernel, channels=channels, stride=stride),
        op("resblock", kernel=3, channels=channels, stride=stride),
        op("mbconv", kernel=kernel, channels=channels, stride=stride, expansion=expansion, se=choice(False, True)),
    )
