"""How far sound is from sound: warping against its definition, distortion by hand, what is kept."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.tasks.answers import answer_of
from netwright.tasks.answers.frames import (
    CENTRE,
    SPREAD,
    aligned,
    cepstra,
    in_units,
    keep,
    lengths,
    merits,
    score,
    told,
)

BANDS, STEPS = 40, 12


def frames(ends: list[int], seed: int = 0) -> np.ndarray:
    """Random answers or targets (N, bands + 1, STEPS) that end so."""
    made = np.random.default_rng(seed).normal(size=(len(ends), BANDS + 1, STEPS)).astype(np.float32)
    made[:, -1] = np.arange(STEPS) < np.array(ends)[:, None]
    return made


def slow(one: np.ndarray, other: np.ndarray) -> tuple[float, int]:
    """The cheapest way by its definition, and the fewest and most steps that such a way has."""
    ways: dict[tuple[int, int], float] = {}
    for i in range(len(one)):
        for j in range(len(other)):
            before = [ways[at] for at in ((i - 1, j), (i, j - 1), (i - 1, j - 1)) if at in ways]
            ways[i, j] = float(np.linalg.norm(one[i] - other[j])) + min(before, default=0.0)
    return ways[len(one) - 1, len(other) - 1], max(len(one), len(other))


SIZES = st.tuples(st.integers(1, 6), st.integers(1, 6))


@given(st.lists(SIZES, min_size=1, max_size=4), st.integers(0, 1000))
def test_warping_is_what_it_is_defined_to_be(sizes: list[tuple[int, int]], seed: int) -> None:
    rng = np.random.default_rng(seed)
    one, other = (rng.normal(size=(len(sizes), 6, 2)) for _ in range(2))
    ends = np.array(sizes).T
    costs, steps = aligned(one, other, ends[0], ends[1])
    for row, (first, second) in enumerate(sizes):
        cost, fewest = slow(one[row, :first], other[row, :second])
        assert costs[row] == pytest.approx(cost)
        assert fewest <= steps[row] <= first + second - 1


def test_whole_numbers_are_warped_to_the_step() -> None:
    one = np.array([0.0, 0, 5, 5, 9])[None, :, None]
    other = np.array([0.0, 5, 5, 5, 9, 9])[None, :, None]
    costs, steps = aligned(one, other, np.array([5]), np.array([6]))
    assert (costs.tolist(), steps.tolist()) == ([0.0], [7])


def test_a_known_difference_has_its_decibels() -> None:
    """Along one cosine over the bands; a louder recording is no other sound."""
    true = frames([STEPS])
    wave = np.cos(math.pi * 3 * (np.arange(BANDS) + 0.5) / BANDS)
    other = true.copy()
    other[0, :-1] += (0.5 * wave + 2.0)[:, None]
    found = score(keep(other, true), true)
    apart = cepstra(other) - cepstra(true)
    assert np.allclose(apart[0, :, 2], 0.5 * SPREAD / 2, atol=1e-5)
    assert np.allclose(np.delete(apart, 2, axis=2), 0.0, atol=1e-5)
    decibels = 20 / math.log(10) * np.sqrt(np.square(0.5 * SPREAD / 2 * wave).mean())
    assert found["mcd"] <= decibels + 1e-5
    assert found["mcd"] > 0.0
    one = score(keep(other[:, :, :1], true[:, :, :1]), true[:, :, :1])
    assert one["mcd"] == pytest.approx(decibels, rel=1e-5)


def test_a_slower_voice_has_no_distortion_but_a_length() -> None:
    true = frames([4])
    slower = true.copy()
    slower[0, :, :8] = np.repeat(true[0, :, :4], 2, axis=1)
    kept = keep(slower, true)
    assert kept[0].tolist() == pytest.approx([0.0, 8, 4, 4], abs=1e-6)
    assert score(kept, true) == {"mcd": pytest.approx(0.0, abs=1e-6), "length_error": 1.0}


def test_scores_are_means_of_merits_and_add_up() -> None:
    answers, true = frames([3, 7, 12, 5], seed=1), frames([4, 4, 9, 12], seed=2)
    kept = keep(answers, true)
    assert np.allclose(np.concatenate([keep(answers[:2], true[:2]), keep(answers[2:], true[2:])]), kept)
    assert kept[:, 2:].tolist() == [[1, 4], [3, 4], [3, 9], [7, 12]]
    found = score(kept, true)
    assert found["length_error"] == pytest.approx(14 / 29)
    for metric, value in found.items():
        each = merits(metric, kept, true)
        assert each is not None
        assert -each.mean() == pytest.approx(value)
    assert merits("accuracy", kept, true) is None


def test_what_lies_after_the_end_counts_for_nothing() -> None:
    answers, true = frames([3, 7], seed=1), frames([4, 4], seed=2)
    kept = keep(answers, true)
    answers[0, :-1, 3:], true[:, :-1, 4:] = 99.0, -99.0
    assert np.allclose(keep(answers, true), kept)


def test_answers_that_are_no_numbers_are_found_out() -> None:
    answers, true = frames([3, 7]), frames([4, 4], seed=2)
    answers[1, 2, 3] = np.inf
    kept = keep(answers, true)
    assert np.isfinite(kept[0]).all()
    assert np.isnan(kept[1]).all()


def test_answers_end_with_their_sound() -> None:
    answers = frames([0, 5, 12])
    answers[:, -1] = 8.0 * answers[:, -1] - 4.0
    assert lengths(answers).tolist() == [1, 5, 12]
    said = told(answers, ())
    assert [one["frames"].shape for one in said] == [(BANDS, 1), (BANDS, 5), (BANDS, 12)]
    assert np.allclose(in_units(said[1]["frames"]), answers[1, :-1, :5], atol=1e-5)
    assert in_units(np.array(CENTRE)) == 0.0
    assert told(answers[:0], ()) == []


def test_the_kind_of_answer_is_known() -> None:
    answer = answer_of("frames")
    assert (answer.metrics, answer.classes, answer.stored) == (("mcd", "length_error"), False, "float32")
