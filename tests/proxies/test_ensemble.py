"""Several proxies as one ranking."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import rankdata, spearmanr

from netwright.proxies.ensemble import Learnt, consensus, ranks, table

columns = arrays(np.float64, st.integers(1, 30), elements=st.floats(-1e6, 1e6))


@given(columns)
def test_ranks_are_those_of_the_field(values: np.ndarray) -> None:
    assert np.allclose(ranks(values), rankdata(values) / len(values))


@given(columns, st.floats(0.1, 10), st.floats(-5, 5))
def test_a_proxys_unit_does_not_matter(values: np.ndarray, scale: float, shift: float) -> None:
    whole = np.round(values)
    both = np.stack([whole, -whole], 1)
    assert np.allclose(consensus(both), consensus(np.stack([np.arctan(whole / 1e6) * scale + shift, -whole], 1)))


def test_what_is_not_a_number_comes_last() -> None:
    assert ranks(np.array([1.0, np.nan, 2.0])).tolist() == [2 / 3, 1 / 3, 1.0]


def test_one_bad_rank_weighs_more_than_one_good() -> None:
    values = np.array([[10.0, 1.0], [6.0, 6.0], [1.0, 10.0]])
    assert consensus(values).argmax() == 1


def test_the_table_has_a_column_a_name_and_gaps() -> None:
    found = table([{"a": 1.0, "b": 2.0}, {"a": 3.0}], ["b", "a"])
    assert found[0].tolist() == [2.0, 1.0]
    assert np.isnan(found[1, 0])


def test_few_labels_find_the_proxy_that_tells() -> None:
    random = np.random.default_rng(0)
    truth = random.random(300)
    values = np.stack([truth + 0.1 * random.random(300), random.random(300), -random.random(300)], 1)
    few = random.permutation(300)[:15]
    model = Learnt(values[few], truth[few], values)
    assert spearmanr(model(values), truth)[0] > 0.9
    assert spearmanr(consensus(values), truth)[0] < spearmanr(model(values), truth)[0]
