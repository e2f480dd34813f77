from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.errors import InputError
from netwright.tasks import tables
from netwright.tasks.examples import Table, table

NUMBERS = st.lists(st.one_of(st.none(), st.floats(-1e6, 1e6)), min_size=20, max_size=20)
TEXTS = st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "c", "3.5"])), min_size=20, max_size=20)


@given(NUMBERS, TEXTS, TEXTS)
def test_encoding_is_finite_plain_and_of_its_width(numbers, texts, more):
    made = table({"n": numbers, "t": texts, "m": more, "count": list(range(20))})
    encoders, _ = tables.fit(made)
    encoded = tables.apply(made, json.loads(json.dumps(encoders)))
    assert encoded.shape == (20, tables.width(encoders))
    assert encoded.dtype == np.float32
    assert np.isfinite(encoded).all()


def test_numbers_use_training_statistics_only():
    train = table({"n": [1.0, 3.0, None, 5.0]})
    encoders, _ = tables.fit(train)
    assert encoders == [
        {"name": "n", "type": "number", "median": 3.0, "mean": 3.0, "std": pytest.approx(2**0.5), "indicator": True}
    ]
    encoded = tables.apply(table({"n": [None, 3 + 2**0.5, 1e12]}), encoders)
    assert encoded[:, 0].tolist() == pytest.approx([0, 1, tables.FURTHEST])
    assert encoded[:, 1].tolist() == [1, 0, 0]


def test_rare_and_unseen_texts_share_a_column_and_gaps_have_their_own():
    train = table({"t": ["a"] * 6 + ["b"] * 5 + ["rare", "other"] + [None] * 2})
    encoders, _ = tables.fit(train)
    assert encoders == [{"name": "t", "type": "text", "values": ["a", "b"], "rare": True, "indicator": True}]
    encoded = tables.apply(table({"t": ["a", "b", "rare", "unseen", None]}), encoders)
    assert encoded.tolist() == [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]


def test_unseen_texts_are_zeros_where_training_had_none():
    encoders, _ = tables.fit(table({"t": ["a", "b"] * 5}))
    assert tables.apply(table({"t": ["c", None, "a"]}), encoders).tolist() == [[0, 0], [0, 0], [1, 0]]


def test_many_texts_are_cut_to_the_most_frequent():
    texts = [f"v{value:02}" for value in range(80) for _ in range(3 + (value < 50))]
    encoders, _ = tables.fit(table({"t": texts}))
    assert encoders[0]["values"] == [f"v{value:02}" for value in range(50)]
    assert encoders[0]["rare"]


def test_number_columns_read_text_numbers_and_the_reverse():
    encoders, _ = tables.fit(table({"zip": ["1", "02", "1", "02", "x", "x"] * 3}))
    encoded = tables.apply(table({"zip": [1, 1.0]}), encoders)
    assert encoded.tolist() == tables.apply(table({"zip": ["1", "1"]}), encoders).tolist()
    encoders, _ = tables.fit(table({"n": [1.0, 2.0, 3.0]}))
    assert tables.apply(table({"n": ["2", " 2.0 "]}), encoders).tolist() == [[0], [0]]


def test_cells_are_named_by_origin_and_number():
    made = Table({"n": np.array([1.0, np.inf])}, "file.csv", "line", np.array([2, 5]))
    with pytest.raises(InputError, match=r"file\.csv, line 5 has inf in column 'n'"):
        tables.fit(made)


def test_missing_column_suggests_the_nearest():
    encoders, _ = tables.fit(table({"width": [1.0, 2.0], "height": [1.0, 2.0]}))
    with pytest.raises(InputError, match="lacks the column 'height' of the training data: rename 'heigth'"):
        tables.apply(table({"width": [1.0], "heigth": [1.0]}), encoders)


def test_nothing_to_learn_from():
    with pytest.raises(InputError, match="no column to learn from: column 'a' has no values"):
        tables.fit(table({"a": [None, None], "b": [1, 1]}))
