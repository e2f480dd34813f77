"""What was said and how wrong it is: decoding of known scores, error rates by hand, edit distances as distances."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.tasks.answers import answer_of
from netwright.tasks.answers.transcripts import BLANK, NONE, distance, keep, merits, score, spoken, told, words

CLASSES = ("", " ", "a", "b", "c")
TEXTS = st.text("ab ", max_size=8)


def scores(*lines: str, length: int = 12) -> np.ndarray:
    """Scores (N, K, T) whose best characters are those of the lines ("-": none), zeros after their end."""
    made = np.zeros((len(lines), len(CLASSES), length), dtype=np.float32)
    for row, line in enumerate(lines):
        for step, one in enumerate(line):
            made[row, CLASSES.index("" if one == "-" else one), step] = 3.0
    return made


def targets(*texts: str, length: int = 9) -> np.ndarray:
    made = np.full((len(texts), length), NONE, dtype=np.int32)
    for row, text in enumerate(texts):
        made[row, : len(text)] = [CLASSES.index(one) for one in text]
    return made


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("aab", "ab"),
        ("a-ab", "aab"),
        ("--a--bb- -c", "ab c"),
        ("", ""),
        ("----", ""),
        (" a  - b ", "a b"),
        ("abcabcabcabc", "abcabcabcabc"),
    ],
)
def test_repetitions_and_blanks_are_taken_out(line: str, said: str) -> None:
    assert told(scores(line), CLASSES) == [{"transcript": said}]


def test_no_answers_say_nothing() -> None:
    assert told(np.zeros((0, 5, 0)), CLASSES) == []
    with pytest.raises(ValueError, match="do not fit 3 characters"):
        told(scores("a"), CLASSES[:3])


def test_error_rates_by_hand() -> None:
    answered = scores("ab a", "abc", "-", "aa-aa b")
    wanted = targets("ab c", "abc", "ab ab", "a a b")
    kept = keep(answered, wanted)
    assert kept.tolist() == [[1, 4, 1, 2], [0, 3, 0, 1], [5, 5, 2, 2], [1, 5, 2, 3]]
    found = score(kept, wanted)
    assert found == {"cer": pytest.approx(7 / 17), "wer": pytest.approx(5 / 8)}
    for metric, value in found.items():
        each = merits(metric, kept, wanted)
        assert each is not None
        assert -each.mean() == pytest.approx(value)
        assert (each <= 0).all()
    assert merits("accuracy", kept, wanted) is None


def test_more_may_be_wrong_than_there_is() -> None:
    kept = keep(scores("abcabc"), targets("c"))
    assert score(kept, targets("c"))["cer"] == 5.0


def test_gaps_are_counted_once_and_between_words_only() -> None:
    assert keep(scores(" a  - b ", length=14), targets("a b")).tolist() == [[0, 3, 0, 2]]


def test_a_character_that_training_did_not_have_is_never_right() -> None:
    strange = targets("ab")
    strange[0, 1] = BLANK
    assert keep(scores("ab"), strange)[0, :2].tolist() == [1, 2]
    assert keep(scores("a-"), strange)[0, :2].tolist() == [1, 2]


def test_scores_that_are_no_numbers_are_found_out() -> None:
    broken = scores("ab", "ab")
    broken[1, 2, 3] = np.nan
    kept = keep(broken, targets("ab", "ab"))
    assert np.isfinite(kept[0]).all()
    assert np.isnan(kept[1]).all()


def slow(one: str, other: str) -> int:
    """Edit distance by its definition."""
    if not one or not other:
        return len(one) + len(other)
    if one[0] == other[0]:
        return slow(one[1:], other[1:])
    return 1 + min(slow(one[1:], other), slow(one, other[1:]), slow(one[1:], other[1:]))


@given(TEXTS.filter(lambda text: len(text) < 6), TEXTS.filter(lambda text: len(text) < 6))
def test_distance_is_what_it_is_defined_to_be(one: str, other: str) -> None:
    assert distance(one, other) == slow(one, other)


@given(TEXTS, TEXTS, TEXTS)
def test_distance_is_a_distance(one: str, other: str, third: str) -> None:
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one, other) == distance(other, one)
    assert distance(one, third) <= distance(one, other) + distance(other, third)


@given(st.lists(st.sampled_from([1, 2, 3]), max_size=10))
def test_words_are_what_split_gives(characters: list[int]) -> None:
    text = "".join(CLASSES[one] for one in characters)
    found = words(np.array(characters, dtype=np.int64))
    assert ["".join(CLASSES[one] for one in word) for word in found] == text.split()


@given(st.lists(TEXTS, min_size=1, max_size=6), st.integers(1, 5))
def test_what_is_kept_adds_up(texts: list[str], place: int) -> None:
    """Scores of parts, kept apart, are those of the whole."""
    texts = [" ".join(text.split()) or "a" for text in texts]
    answered = scores(*(text[::-1] for text in texts))
    whole, wanted = keep(answered, targets(*texts)), targets(*texts)
    parts = [keep(answered[at], wanted[at]) for at in (slice(place), slice(place, None))]
    assert np.array_equal(np.concatenate(parts), whole)
    assert len(spoken(answered)) == len(texts)


def test_the_kind_of_answer_is_known() -> None:
    answer = answer_of("transcript")
    assert (answer.metrics, answer.classes, answer.stored) == (("cer", "wer"), True, "int32")
