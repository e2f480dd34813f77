"""Tables from files: what is read, and what is refused with which words."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from netwright.benchmarks.tables import FOLDER, nb201, open_table, states
from netwright.benchmarks.tables.digits_space import EDGES
from netwright.errors import InputError
from netwright.spaces.nb201 import from_string


def changed(rows, place, **values):
    """The rows with one of them different."""
    return [{**row, **values} if i == place else row for i, row in enumerate(rows)]


def without(rows, column):
    return [{name: value for name, value in row.items() if name != column} for row in rows]


def test_a_cell_has_its_results_whatever_the_order_of_the_rows(every_cell, write_csv):
    table = open_table("nb201-cifar10", write_csv(every_cell[::-1]))
    row = every_cell[777]
    place = table.row(from_string(table.space, row["arch_str"]))
    assert place == 777
    assert table.names[place] == row["arch_str"]
    assert table.validation[:, place] == pytest.approx([row["c10_valid_12"] / 100, row["c10_valid_200_s0"] / 100])
    assert table.test[place] == pytest.approx(row["c10_test_200"] / 100)
    assert table.metrics["flops"][place] == pytest.approx(row["c10_flops_M"] * 1e6)
    assert [fidelity.epochs for fidelity in table.fidelities] == [12, 200]
    assert list(table.metrics) == list(table.scores) == ["params", "flops"]


def test_devices_and_zero_cost_scores_are_joined_from_beside_it(every_cell, write_csv):
    parquet, arrow = pytest.importorskip("pyarrow.parquet"), pytest.importorskip("pyarrow")
    path = write_csv(every_cell, nb201.FILE)
    indices = [9, 3, 5]
    columns = {"c10_edgegpu_latency": [2.0, -1.0, 4.0], "c10_fpga_energy": [1.0, 2.0, 3.0], "c100_fpga_energy": [0] * 3}
    parquet.write_table(arrow.table({"arch_idx": indices, **columns}), path.with_name(nb201.DEVICES))
    scores = {"c10_synflow": [1.5, -1e8, 1.5], "c10_flops": [0.0] * 3}
    parquet.write_table(arrow.table({"arch_idx": indices, **scores}), path.with_name(nb201.SCORES))
    table = open_table("nb201-cifar10", path)
    assert list(table.metrics) == ["params", "flops", "latency_edgegpu", "energy_fpga"]
    assert table.metrics["latency_edgegpu"][9] == 2.0
    assert np.isnan(table.metrics["latency_edgegpu"][[3, 4]]).all()
    assert list(table.scores) == ["params", "flops", "synflow"]
    assert table.scores["synflow"][9] == 1.5
    twins = [place for place, key in enumerate(table.keys) if key == table.keys[9]]
    assert len(twins) > 1
    assert set(table.scores["synflow"][twins]) == {1.5}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: without(rows, "c10_test_200"), "has no column c10_test_200"),
        (lambda rows: without(without(rows, "arch_str"), "arch_idx"), "has no column arch_idx, arch_str"),
        (lambda rows: changed(rows, 5, c10_test_200="nan"), r"column c10_test_200 .* 1 of 15625 rows \(the first: 6\)"),
        (lambda rows: changed(rows, 5, c10_valid_12=""), "column c10_valid_12 has no finite number"),
        (lambda rows: changed(rows, 5, c10_test_200="good"), "column c10_test_200 holds something else than numbers"),
        (lambda rows: changed(rows, 5, arch_idx=4), "has arch_idx 4 twice"),
        (lambda rows: changed(rows, 5, arch_idx=99999), "the official index is 0 to 15624"),
        (lambda rows: changed(rows, 5, arch_idx=1.5), "arch_idx holds 1.5 in row 6"),
        (lambda rows: changed(rows, 5, arch_str="|conv~0|+|none~0|none~1|"), "row 6: .* is no cell"),
        (lambda rows: changed(rows, 5, arch_str=rows[4]["arch_str"]), "rows 5 and 6 are the same architecture"),
        (lambda rows: rows[:-1], "holds 15624 of the 15625 cells"),
    ],
)
def test_a_bad_file_is_refused_with_what_is_wrong(every_cell, write_csv, change, says):
    with pytest.raises(InputError, match=says):
        open_table("nb201-cifar10", write_csv(change(every_cell)))


@pytest.mark.parametrize("content", [b"", b"PAR1 but not really", b"\x1f\x8bnot gzip", b"arch_idx\n", b"\xff\xfe\x00"])
def test_what_is_no_table_is_refused(tmp_path, content):
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"table\.csv"):
        open_table("nb201-cifar10", path)


def chains():
    return [
        {
            "arch": "".join(digits),
            "c10_test_s0": 90,
            "c10_test_s1": 91,
            "c10_test_s2": 95,
            "params": 1,
            "flops": place + 1,
        }
        for place, digits in enumerate(product("012", repeat=8))
    ]


def test_chains_are_read_also_where_their_digits_were_taken_for_numbers(write_csv):
    table = open_table("nasbench-macro", write_csv(chains()))
    assert (len(table), table.names[1], table.fidelities[0].epochs) == (6561, "00000001", None)
    assert table.validation[0, 0] == pytest.approx(0.9)
    assert table.test[0] == pytest.approx(0.92)
    assert len(set(table.keys)) == 3969


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda rows: changed(rows, 1, arch="00000003"), "row 2: '00000003' is no chain"),
        (lambda rows: changed(rows, 1, arch="00000000"), "rows 1 and 2 are the same architecture"),
        (lambda rows: rows[1:], "holds 6560 of the 6561 chains"),
    ],
)
def test_bad_chains_are_refused(write_csv, change, says):
    with pytest.raises(InputError, match=says):
        open_table("nasbench-macro", write_csv(change(chains())))


def test_a_file_that_is_missing_is_said_where_to_get(monkeypatch, tmp_path):
    monkeypatch.delenv(FOLDER, raising=False)
    with pytest.raises(
        InputError, match=r"needs its table: .*--table.*NETWRIGHT_TABLES.*c10_test_200.*D-X-Y/NATS-Bench"
    ):
        open_table("nb201-cifar10")
    with pytest.raises(InputError, match=r"nb201_acc\.parquet: no such file"):
        open_table("nb201-cifar10", tmp_path)
    with pytest.raises(InputError, match="did you mean 'nb201-cifar10'"):
        open_table("nb201-cifar11")


def test_files_are_found_in_the_folder_that_the_environment_names(monkeypatch, write_csv):
    path = write_csv(chains(), "nasbench_macro.parquet")
    monkeypatch.setenv(FOLDER, str(path.parent))
    assert len(open_table("nasbench-macro")) == 6561
    assert {row["name"]: row["state"] for row in states()}["nasbench-macro"] == "ready"
    assert {row["name"]: row["state"] for row in states()}["nb201-cifar10"] == "needs nb201_acc.parquet"


def test_a_digits_file_must_hold_the_whole_space(write_csv):
    from netwright.benchmarks.tables.digits import COLUMNS

    row = dict.fromkeys(COLUMNS, 1)
    with pytest.raises(InputError, match="does not hold every network"):
        open_table("digits", write_csv([row]))
    with pytest.raises(InputError, match=r"row 1: cell/2/0 is 4: give 0 to 3"):
        open_table("digits", write_csv([{**row, EDGES[1]: 4}]))
