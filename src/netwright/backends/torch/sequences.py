"""Layers along sequences (B, C, T): embeddings, recurrence, attention.

padded: whether sequences have zeros after their end. A position whose values are all zero is then no position: layers
leave it out and keep it zero, so that what they make does not depend on how far a sequence was padded. (Blocks of
several convolutions fill the first positions after the end for their own later ones; pools see zeros there.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.backends.torch.layers import Linear

FAR = -1e4
"""What scores of positions that are none get: nothing is left of them after a softmax, in half precision as well."""


def over_positions(layer: Callable[[Tensor], Tensor], x: Tensor) -> Tensor:
    """What a layer along sequences makes of all positions of an image (B, C, H, W); of a sequence as it is."""
    if x.ndim == 3:
        return layer(x)
    return torch.unflatten(layer(x.flatten(2)), 2, x.shape[2:])


def present(x: Tensor) -> Tensor:
    """(B, C, T) -> (B, 1, T), which positions hold anything; (B, C, H, T) -> (B, 1, 1, T)."""
    there = (x != 0).any(1, keepdim=True)
    return there.any(2, keepdim=True) if x.ndim == 4 else there


class Masked(nn.Module):
    """A layer along sequences, or over sequences as images, that keeps zeros after the end: (B, C, …, T) ->
    (B, C', …, T')."""

    def __init__(self, layer: nn.Module, stride: int = 1) -> None:
        super().__init__()
        self.layer, self.stride = layer, stride

    def forward(self, x: Tensor) -> Tensor:
        y: Tensor = self.layer(x)
        return y * present(x)[..., :: self.stride][..., : y.shape[-1]]


class Embedding(nn.Module):
    """Tokens (B, T), where 0 is none, as vectors (B, C, T)."""

    def __init__(self, vocabulary: int, channels: int, positions: int, dropout: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocabulary, channels))
        self.positions = nn.Parameter(torch.empty(positions, channels)) if positions else None
        self.dropout = dropout
        with torch.no_grad():
            self.weight.normal_(0.0, 0.3)
            self.weight[0] = 0.0
            if self.positions is not None:
                self.positions.normal_(0.0, 0.1)

    def forward(self, tokens: Tensor) -> Tensor:
        x = F.embedding(tokens, self.weight)
        if self.positions is not None:
            x = x + self.positions[: tokens.shape[1]]
        x = F.dropout(x, self.dropout, self.training)
        return (x * (tokens != 0).unsqueeze(2)).transpose(1, 2)


class Recurrent(nn.Module):
    """LSTM or GRU in one direction or two. (B, C, T) -> (B, directions * hidden, T).

    Each gate has weights of its own, so that the first units of a layer are a layer by themselves.
    """

    def __init__(self, cell: str, gates: int, before: int, hidden: int, directions: int, padded: bool) -> None:
        super().__init__()
        self.cell, self.hidden, self.gates, self.padded = cell, hidden, gates, padded
        self.names = ("forth", "back")[:directions]
        for name in self.names:
            setattr(self, name, _Gates(gates, before, hidden, forgetful=cell == "gru"))

    def forward(self, x: Tensor) -> Tensor:
        there = present(x) if self.padded else None
        parts = [self._run(self.forth, x)]
        if len(self.names) > 1:
            order = None if there is None else _backwards(there)
            parts.append(_turned(self._run(self.back, _turned(x, order)), order))
        y = torch.cat(parts, 1) if len(parts) > 1 else parts[0]
        return y if there is None else y * there

    def _run(self, gates: Any, x: Tensor) -> Tensor:
        start = x.new_zeros(1, x.shape[0], self.hidden)
        weights = gates()
        kernels: Any = torch._VF
        steps = x.transpose(1, 2)
        if self.cell == "lstm":
            made = kernels.lstm(steps, (start, start), weights, True, 1, 0.0, False, False, True)
        else:
            made = kernels.gru(steps, start, weights, True, 1, 0.0, False, False, True)
        y: Tensor = made[0]
        return y.transpose(1, 2)


class _Gates(nn.Module):
    """The weights of one direction, gate by gate; called, all of them as the kernels want them."""

    def __init__(self, gates: int, before: int, hidden: int, forgetful: bool) -> None:
        super().__init__()
        self.gates = gates
        bound = 1.0 / math.sqrt(hidden)
        for gate in range(gates):
            for name, shape in (("input", (hidden, before)), ("state", (hidden, hidden)), ("bias", (hidden,))):
                self.register_parameter(f"{name}{gate}", nn.Parameter(torch.empty(shape).uniform_(-bound, bound)))
        if not forgetful:
            nn.init.ones_(self.get_parameter("bias1"))

    def forward(self) -> list[Tensor]:
        joined = [
            torch.cat([getattr(self, f"{name}{gate}") for gate in range(self.gates)])
            for name in ("input", "state", "bias")
        ]
        return [*joined, torch.zeros_like(joined[2])]


def _backwards(there: Tensor) -> Tensor:
    """(B, T), for each position that of the same distance from the other end of its sequence."""
    places = torch.arange(there.shape[2], device=there.device)
    ends = (there[:, 0] * (places + 1)).amax(1, keepdim=True)
    return torch.remainder(ends - 1 - places, there.shape[2])


def _turned(x: Tensor, order: Tensor | None) -> Tensor:
    if order is None:
        return x.flip(2)
    return x.gather(2, order.unsqueeze(1).expand(-1, x.shape[1], -1))


class Attention(nn.Module):
    """Self-attention of several heads after a layer norm, with a skip. (B, C, T) or (B, C, H, W) -> the same.

    causal: no position sees later ones; span: how far it sees, None for all.
    """

    def __init__(
        self, channels: int, heads: int, dropout: float, padded: bool, causal: bool = False, span: int | None = None
    ) -> None:
        super().__init__()
        self.heads, self.padded, self.dropout = heads, padded, dropout
        self.causal, self.span = causal, span
        self.norm = nn.LayerNorm(channels)
        self.query, self.key, self.value, self.out = (Linear(channels, channels) for _ in range(4))

    def forward(self, x: Tensor) -> Tensor:
        return over_positions(self.along, x)

    def along(self, x: Tensor) -> Tensor:
        """(B, C, T) -> the same"""
        steps = self.norm(x.transpose(1, 2))
        query, key, value = (self._parted(layer(steps)) for layer in (self.query, self.key, self.value))
        there = present(x) if self.padded else None
        hidden = self._hidden(x, there)
        mask = None if hidden is None else hidden.to(query.dtype) * FAR
        seen = F.scaled_dot_product_attention(query, key, value, attn_mask=mask)
        made = F.dropout(self.out(seen.transpose(1, 2).flatten(2)), self.dropout, self.training).transpose(1, 2)
        return x + (made if there is None else made * there)

    def _hidden(self, x: Tensor, there: Tensor | None) -> Tensor | None:
        """Which positions (last axis) which others do not see: (B or 1, 1, T or 1, T)."""
        hidden = None if there is None else (~there).unsqueeze(1)
        if not self.causal and self.span is None:
            return hidden
        places = torch.arange(x.shape[2], device=x.device)
        back = places[:, None] - places
        far = x.shape[2] if self.span is None else self.span
        beyond = (back >= far) | (back < 0 if self.causal else back <= -far)
        return beyond[None, None] if hidden is None else hidden | beyond

    def _parted(self, steps: Tensor) -> Tensor:
        """(B, T, C) -> (B, heads, T, C / heads)."""
        return steps.reshape(steps.shape[0], steps.shape[1], self.heads, -1).transpose(1, 2)


class Transformer(nn.Module):
    """Attention, then a network at each position, each with a skip. (B, C, T) or (B, C, H, W) -> the same."""

    def __init__(self, attention: Attention, channels: int, hidden: int, activation: nn.Module | None) -> None:
        super().__init__()
        self.attention = attention
        self.norm = nn.LayerNorm(channels)
        self.widen, self.narrow = Linear(channels, hidden), Linear(hidden, channels)
        self.activation = activation or nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        return over_positions(self.along, x)

    def along(self, x: Tensor) -> Tensor:
        """(B, C, T) -> the same"""
        there = present(x) if self.attention.padded else None
        x = self.attention(x)
        inside = self.activation(self.widen(self.norm(x.transpose(1, 2))))
        made = F.dropout(self.narrow(inside), self.attention.dropout, self.training).transpose(1, 2)
        return x + (made if there is None else made * there)


class AttentionPool(nn.Module):
    """The mean of all positions by learnt weights. (B, C, T) or (B, C, H, W) -> (B, C)."""

    def __init__(self, channels: int, padded: bool) -> None:
        super().__init__()
        self.padded = padded
        self.score = Linear(channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = x.flatten(2)
        scores: Tensor = self.score(x.transpose(1, 2)).transpose(1, 2)
        if self.padded:
            scores = scores + (~present(x)).to(scores.dtype) * FAR
        return (x * scores.softmax(2)).sum(2)


class TranscriptHead(nn.Module):
    """Scores of characters at each position, zeros where there is none. (B, C, T) -> (B, outputs, T)."""

    def __init__(self, channels: int, outputs: int, dropout: float, padded: bool) -> None:
        super().__init__()
        self.dropout, self.padded = dropout, padded
        self.linear = Linear(channels, outputs)

    def forward(self, x: Tensor) -> Tensor:
        steps = F.dropout(x.transpose(1, 2), self.dropout, self.training)
        scores: Tensor = self.linear(steps).transpose(1, 2)
        return scores * present(x) if self.padded else scores


class LanguageHead(nn.Module):
    """From each position to the outputs. (B, C, T) -> (B, outputs, T)."""

    def __init__(self, channels: int, outputs: int, dropout: float) -> None:
        super().__init__()
        self.norm, self.linear, self.dropout = nn.LayerNorm(channels), Linear(channels, outputs), dropout

    def forward(self, x: Tensor) -> Tensor:
        steps = F.dropout(self.norm(x.transpose(1, 2)), self.dropout, self.training)
        answers: Tensor = self.linear(steps)
        return answers.transpose(1, 2)


class Lift(nn.Module):
    """(B, C, T) -> (B, 1, C, T)."""

    def forward(self, x: Tensor) -> Tensor:
        return x.unsqueeze(1)


class Fold(nn.Module):
    """(B, C, H, W) -> (B, C * H, W); sequences pass as they are."""

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(1, 2) if x.ndim == 4 else x
