"""Official downloads: read as plain data, whatever they hold. The files here are made in the official layout."""

from __future__ import annotations

import bz2
import os
import pickle
from collections import OrderedDict

import numpy as np
import pytest

from netwright.benchmarks.importers import convert, nats
from netwright.benchmarks.importers.unpickle import read_pickle
from netwright.benchmarks.tables import open_table
from netwright.errors import InputError


def trained(name, seed, epochs, quality):
    """One training, as the download holds it."""
    splits = {"cifar10": ["ori-test"], "cifar10-valid": ["x-valid", "ori-test"]}.get(name, ["x-valid", "x-test"])
    scores = {
        f"{split}@{epoch}": quality + seed / 1000 - (epochs - 1 - epoch) for split in splits for epoch in range(epochs)
    }
    return {
        "name": name,
        "seed": seed,
        "epochs": epochs,
        "params": np.float64(0.25),
        "flop": 15.5,
        "train_times": dict.fromkeys(range(epochs), 2.0),
        "eval_acc1es": scores,
        "net_state_dict": None,
    }


def download(index, text, quality=80.0):
    """All trainings of one architecture."""
    found = OrderedDict()
    for hp, seeds in (("12", (111, 777)), ("200", (999, 777, 888))):
        results = {
            (name, seed): trained(name, seed, int(hp), quality)
            for name in ("cifar10-valid", "cifar10", "cifar100", "ImageNet16-120")
            for seed in seeds
        }
        found[hp] = {"arch_index": index, "arch_str": text, "all_results": results, "clear_net_done": True}
    return found


def write(path, data):
    path.write_bytes(bz2.compress(pickle.dumps(data, protocol=4)))
    return path


def test_an_architecture_is_read_as_published(tmp_path):
    text = "|nor_conv_3x3~0|+|none~0|skip_connect~1|+|nor_conv_1x1~0|avg_pool_3x3~1|nor_conv_3x3~2|"
    row = nats.read_row(write(tmp_path / "000007.pickle.pbz2", download(7, text)))
    assert (row["arch_idx"], row["arch_str"]) == (7, text)
    for prefix in ("c10", "c100", "in16"):
        assert row[f"{prefix}_valid_200_s0"] == pytest.approx(80.777)
        assert row[f"{prefix}_test_200"] == pytest.approx(80.888)
        assert row[f"{prefix}_valid_12"] == pytest.approx(80.444)
        assert row[f"{prefix}_params_M"] == 0.25
        assert row[f"{prefix}_train_s"] == 400.0


def test_a_whole_download_becomes_a_table(tmp_path, monkeypatch, every_cell):
    monkeypatch.setattr(nats, "SIZE", 3)
    for index in range(3):
        text = every_cell[index]["arch_str"]
        write(tmp_path / f"{index:06d}.pickle.pbz2", download(index, text, 70.0 + index))
    out, told = tmp_path / "table.csv.gz", []
    convert(tmp_path, out, lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]
    with pytest.raises(InputError, match="holds 3 of the 15625 cells"):
        open_table("nb201-cifar100", out)
    monkeypatch.setattr("netwright.benchmarks.tables.nb201.SIZE", 3)
    table = open_table("nb201-imagenet16", out)
    assert table.clock == "seconds of training"
    assert table.test == pytest.approx([0.70888, 0.71888, 0.72888])


def test_a_download_that_lacks_architectures_is_refused(tmp_path):
    write(tmp_path / "000000.pickle.pbz2", {})
    with pytest.raises(InputError, match=r"has 1 of 15625 architectures; 000001\.pickle\.pbz2 is missing"):
        convert(tmp_path, tmp_path / "table.csv.gz")


def test_what_is_no_download_is_refused(tmp_path):
    with pytest.raises(InputError, match="no download that can be imported: give the folder NATS-tss"):
        convert(tmp_path / "absent", tmp_path / "table.csv.gz")


class Evil:
    """Would run a command when it is read."""

    def __reduce__(self):
        return os.system, ("touch hacked",)


@pytest.mark.parametrize("data", [Evil(), {"200": Evil()}, [np.arange(3)], {1, object}])
def test_anything_but_plain_data_is_refused_and_nothing_runs(tmp_path, monkeypatch, data):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "000000.pickle.pbz2", data)
    with pytest.raises(InputError, match=r"000000.*it names .*, which is no plain data"):
        read_pickle(path)
    assert not (tmp_path / "hacked").exists()


def test_numbers_of_other_kinds_are_refused(tmp_path):
    with pytest.raises(InputError, match="numbers of type 'i8'"):
        read_pickle(write(tmp_path / "a.pickle.pbz2", np.int64(3)))


@pytest.mark.parametrize(
    "content", [b"", b"no bzip2", bz2.compress(b"no pickle"), bz2.compress(pickle.dumps([1])[:-2])]
)
def test_damaged_files_are_refused(tmp_path, content):
    path = tmp_path / "000000.pickle.pbz2"
    path.write_bytes(content)
    with pytest.raises(InputError, match="cannot be read"):
        read_pickle(path)


@pytest.mark.parametrize("data", [[], {}, {"200": {}}, {"200": {"arch_index": 1, "arch_str": "", "all_results": {}}}])
def test_plain_data_of_something_else_is_refused(tmp_path, data):
    with pytest.raises(InputError, match="holds no results of NATS-Bench"):
        nats.read_row(write(tmp_path / "000000.pickle.pbz2", data))
