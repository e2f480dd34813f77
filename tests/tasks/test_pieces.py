"""Texts in pieces: nothing is lost, and merges are those of the pairs that occur most often."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from netwright.tasks.text.pieces import Pieces, learnt, words

TEXT = "low lower lowest, newer newest wider widest low low " * 4


@given(st.text())
def test_words_are_the_whole_text(text):
    assert "".join(words(text)) == text


@given(st.text(max_size=60), st.text(alphabet="lowernidst, ", max_size=60))
def test_pieces_are_the_whole_text(any_text, known_text):
    pieces = learnt([TEXT], 60, 100)
    for text in (any_text, known_text, TEXT):
        assert "".join(pieces.of(text)) == text
    assert set(pieces.of(known_text)) <= set(pieces.entries)


def by_hand(text, count):
    """Merges found by counting all pairs anew each time."""
    parts = {word: tuple(word) for word in set(words(text))}
    often, merges = Counter(words(text)), []
    for _ in range(count):
        pairs = Counter()
        for word, cut in parts.items():
            for pair in pairwise(cut):
                pairs[pair] += often[word]
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        parts = {word: tuple(Pieces((), tuple(merges)).of(word)) for word in parts}
    return merges


def test_merges_are_those_of_the_commonest_pairs():
    pieces = learnt([TEXT], 30, 100)
    assert pieces.characters == tuple(sorted(set(TEXT)))
    assert list(pieces.merges) == by_hand(TEXT, len(pieces.merges))
    assert len(pieces.entries) <= 30
    assert " low" in pieces.of(TEXT)
    assert len(pieces.of(TEXT)) < len(TEXT) / 2


def test_rare_characters_are_left_out_and_nothing_that_occurs_once_is_merged():
    pieces = learnt(["aaab ccd"], 50, 3)
    assert pieces.characters == (" ", "a", "c")
    assert pieces.merges == (("a", "a"),)


def test_without_merges_characters_are_the_pieces():
    assert Pieces(("a", "b")).of("ab?a") == ["a", "b", "?", "a"]
    assert Pieces(("a", "b")).entries == ("a", "b")
