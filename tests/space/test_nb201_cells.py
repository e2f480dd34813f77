"""NAS-Bench-201: our keys against the published isomorphism classes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.space import Space
from netwright.spaces.nb201 import cell, from_digits, from_string, nb201, to_digits, to_string

TABLE = Path(__file__).parents[3] / "shared/data/tables/nb201_acc.parquet"
DIGITS = ["e10", "e20", "e21", "e30", "e31", "e32"]


@pytest.fixture(scope="module")
def table() -> dict[str, Any]:
    if not TABLE.exists():
        pytest.skip("needs shared/data/tables/nb201_acc.parquet")
    parquet = pytest.importorskip("pyarrow.parquet")
    columns: dict[str, Any] = parquet.read_table(TABLE, columns=["arch_str", "rep_arch_idx", *DIGITS]).to_pydict()
    return columns


@pytest.fixture(scope="module")
def keys(table: dict[str, Any]) -> list[str]:
    space = Space(cell(16), "cell")
    return [from_digits(space, digits).key for digits in zip(*(table[name] for name in DIGITS), strict=True)]


def test_the_cells_have_4930_keys(keys: list[str]) -> None:
    assert len(keys) == 15_625
    assert len(set(keys)) == 4_930


def test_no_published_class_is_split(table: dict[str, Any], keys: list[str]) -> None:
    pairs = set(zip(table["rep_arch_idx"], keys, strict=True))
    assert len(pairs) == len(set(table["rep_arch_idx"])) == 6_466


def test_whole_networks_group_as_their_cells_do(table: dict[str, Any], keys: list[str]) -> None:
    space = nb201(cells=2)
    pairs = set()
    for i in np.random.default_rng(0).permutation(15_625)[:1_500]:
        pairs.add((keys[i], from_string(space, table["arch_str"][i]).key))
    assert len({cell_key for cell_key, _ in pairs}) == len({key for _, key in pairs}) == len(pairs) < 1_500


def test_official_strings_are_the_digits(table: dict[str, Any]) -> None:
    space = nb201(cells=1)
    for i in range(0, 15_625, 125):
        a = from_digits(space, [table[name][i] for name in DIGITS])
        assert to_string(a) == table["arch_str"][i]
        assert from_string(space, table["arch_str"][i]) == a


def test_the_whole_space() -> None:
    space = nb201()
    assert space.size() == 15_625
    assert len(space.decisions()) == 6
    a = space.sample(np.random.default_rng(0))
    assert from_digits(space, to_digits(a)) == a


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|nor_conv_3x3~0|",
        "|none~0|+|none~0|none~0|+|none~0|none~1|none~2|",
        "|none~1|+|none~0|none~1|+|none~0|none~1|none~2|",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|+|none~0|",
        "|conv~0|+|none~0|none~1|+|none~0|none~1|none~2|",
    ],
)
def test_wrong_strings_are_refused(text: str) -> None:
    with pytest.raises(InputError):
        from_string(nb201(cells=1), text)


def test_wrong_digits_are_refused() -> None:
    with pytest.raises(InputError, match="cell/1/0"):
        from_digits(nb201(cells=1), (5, 0, 0, 0, 0, 0))
    with pytest.raises(InputError, match="give 6"):
        from_digits(nb201(cells=1), (0, 0))
