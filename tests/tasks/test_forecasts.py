"""Series to be continued: how windows are made of them, what the figures mean, and what is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import netwright
from netwright.deploy.network import Network
from netwright.errors import InputError
from netwright.tasks import Task, open_task
from netwright.tasks.time_series.forecasts import season_of

KIND = "forecasting"
STEPS = np.arange(240)
TIDE = 10 + 0.05 * STEPS + np.sin(2 * np.pi * STEPS / 12) + 0.05 * np.random.default_rng(0).normal(size=240)
WIND = np.cos(2 * np.pi * STEPS / 12)


def frame(**further) -> pd.DataFrame:
    days = pd.date_range("2001-01-01", periods=240, freq="D").strftime("%Y-%m-%d")
    return pd.DataFrame({"day": days, "tide": TIDE, "wind": WIND, **further})


@pytest.fixture
def task() -> Task:
    return open_task(frame(), kind=KIND, target="tide")


def test_a_season_is_found_in_noise_and_under_a_trend():
    assert season_of(TIDE[:, None]) == 12
    assert season_of(np.random.default_rng(1).normal(size=(300, 2)).cumsum(axis=0)) == 1


def test_windows_follow_each_other_in_time(task):
    prepare = task.prepare
    assert (prepare["season"], prepare["horizon"], prepare["names"]) == (12, 12, ["tide", "wind"])
    assert task.signature.inputs == (2, prepare["length"])
    counts = [len(part) for part in (task.train, task.valid, task.test)]
    begins = np.cumsum([prepare["length"], counts[0] + 11, counts[1] + 11])
    assert begins[1:].tolist() == [168, 204]
    last = begins[2] + counts[2] - 1 + 12
    assert last == len(STEPS)


def test_a_network_sees_differences_and_answers_in_naive_errors(task):
    begin, length = 168, task.prepare["length"]
    window, after = TIDE[begin - length : begin], TIDE[begin : begin + 12]
    assert task.valid.x[0, 0] == pytest.approx((window - window[-1]) / task.prepare["std"][0], abs=1e-5)
    naive = np.abs(TIDE[12:168] - TIDE[:156]).mean()
    assert task.valid.y[0] == pytest.approx((after - window[-1]) / naive, rel=1e-4)
    kept = task.answer.keep(np.zeros_like(task.valid.y), task.valid.y)
    assert task.score(kept, task.valid.y)["mase"] == pytest.approx(np.abs(task.valid.y).mean())


def test_the_naive_forecast_is_told(task):
    ago = [np.abs(TIDE[at : at + 12] - TIDE[at - 12 : at]) for at in range(204, 229)]
    expected = np.mean(ago) / np.abs(TIDE[12:168] - TIDE[:156]).mean()
    assert task.source["naive"]["test"] == pytest.approx(expected)
    assert any("12 steps ago" in line for line in task.source["warnings"])


@pytest.mark.parametrize("name", ["tides.csv", "tides.tsv", "tides.parquet"])
def test_files_and_frames_give_the_same(tmp_path, task, name):
    path = tmp_path / name
    if name.endswith("parquet"):
        frame().to_parquet(path)
    else:
        frame().to_csv(path, index=False, sep="\t" if name.endswith("tsv") else ",")
    found = open_task(path, kind=KIND, target="tide")
    assert found.name == "tides"
    assert np.allclose(found.train.x, task.train.x, atol=1e-5)
    assert np.allclose(found.train.y, task.train.y, atol=1e-4)


def test_every_column_is_forecast_where_none_is_named():
    found = open_task(np.stack([TIDE, WIND], axis=1), kind=KIND, horizon=5)
    assert found.signature.outputs == 10
    assert found.prepare["targets"] == ["series 1", "series 2"]


def test_gaps_are_drawn_and_texts_left_out():
    gapped = frame(place=["harbour", "pier"] * 120)
    gapped.loc[5, "tide"] = np.nan
    found = open_task(gapped, kind=KIND, target="tide")
    assert any("lacks 1 values" in line for line in found.source["warnings"])
    assert any("place" in line for line in found.source["warnings"])
    assert found.prepare["names"] == ["tide", "wind"]


def swapped() -> pd.DataFrame:
    rows = frame()
    rows.loc[[7, 8], "day"] = rows.loc[[8, 7], "day"].to_numpy()
    return rows


@pytest.mark.parametrize(
    ("source", "settings", "says"),
    [
        (swapped(), {}, "day is 2001-01-08 after 2001-01-09"),
        (frame(), {"target": "tyde"}, "tyde"),
        (frame().head(20), {}, "room for"),
        (frame(), {"horizon": 100}, "horizon of 100"),
        (np.ones(200), {}, "never change"),
        (np.array([np.inf, *TIDE]), {}, "infinite"),
        (np.where(STEPS % 3, TIDE, np.nan), {}, "lacks 33%"),
        (frame()[["day"]], {}, "no column of numbers"),
        ("somewhere/", {}, "no table of series"),
    ],
)
def test_what_cannot_be_continued_is_refused(source, settings, says):
    with pytest.raises(InputError, match=says):
        open_task(source, kind=KIND, **settings)


def test_only_forecasts_have_a_horizon():
    with pytest.raises(InputError, match="horizon"):
        open_task("digits", horizon=3)


def test_a_search_continues_series(tmp_path: Path) -> None:
    frame().to_csv(tmp_path / "tides.csv", index=False)
    found = netwright.search(
        tmp_path / "tides.csv",
        kind=KIND,
        target="tide",
        budget="3trials",
        recipe={"epochs": 6},
        executor="inline",
        out=tmp_path / "search",
    )
    assert found.finished
    assert {one["name"] for one in found.summary["baselines"]} == {"nlinear", "gru-64", "patch-transformer"}
    assert found.summary["best"]["test"]["mase"] < 3
    assert (tmp_path / "search" / "model.onnx").exists()
    network = Network.load(tmp_path / "search")
    steps = network.predict(tmp_path / "tides.csv")
    after = 10 + 0.05 * np.arange(240, 252) + np.sin(2 * np.pi * np.arange(240, 252) / 12)
    assert len(steps) == 12
    assert np.abs(np.array(steps) - after).mean() < 1.5
    with pytest.raises(InputError, match="give the last"):
        network.predict(frame().head(5))
    with pytest.raises(InputError, match="no column 'wind'"):
        network.predict(frame()[["tide"]])
