"""Layers along sequences: embeddings of tokens, recurrence, attention; the last also over all positions of an image.

Where sequences have zeros after their end (`Signature.padded`), a position whose values are all zero is none: it is
left out of pools, attention and recurrence, and stays zero. Costs are those of a sequence of full length.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from netwright.errors import InputError
from netwright.operations import attributes as a
from netwright.operations.base import Attribute, Footprint, Operation, Shape, Signature, never
from netwright.operations.tally import Tally, sequence, spatial, widened

GATES = {"lstm": 4, "gru": 3}
"""Matrices of each kind of recurrent cell."""


def _embedding(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    if len(inputs[0]) != 1 or not signature.vocabulary:
        raise InputError("needs tokens, but gets numbers", "put it first, in a space for text")
    channels, length = attrs["channels"], inputs[0][0]
    positions = length if attrs["positions"] == "learned" else 0
    return Footprint((channels, length), (signature.vocabulary + positions) * channels)


def directions(channels: int, bidirectional: bool) -> int:
    """Channels that each direction of a recurrent layer makes. Raises InputError for an odd number for two."""
    if bidirectional and channels % 2:
        raise InputError(f"two directions cannot share {channels} channels", "give an even number of channels")
    return channels // 2 if bidirectional else channels


def _recurrent(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    before, length = sequence(inputs[0])
    channels = attrs["channels"] or before
    hidden, gates = directions(channels, attrs["bidirectional"]), GATES[attrs["cell"]]
    count = channels // hidden
    weights = count * gates * hidden * (before + hidden)
    biases = count * gates * hidden
    return Footprint((channels, length), weights + biases, weights * length, count * gates * hidden * length)


def heads_of(channels: int, heads: int) -> int:
    """Channels of each head. Raises InputError when there is no such number."""
    if channels % heads:
        raise InputError(f"{channels} channels cannot be shared by {heads} heads", "give a divisor of the channels")
    return channels // heads


def _attended(tally: Tally, attrs: Mapping[str, Any]) -> None:
    channels, *sizes = spatial(tally.shape)
    heads = attrs["heads"]
    if len(sizes) > 1 and attrs["causal"]:
        raise InputError("only along a sequence is there a before and an after", "leave causal out")
    if len(sizes) > 1 and attrs["span"] is not None:
        raise InputError("only along a sequence do positions see so far", "leave span out")
    positions = math.prod(sizes)
    heads_of(channels, heads)
    tally.norm("layer")
    for _ in range(4):
        tally.projection(channels)
    tally.flops += 2 * positions * positions * channels


def _attention(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(inputs[0])
    _attended(tally, attrs)
    return tally.footprint()


def _transformer(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(inputs[0])
    _attended(tally, attrs)
    channels = tally.shape[0]
    tally.norm("layer")
    tally.projection(widened(channels, attrs["expansion"]))
    tally.projection(channels)
    return tally.footprint()


def _attention_pool(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(spatial(inputs[0]))
    tally.projection(1)
    return Footprint(inputs[0][:1], tally.params, tally.flops, tally.activations)


def _spec_augment(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    return Footprint(sequence(inputs[0]))


def _front_end(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    bands, frames = sequence(inputs[0])
    if bands % attrs["merge"]:
        raise InputError(f"{bands} bands cannot be merged by {attrs['merge']}", "give a divisor of the bands")
    return Footprint((bands // attrs["merge"] * (1 + attrs["deltas"]), -(-frames // attrs["every"])))


def _front_end_ahead(attrs: Mapping[str, Any]) -> str:
    return "give every=1 and normalise=False" if attrs["every"] > 1 or attrs["normalise"] else ""


def _language_head(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(sequence(inputs[0]))
    tally.norm("layer")
    tally.projection(signature.outputs)
    return tally.footprint()


def _attention_ahead(attrs: Mapping[str, Any]) -> str:
    return "" if attrs["causal"] else "give causal=True"


def _recurrent_ahead(attrs: Mapping[str, Any]) -> str:
    return "give bidirectional=False" if attrs["bidirectional"] else ""


def _lift(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    return Footprint((1, *sequence(inputs[0])))


def _fold(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    channels, *rest = spatial(inputs[0])
    return Footprint((channels * rest[0], rest[1]) if len(rest) == 2 else inputs[0])


def _transcript_head(attrs: Mapping[str, Any], inputs: tuple[Shape, ...], signature: Signature) -> Footprint:
    tally = Tally(sequence(inputs[0]))
    tally.projection(signature.outputs)
    return tally.footprint()


HEADS = 4
"""Of attention, where nothing else is said."""
_HEADS = Attribute(int, HEADS, 1, 64, doc="how many heads; divides the channels")
_SPAN = Attribute(int, None, 1, 65_536, doc="how far a position sees, itself counted in; left out: all of them")

SEQUENCES = (
    Operation(
        "embedding",
        "A learnt vector for each token, and one for each place in the text.",
        _embedding,
        {
            "channels": Attribute(int, low=1, high=a.LARGEST, doc="size of the vectors"),
            "positions": Attribute(str, "none", options=("none", "learned"), doc="vectors for places, or none"),
            "dropout": a.DROPOUT,
        },
        ahead=never,
    ),
    Operation(
        "recurrent",
        "LSTM (Hochreiter & Schmidhuber 1997) or GRU (Cho et al. 2014, https://arxiv.org/abs/1406.1078).",
        _recurrent,
        {
            "cell": Attribute(str, "gru", options=tuple(GATES), doc="kind of cell"),
            "channels": Attribute(int, None, 1, a.LARGEST, doc="output channels of both directions together"),
            "bidirectional": Attribute(bool, True, doc="read from both ends"),
        },
        ahead=_recurrent_ahead,
    ),
    Operation(
        "attention",
        "Layer norm, self-attention of several heads over all positions, and a skip (Vaswani et al. 2017).",
        _attention,
        {"heads": _HEADS, "dropout": a.DROPOUT, "causal": a.CAUSAL, "span": _SPAN},
        ahead=_attention_ahead,
    ),
    Operation(
        "transformer",
        "Self-attention, then widen, activation, narrow; each after a layer norm, with a skip "
        "(Vaswani et al. 2017, https://arxiv.org/abs/1706.03762; Xiong et al. 2020, https://arxiv.org/abs/2002.04745).",
        _transformer,
        {
            "heads": _HEADS,
            "expansion": a.expansion(4, "width inside, as a multiple of the channels"),
            "dropout": a.DROPOUT,
            "activation": a.activation("gelu"),
            "causal": a.CAUSAL,
            "span": _SPAN,
        },
        ahead=_attention_ahead,
    ),
    Operation(
        "attention-pool",
        "The mean of all positions by learnt weights (Lin et al. 2017, https://arxiv.org/abs/1703.03130).",
        _attention_pool,
    ),
    Operation(
        "spec-augment",
        "In training two stretches of bands and two of frames are hidden (Park et al. 2019, "
        "https://arxiv.org/abs/1904.08779).",
        _spec_augment,
        {
            "bands": Attribute(float, 0.2, 0.0, 0.5, doc="the widest stretch of bands, as a share of all"),
            "frames": Attribute(int, 8, 0, 200, doc="the widest stretch of frames"),
        },
    ),
    Operation(
        "front-end",
        "Frames of bands as a recogniser sees them: coarser, fewer, with what changes (Furui 1986, "
        "https://doi.org/10.1109/TASSP.1986.1164788), each recording's bands normalised (Viikki & Laurila 1998, "
        "https://doi.org/10.1016/S0167-6393(98)00033-8).",
        _front_end,
        {
            "merge": Attribute(int, 1, 1, 16, doc="so many neighbouring bands become one, their mean"),
            "every": Attribute(int, 1, 1, 8, doc="so many neighbouring frames become one, their mean"),
            "deltas": Attribute(int, 0, 0, 2, doc="beside each band its change from frame to frame; 2: and that one's"),
            "normalise": Attribute(bool, False, doc="each band of a recording to zero mean and unit variance"),
        },
        ahead=_front_end_ahead,
    ),
    Operation(
        "transcript-head",
        "Dropout, then a score for each character at each step of a sequence.",
        _transcript_head,
        {"dropout": a.DROPOUT},
    ),
    Operation(
        "language-head",
        "Layer norm, dropout, and from each position to the outputs: which token comes next.",
        _language_head,
        {"dropout": a.DROPOUT},
        ahead=never,
    ),
    Operation("lift", "A sequence (C, T) as an image (1, C, T).", _lift),
    Operation("fold", "An image (C, H, W) as a sequence (C·H, W); a sequence as it is.", _fold),
)
