"""`vit`: vision transformers (Dosovitskiy et al. 2020, https://arxiv.org/abs/2010.11929), with the choices of
AutoFormer (Chen et al. 2021, https://arxiv.org/abs/2107.00651): width, depth, and of each block the heads and the
width inside.

Images become tokens by patches or by strided convolutions (Xiao et al. 2021, https://arxiv.org/abs/2106.14881), and the
answer comes of the mean of all tokens, of attention that pools them (Hassani et al. 2021, "CCT",
https://arxiv.org/abs/2104.05704), or of a class token. All of that, and how positions are told, are decisions.
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Node, Space, chain, choice, integer, op, repeat, scale, tied

WIDTHS = (32, 48, 64, 96)
"""Channels of every token."""
GRIDS = {"large-patches": 4, "small-patches": 7}
"""Patches along the shorter side, about."""
LARGEST = 112
"""Pixels along it that are cut into patches at most."""
FINEST = 8
"""Most positions along it that strided convolutions leave."""


def vit(signature: Signature) -> Space:
    """The space for images of any size: they become about 16 to 64 tokens. (At a lower resolution, fewer; it needs to
    be a quarter of the full one at least.)

    >>> vit(Signature((1, 28, 28), 10)).name
    'vit'
    """
    if len(signature.inputs) != 3:
        raise InputError("the space 'vit' is for images", "for tables: --space tabular")
    if signature.kind not in ("classification", "regression"):
        raise InputError("the space 'vit' is for one answer an image", "leave --space out for what suits the data")
    side, width = min(signature.inputs[1:]), choice(*WIDTHS, name="width")
    block = op(
        "transformer", heads=choice(2, 4), expansion=choice(1, 2, 3, 4), dropout=choice(0.0, 0.1, name="dropout")
    )
    token, pool = _readout()
    return Space(
        chain(
            stem=choice(*_patches(width, side), _convolutions(width, side)),
            token=token,
            blocks=repeat(block, integer(1, 6)),
            norm=op("norm", kind="layer"),
            pool=pool,
            head=op("head"),
        ),
        name="vit",
    )


def _patches(width: Node, side: int) -> list[Node]:
    """Patches beside each other, of two sizes: a linear map of each, and where it is. Large images are averaged
    before."""
    halvings = ((side - 1) // LARGEST).bit_length()
    shrink = [op("avg-pool", kernel=2, stride=2)] * halvings
    sizes = {max(1, (side >> halvings) // grid): name for name, grid in GRIDS.items()}
    where = op("positions", kind=choice("learned", "sinusoidal", "conditional"))
    patches = [(name, _patch(width, size)) for size, name in sizes.items()]
    return [tied(name, chain(*shrink, patch=patch, positions=where)) for name, patch in patches]


def _patch(width: Node, size: int) -> Node:
    return op("conv", kernel=size, stride=size, padding="valid", channels=width, norm="layer", activation="none")


def _convolutions(width: Node, side: int) -> Node:
    """Convolutions that halve the image, each twice as wide as the one before. These know of positions anyway."""
    halvings = ((side - 1) // FINEST).bit_length()
    wide = [scale(width, 0.5 ** (halvings - place), step=4) for place in range(1, halvings)]
    early = [op("conv", kernel=choice(3, 5), channels=channels, stride=2) for channels in wide]
    stride = 2 if halvings else 1
    last = op("conv", kernel=3, channels=width, stride=stride, norm="layer", activation="none")
    where = op("positions", kind=choice("none", "learned", "conditional"))
    return tied("convolutions", chain(*early, last=last, positions=where))


def _readout() -> tuple[Node, Node]:
    """What comes before the blocks and what after them, as one decision: a mean, attention, or a class token."""
    nothing = op("identity")
    before = choice(tied("mean", nothing), tied("attention", nothing), op("class-token"), name="readout")
    after = (op("global-pool", kind="avg"), op("attention-pool"), op("global-pool", kind="first"))
    return before, choice(*after, name="readout")
