"""`voice`: from characters to frames of sound, all at once.

After FastSpeech, which is transformers on both sides (Ren et al. 2019, https://arxiv.org/abs/1905.09263), and Deep
Voice 3, which is convolutions (Ping et al. 2018, https://arxiv.org/abs/1710.07654): up to three layers of any kind over
the characters; as many frames as there are to be spoken, each of which looks for its characters; one to five layers of
any kind over the frames, in a width of their own; and the power in each band.
"""

from __future__ import annotations

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import Space, chain, choice, integer, op, repeat
from netwright.spaces.along import layer


def voice(signature: Signature) -> Space:
    """The space for texts that are to be spoken.

    >>> voice(Signature((12,), 41, "frames", vocabulary=30, padded=True, steps=96)).name
    'voice'
    """
    if signature.kind != "frames" or signature.form != "tokens":
        raise InputError("the space 'voice' is for texts to be spoken", "leave --space out for what suits the data")
    width = choice(64, 96, 128, 192, name="width")
    embedding = op("embedding", channels=width, positions="learned", dropout=choice(0.0, 0.1))
    characters = repeat(layer(3, 5), integer(0, 3))
    stretch = op("stretch", heads=choice(1, 2, 4), dropout=choice(0.0, 0.1))
    enter = op("conv", kernel=choice(1, 3, 5), channels=choice(64, 96, 128, 192, name="sound"))
    frames = repeat(layer(3, 5, 9), integer(1, 5))
    out = op("frames-head", dropout=choice(0.0, 0.1))
    tree = chain(embedding=embedding, characters=characters, stretch=stretch, enter=enter, frames=frames, out=out)
    return Space(tree, name="voice")
