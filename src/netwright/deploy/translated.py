"""How good a network's translations are, as sacreBLEU counts it (Post 2018, https://arxiv.org/abs/1804.08771).

BLEU: Papineni et al. 2002, https://doi.org/10.3115/1073083.1073135; chrF: Popović 2015,
https://doi.org/10.18653/v1/W15-3049.
"""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from netwright.errors import MissingExtra
from netwright.tasks import Split
from netwright.tasks.text import language

if TYPE_CHECKING:
    from netwright.deploy.network import Network

MOST = 200
"""Sentences that are translated at most."""


@dataclass(frozen=True)
class Translated:
    """bleu, chrf: 0 to 100, of so many sentences, the likeliest token each time; samples: source, made, reference."""

    bleu: float
    chrf: float
    sentences: int
    samples: tuple[tuple[str, str, str], ...] = ()

    def __str__(self) -> str:
        return f"BLEU {self.bleu:.1f} and chrF {self.chrf:.1f} on {self.sentences:,} test sentences (greedy, sacreBLEU)"


def translated(network: Network, split: Split, most: int = MOST) -> Translated:
    """Translates a split's sentences and compares them with its references. Raises MissingExtra without sacrebleu."""
    try:
        metrics: Any = importlib.import_module("sacrebleu.metrics")
    except ImportError:
        raise MissingExtra("sacrebleu", "translation") from None
    sources, references = sides(network.metadata.prepare, split, most)
    found = network.generate(sources, tokens=network.signature.inputs[0])
    bleu = metrics.BLEU().corpus_score(found, [references])
    chrf = metrics.CHRF().corpus_score(found, [references])
    samples = tuple(zip(sources[:3], found[:3], references[:3], strict=True))
    return Translated(float(bleu.score), float(chrf.score), len(found), samples)


def sides(prepare: Any, split: Split, most: int) -> tuple[list[str], list[str]]:
    """The sources and the targets of a split's first pairs, as texts."""
    sources = [language.text_of(_first(row), prepare).strip() for row in split.x[:most].tolist()]
    targets = [[token for token in row if token >= 0] for row in split.y[:most].tolist()]
    return sources, [language.text_of(row, prepare).strip() for row in targets]


def _first(row: Sequence[int]) -> Sequence[int]:
    """The tokens before the first end."""
    return row[: row.index(language.END)]
