"""`unet`: networks that go down to few places and come up again (Ronneberger et al. 2015,
https://arxiv.org/abs/1505.04597).

How deep they go, the width, depth and kind of layers of every stage on both ways, how each stage is handed across
(added, set beside, gated by squeeze-and-excitation, not at all), how they come up, and what sees far at the bottom
(Chen et al. 2017, https://arxiv.org/abs/1706.05587) are decisions. Large images are halved in the stem."""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, parallel, repeat

WIDTHS = ((8, 12, 16, 24, 32), (16, 24, 32, 48), (24, 32, 48, 64, 96), (32, 48, 64, 96, 128), (48, 64, 96, 128, 192))
"""Channels that the stages choose from, by how deep they are."""
CHANNELS = tuple(choice(*widths, name=f"level{place}.channels") for place, widths in enumerate(WIDTHS, 1))
LARGE, FEWEST = 64, 4
"""Pixels of a side from which on the stem halves it; places of a side that are left at the bottom."""
MODE = choice("linear", "nearest", name="upsampling")


def unet(signature: Signature) -> Space:
    """The space for images of any size that have an answer for each pixel.

    >>> unet(Signature((3, 180, 240), 11, "segmentation")).name
    'unet'
    """
    if signature.form != "image" or signature.kind != "segmentation":
        raise InputError("the space 'unet' is for images with masks", "leave --space out for what suits the data")
    side = min(signature.places)
    early = 1 if side >= LARGE else 0
    most = min(len(WIDTHS) - 1, max(1, ((side >> early) // FEWEST).bit_length() - 1))
    stem = op("conv", kernel=choice(3, 5), channels=CHANNELS[0], stride=2**early)
    parts = {"stem": stem, "body": _level(0, most, early)}
    if early:
        parts["finish"] = choice(op("identity"), chain(_up(0), op("conv", kernel=3, channels=choice(8, 12, 16))))
    return Space(chain(**parts, head=op("head", dropout=choice(0.0, 0.1))), name="unet")


def _level(place: int, most: int, early: int) -> Node:
    """A stage, and where it goes deeper what comes back up from there, joined with it, and another stage."""
    channels = CHANNELS[place]
    if place == most:
        return chain(encode=_stage(channels), context=_context())
    down = choice(op("max-pool", kernel=2, stride=2), op("conv", kernel=3, channels=CHANNELS[place + 1], stride=2))
    rise = chain(op("conv", kernel=1, channels=channels), _up(early + place))
    deeper = chain(down=down, level=_level(place + 1, most, early), rise=rise)
    skip = choice(op("identity"), op("squeeze-excite"), op("none"))
    across = parallel(skip, deeper, merge=choice("sum", "concat"))
    there_and_back = chain(across=across, decode=_stage(channels))
    return chain(encode=_stage(channels), go=there_and_back if place == 0 else choice(there_and_back, _context()))


def _up(halvings: int) -> Node:
    return op("upsample", halvings=halvings, mode=MODE)


def _stage(channels: Node) -> Node:
    """A layer that may change the width, and up to one more."""
    return chain(_layer(channels), repeat(_layer(channels), integer(0, 1)))


def _layer(channels: Node) -> Node:
    return choice(
        op("conv", kernel=choice(3, 5), channels=channels),
        op("resblock", kernel=3, channels=channels),
        op("mbconv", kernel=choice(3, 5), channels=channels, expansion=choice(2, 4), se=choice(False, True)),
        op("convnext", kernel=choice(5, 7), channels=channels, expansion=choice(2, 4)),
    )


def _context() -> Node:
    """What sees far where there are few places."""
    wide = parallel(op("identity"), op("conv", kernel=3, dilation=2), op("conv", kernel=3, dilation=4))
    return choice(op("identity"), wide, op("squeeze-excite"))
