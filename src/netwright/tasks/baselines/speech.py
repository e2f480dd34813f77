"""Hand-designed models that write down what is said.

Convolutions over time before a bidirectional GRU; after Deep Speech 2 (Amodei et al. 2016,
https://arxiv.org/abs/1512.02595) convolutions over bands and time before two of them; and convolutions before
transformer blocks (Mohamed et al. 2019, https://arxiv.org/abs/1904.11660).
"""

from __future__ import annotations

from netwright.operations import Signature
from netwright.space import Node, chain, op, parallel
from netwright.tasks.baselines.rival import Baseline, baseline

MOST_HALVINGS = 2


def speech_baselines(signature: Signature) -> tuple[Baseline, ...]:
    """Small to large, with as many halvings of time as the longest transcripts allow, up to two.

    >>> signature = Signature((40, 300), 28, "transcript", padded=True, steps=80)
    >>> [one.name for one in speech_baselines(signature)]
    ['conv-gru-96', 'deep-speech-2', 'conv-transformer-3']
    """
    halvings = _halvings(signature)
    return (
        baseline("conv-gru-96", "small", conv_gru(96, halvings)),
        baseline("deep-speech-2", "medium", deep_speech(96, halvings)),
        baseline("conv-transformer-3", "large", conv_transformer(128, 3, halvings)),
    )


def _halvings(signature: Signature) -> int:
    left, halvings = -(-signature.inputs[1] // 2), 0
    while halvings < MOST_HALVINGS and left >= signature.steps:
        left, halvings = -(-left // 2), halvings + 1
    return halvings


def _windows(channels: int, halvings: int) -> list[Node]:
    """Two convolutions over time, the first of them with strides."""
    strides = [2] * halvings + [1] * (MOST_HALVINGS - halvings)
    sizes = zip((9, 5), strides, strict=True)
    return [op("conv", kernel=kernel, channels=channels, stride=stride) for kernel, stride in sizes]


def conv_gru(channels: int, halvings: int) -> Node:
    """One GRU in both directions."""
    layer = op("recurrent", cell="gru", channels=2 * channels)
    return chain(op("spec-augment"), *_windows(64, halvings), layer, op("transcript-head", dropout=0.1))


def conv_transformer(channels: int, depth: int, halvings: int) -> Node:
    """Blocks of four heads after a wide window that tells them where they are."""
    place = parallel(op("conv", kernel=15, channels=channels, groups=4, norm="layer"), op("identity"))
    blocks = [op("transformer", heads=4, expansion=2, dropout=0.1) for _ in range(depth)]
    front: list[Node] = [op("spec-augment"), *_windows(channels, halvings), place]
    return chain(*front, *blocks, op("norm", kind="layer"), op("transcript-head"))


def deep_speech(channels: int, halvings: int) -> Node:
    """Two convolutions over bands and time, then two GRUs in both directions."""
    strides = [2] * halvings + [1] * (MOST_HALVINGS - halvings)
    planes = [op("conv", kernel=5, channels=16, stride=stride) for stride in strides]
    layers = [op("recurrent", cell="gru", channels=2 * channels) for _ in range(2)]
    front: list[Node] = [op("spec-augment"), op("lift"), *planes, op("fold")]
    return chain(*front, *layers, op("transcript-head", dropout=0.1))
