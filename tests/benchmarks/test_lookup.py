from __future__ import annotations

import json

import pytest

from netwright.benchmarks.lookup import lookup
from netwright.benchmarks.tables import open_table
from netwright.errors import InputError
from netwright.spaces.nb201 import from_string, nb201


@pytest.fixture(scope="module")
def digits():
    return open_table("digits")


def test_a_row_is_found_by_key_by_name_and_by_number(digits):
    row = lookup(digits, "500")
    assert row["index"] == 500
    for text in (row["key"], row["key"][:12], row["key"].upper(), row["name"], f" {row['name']} "):
        assert lookup(digits, text) == row
    assert row["fidelities"]["9"] == row["validation"]["accuracy"]
    assert set(row["metrics"]) == {"params", "flops", "latency_ms"}
    json.dumps(row, allow_nan=False)


def test_an_assignment_without_a_row_is_found_by_what_it_computes(digits):
    twin = next(a for a in digits.space.enumerate() if "".join(map(str, a.choices.values())) not in digits.names)
    found = lookup(digits, "".join(map(str, twin.choices.values())))
    assert found["key"] == twin.key


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("0123456789abcdef", "no architecture with the key"),
        ("871", "no network of digits: give six digits"),
        ("444444", "give six digits from 0 to 3"),
        ("", "no network of digits"),
    ],
)
def test_what_is_not_there_is_refused(digits, text, says):
    with pytest.raises(InputError, match=says):
        lookup(digits, text)


def test_cells_are_found_by_string_index_and_by_the_key_of_the_cell_or_of_the_whole_network(every_cell, write_csv):
    table = open_table("nb201-cifar10", write_csv(every_cell))
    text = every_cell[9_000]["arch_str"]
    row = lookup(table, text)
    assert (row["index"], row["name"]) == (9_000, text)
    assert row["test"]["accuracy"] == pytest.approx(every_cell[9_000]["c10_test_200"])
    assert lookup(table, "9000") == row
    first, second, third = text.split("+")
    turned = "+".join([first, "|" + "|".join(second.strip("|").split("|")[::-1]) + "|", third])
    assert lookup(table, turned) == row
    same = sorted([9_000, *row["same_function"]])
    assert lookup(table, row["key"])["index"] == same[0]
    assert lookup(table, from_string(nb201(), text).key)["index"] == same[0]
    with pytest.raises(InputError, match="unknown operation"):
        lookup(table, "|conv~0|")
