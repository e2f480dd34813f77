"""Hand-designed models that speak.

Convolutions with skips, as in Deep Voice 3 (Ping et al. 2018, https://arxiv.org/abs/1710.07654); bidirectional GRUs on
both sides, as Tacotron has them (Wang et al. 2017, https://arxiv.org/abs/1703.10135); and FastSpeech in small, with
transformers on both sides (Ren et al. 2019, https://arxiv.org/abs/1905.09263). All make their frames at once.
"""

from __future__ import annotations

from netwright.space import Node, chain, op, parallel
from netwright.tasks.baselines.rival import Baseline, baseline


def voice_baselines() -> tuple[Baseline, ...]:
    """Small to large.

    >>> [one.name for one in voice_baselines()]
    ['conv-voice', 'gru-voice', 'fast-speech']
    """
    return (
        baseline("conv-voice", "small", conv_voice(64, 4)),
        baseline("gru-voice", "medium", gru_voice(96)),
        baseline("fast-speech", "large", fast_speech(128, 2, 3)),
    )


def _characters(channels: int) -> Node:
    return op("embedding", channels=channels, positions="learned", dropout=0.1)


def _window(kernel: int) -> Node:
    return parallel(op("conv", kernel=kernel, norm="layer"), op("identity"))


def conv_voice(channels: int, depth: int) -> Node:
    windows = [_window(5) for _ in range(depth)]
    return chain(_characters(channels), _window(3), op("stretch", heads=2), *windows, op("frames-head"))


def gru_voice(channels: int) -> Node:
    layers = [op("recurrent", cell="gru", channels=2 * channels) for _ in range(2)]
    return chain(_characters(channels), op("recurrent", cell="gru"), op("stretch"), *layers, op("frames-head"))


def fast_speech(channels: int, before: int, after: int) -> Node:
    """Blocks of two heads, as published."""
    blocks = [op("transformer", heads=2, expansion=2, dropout=0.1) for _ in range(before + after)]
    stretched = [*blocks[:before], op("stretch", heads=2), *blocks[before:]]
    return chain(_characters(channels), *stretched, op("norm", kind="layer"), op("frames-head"))
