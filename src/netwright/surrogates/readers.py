"""The torch networks that read graphs, and what graphs look like to them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from netwright.surrogates.base import Described, Floats

AT_ONCE = 1024
RELATIONS = 6
"""Of two nodes: the same, feeds, is fed by, leads to, comes from, neither."""
HEADS = 4


@dataclass(frozen=True)
class Seen:
    """words: (N, n, 2) int64, operation and label of each node, 0 for padding and what is unknown; relations: (N, n, n)
    int64; present: (N, n) bool; rows: (N, D) float32, standardised."""

    words: Tensor
    relations: Tensor
    present: Tensor
    rows: Tensor


@dataclass(frozen=True)
class Vocabulary:
    """Numbers for what nodes are called, and the scale of the rows, of the architectures that were measured."""

    operations: Mapping[str, int]
    labels: Mapping[str, int]
    used: NDArray[np.int64]
    centre: Floats
    spread: Floats

    @classmethod
    def of(cls, known: Described) -> Vocabulary:
        operations = sorted({word for graph in known.graphs for word in graph.operations})
        labels = sorted({word for graph in known.graphs for word in graph.labels})
        used = np.flatnonzero(np.ptp(known.rows, axis=0) > 0)
        rows = known.rows[:, used]
        return cls(_numbered(operations), _numbered(labels), used, rows.mean(0), np.maximum(1e-6, rows.std(0)))

    def __call__(self, described: Described) -> Seen:
        count, most = len(described), max(len(graph.labels) for graph in described.graphs)
        words = np.zeros((count, most, 2), dtype=np.int64)
        relations = np.full((count, most, most), RELATIONS - 1, dtype=np.int64)
        present = np.zeros((count, most), dtype=bool)
        for place, graph in enumerate(described.graphs):
            size = len(graph.labels)
            words[place, :size, 0] = [self.operations.get(word, 0) for word in graph.operations]
            words[place, :size, 1] = [self.labels.get(word, 0) for word in graph.labels]
            relations[place, :size, :size] = _relations(graph.adjacency)
            present[place, :size] = True
        rows = (described.rows[:, self.used] - self.centre) / self.spread
        arrays = (words, relations, present, np.clip(rows, -4, 4).astype(np.float32))
        return Seen(*map(torch.from_numpy, arrays))


def _numbered(words: list[str]) -> dict[str, int]:
    return {word: number for number, word in enumerate(words, 1)}


def _relations(adjacency: NDArray[np.bool_]) -> NDArray[np.int64]:
    """(n, n) How each node stands to each other one."""
    size = len(adjacency)
    reach = adjacency.copy()
    for middle in range(size):
        reach |= np.outer(reach[:, middle], reach[middle])
    found = np.full((size, size), RELATIONS - 1, dtype=np.int64)
    found[reach], found[reach.T] = 3, 4
    found[adjacency], found[adjacency.T] = 1, 2
    np.fill_diagonal(found, 0)
    return found


class Reader(nn.Module):
    """Seen -> (N,) values. Layers mix nodes; their mean goes on beside the rows."""

    def __init__(self, shape: tuple[str, int, int], words: Vocabulary) -> None:
        super().__init__()
        kind, width, depth = shape
        self.operation = nn.Embedding(len(words.operations) + 1, width)
        self.label = nn.Embedding(len(words.labels) + 1, width)
        layer = _Attention if kind == "attention" else _Messages
        self.layers = nn.ModuleList(layer(width) for _ in range(depth))
        self.norm = nn.LayerNorm(width)
        self.rows = nn.Linear(len(words.used), width)
        self.hidden = nn.Linear(2 * width, width)
        self.answer = nn.Linear(width, 1)
        self.straight = nn.Linear(len(words.used), 1)
        nn.init.zeros_(self.straight.weight)

    def forward(self, seen: Seen) -> Tensor:
        nodes = self.operation(seen.words[..., 0]) + self.label(seen.words[..., 1])
        for layer in self.layers:
            nodes = nodes + layer(nodes, seen)
        present = seen.present[..., None].float()
        graph = (self.norm(nodes) * present).sum(1) / present.sum(1)
        both = torch.cat([graph, F.gelu(self.rows(seen.rows))], 1)
        answer: Tensor = (self.answer(F.gelu(self.hidden(both))) + self.straight(seen.rows))[:, 0]
        return answer


class _Messages(nn.Module):
    """Each node sees the mean of those that feed it, and of those that it feeds."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.own, self.before, self.after = (nn.Linear(width, width) for _ in range(3))

    def forward(self, nodes: Tensor, seen: Seen) -> Tensor:
        x = self.norm(nodes)
        feeds, fed = ((seen.relations == kind).float() for kind in (1, 2))
        before, after = (links @ x / links.sum(-1, keepdim=True).clamp_min(1) for links in (fed, feeds))
        mixed: Tensor = F.gelu(self.own(x) + self.before(before) + self.after(after))
        return mixed


class _Attention(nn.Module):
    """Every node looks at every other one; how they stand to each other weighs in, in each head differently."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.first, self.second = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mix, self.join = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.bias = nn.Embedding(RELATIONS, HEADS)
        self.widen, self.narrow = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, nodes: Tensor, seen: Seen) -> Tensor:
        count, size, width = nodes.shape
        parts = self.mix(self.first(nodes)).reshape(count, size, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
        bias = self.bias(seen.relations).permute(0, 3, 1, 2)
        bias = bias.masked_fill(~seen.present[:, None, None], -1e9)
        looked = F.scaled_dot_product_attention(parts[0], parts[1], parts[2], attn_mask=bias)
        mixed: Tensor = self.join(looked.transpose(1, 2).reshape(count, size, width))
        wider: Tensor = self.narrow(F.gelu(self.widen(self.second(nodes + mixed))))
        return mixed + wider


def trained(
    shape: tuple[str, int, int], words: Vocabulary, seen: Seen, targets: Floats, steps: int, rate: float, seed: int
) -> Reader:
    """A reader, trained on all that is known at once. shape: kind, width, depth; targets: (N,), standardised."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        reader = Reader(shape, words)
        wanted = torch.from_numpy(targets).float()
        optimizer = torch.optim.AdamW(reader.parameters(), rate, weight_decay=0.05)
        for step in range(steps):
            for group in optimizer.param_groups:
                group["lr"] = rate * 0.5 * (1 + math.cos(math.pi * step / steps))
            loss = F.mse_loss(reader(seen), wanted)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return reader.eval()


@torch.inference_mode()
def read(reader: Reader, words: Vocabulary, new: Described) -> Floats:
    """(M,) What a reader says of new architectures."""
    places = np.arange(len(new))
    batches = [words(new.some(places[begin : begin + AT_ONCE])) for begin in range(0, len(new), AT_ONCE)]
    return np.asarray(torch.cat([reader(batch) for batch in batches]).double().numpy())
