"""Builders of the operations along sequences; see `netwright.backends.torch.ops`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch import nn

from netwright.backends.torch import layers
from netwright.backends.torch.front_end import FrontEnd
from netwright.backends.torch.sequences import (
    Attention,
    AttentionPool,
    Embedding,
    Fold,
    LanguageHead,
    Lift,
    Recurrent,
    TranscriptHead,
    Transformer,
)
from netwright.backends.torch.speaking import FramesHead, Stretch
from netwright.backends.torch.spec_augment import SpecAugment
from netwright.operations import Shape, Signature
from netwright.operations.sequences import GATES, directions
from netwright.operations.tally import widened

Attrs = Mapping[str, Any]
Builder = Callable[[Attrs, Shape, Signature], nn.Module]


def embedding(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    positions = shape[0] if attrs["positions"] == "learned" else 0
    return Embedding(signature.vocabulary, attrs["channels"], positions, attrs["dropout"])


def recurrent(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    channels, cell = attrs["channels"] or shape[0], attrs["cell"]
    hidden = directions(channels, attrs["bidirectional"])
    return Recurrent(cell, GATES[cell], shape[0], hidden, channels // hidden, signature.padded)


def attention(attrs: Attrs, shape: Shape, signature: Signature) -> Attention:
    causal, span = attrs["causal"], attrs["span"]
    return Attention(shape[0], attrs["heads"], attrs["dropout"], signature.padded, causal, span)


def transformer(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    hidden = widened(shape[0], attrs["expansion"])
    return Transformer(attention(attrs, shape, signature), shape[0], hidden, layers.activation(attrs["activation"]))


def attention_pool(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return AttentionPool(shape[0], signature.padded)


def spec_augment(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return SpecAugment(round(attrs["bands"] * shape[0]), attrs["frames"])


def front_end(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return FrontEnd(attrs["merge"], attrs["every"], attrs["deltas"], attrs["normalise"])


def transcript_head(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return TranscriptHead(shape[0], signature.outputs, attrs["dropout"], signature.padded)


def stretch(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return Stretch(shape[0], attrs["heads"], signature.steps, attrs["dropout"], signature.padded)


def frames_head(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return FramesHead(shape[0], signature.outputs, attrs["dropout"])


def language_head(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return LanguageHead(shape[0], signature.outputs, attrs["dropout"])


def lift(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return Lift()


def fold(attrs: Attrs, shape: Shape, signature: Signature) -> nn.Module:
    return Fold()


SEQUENCE_BUILDERS: Mapping[str, Builder] = {
    "embedding": embedding,
    "recurrent": recurrent,
    "attention": attention,
    "transformer": transformer,
    "attention-pool": attention_pool,
    "front-end": front_end,
    "spec-augment": spec_augment,
    "transcript-head": transcript_head,
    "stretch": stretch,
    "frames-head": frames_head,
    "language-head": language_head,
    "lift": lift,
    "fold": fold,
}

AWARE = frozenset(
    {
        *SEQUENCE_BUILDERS,
        "channel-shuffle",
        "channel-split",
        "class-token",
        "dropout",
        "flatten",
        "global-pool",
        "head",
        "module",
    }
)
"""Operations that know of padding themselves, or leave zeros as they are."""
