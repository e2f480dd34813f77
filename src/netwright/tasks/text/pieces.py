"""Texts as pieces: single characters, or what pairs of pieces were merged to because they often stand together.

Byte-pair encoding (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909) of characters within words; a space belongs
to the word after it. Nothing is lost: the pieces of a text, one after the other, are the text. Without merges every
character is a piece.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

_WORD = re.compile(r" ?[^\W\d_]+| ?\d| ?[^\w\s]+| ?_+|\s")
_REMEMBERED = 1 << 17
"""Words whose pieces are remembered."""
LEAST_COUNT = 2
"""Occurrences of a pair that is merged."""

Pair = tuple[str, str]


def words(text: str) -> list[str]:
    """A text in parts that no merge goes beyond.

    >>> words("Two cats, 12")
    ['Two', ' cats', ',', ' 1', '2']
    """
    return _WORD.findall(text)


def joined(parts: Sequence[str], pair: Pair) -> list[str]:
    """The parts with each occurrence of a pair, from the left, made one.

    >>> joined(["a", "a", "a", "b"], ("a", "a"))
    ['aa', 'a', 'b']
    """
    made: list[str] = []
    for part in parts:
        if made and (made[-1], part) == pair:
            made[-1] += part
        else:
            made.append(part)
    return made


@dataclass(frozen=True)
class Pieces:
    """characters: those that training had; merges: pairs of pieces that make one, the earliest first."""

    characters: tuple[str, ...]
    merges: tuple[Pair, ...] = ()
    _known: dict[str, tuple[str, ...]] = field(default_factory=dict, init=False, compare=False, repr=False)

    @property
    def entries(self) -> tuple[str, ...]:
        """Every piece once: characters, then what was merged."""
        return tuple(dict.fromkeys((*self.characters, *(first + second for first, second in self.merges))))

    @cached_property
    def _ranks(self) -> Mapping[Pair, int]:
        return {pair: rank for rank, pair in enumerate(self.merges)}

    def of(self, text: str) -> list[str]:
        """The pieces of a text.

        >>> Pieces(("a", "b", " "), (("a", "b"),)).of("ab ba")
        ['ab', ' ', 'b', 'a']
        """
        if not self.merges:
            return list(text)
        if len(self._known) > _REMEMBERED:
            self._known.clear()
        found = words(text)
        for word in found:
            if word not in self._known:
                self._known[word] = self._merged(word)
        return [piece for word in found for piece in self._known[word]]

    def _merged(self, word: str) -> tuple[str, ...]:
        parts, none = list(word), len(self.merges)
        while True:
            rank = min((self._ranks.get(pair, none) for pair in pairwise(parts)), default=none)
            if rank == none:
                return tuple(parts)
            parts = joined(parts, self.merges[rank])


def learnt(texts: Iterable[str], most: int, most_characters: int) -> Pieces:
    """The pieces of some texts, `most` at the most. The rarest characters are left out from `most_characters` on.

    Merges are those of the pairs that occur most often; of equally frequent ones the first in the alphabet.
    """
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(words(text))
    letters: Counter[str] = Counter()
    for word, count in counts.items():
        for letter in word:
            letters[letter] += count
    kept = sorted(sorted(letters, key=lambda letter: (-letters[letter], letter))[:most_characters])
    return Pieces(tuple(kept), tuple(_Merging(counts).pairs(most - len(kept))))


class _Merging:
    """Words in parts, how often each pair stands in them, and in which."""

    def __init__(self, counts: Mapping[str, int]) -> None:
        self.words = [list(word) for word in sorted(counts)]
        self.counts = [counts[word] for word in sorted(counts)]
        self.totals: Counter[Pair] = Counter()
        self.places: defaultdict[Pair, set[int]] = defaultdict(set)
        for place in range(len(self.words)):
            self._count(place, 1)
        self.queue = [(-total, pair) for pair, total in self.totals.items()]
        heapq.heapify(self.queue)

    def _count(self, place: int, sign: int) -> list[Pair]:
        """Counts the pairs of a word in, or out."""
        pairs = list(pairwise(self.words[place]))
        for pair in pairs:
            self.totals[pair] += sign * self.counts[place]
            self.places[pair].add(place)
        return pairs

    def pairs(self, count: int) -> list[Pair]:
        """The pairs to be merged, at most so many."""
        chosen: list[Pair] = []
        while len(chosen) < count and self.queue:
            total, pair = heapq.heappop(self.queue)
            if -total != self.totals[pair]:
                continue
            if -total < LEAST_COUNT:
                break
            chosen.append(pair)
            self._merge(pair)
        return chosen

    def _merge(self, pair: Pair) -> None:
        touched: set[Pair] = set()
        for place in self.places.pop(pair):
            touched.update(self._count(place, -1))
            self.words[place] = joined(self.words[place], pair)
            touched.update(self._count(place, 1))
        for one in touched:
            heapq.heappush(self.queue, (-self.totals[one], one))
