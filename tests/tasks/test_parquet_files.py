"""Parquet files: the same task as the CSV file of the same table, and what is wrong with others."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from netwright.errors import InputError, MissingExtra
from netwright.tasks import open_task

pandas = pytest.importorskip("pandas")
pytest.importorskip("pyarrow")


def frame(rows: int = 60):
    rng = np.random.default_rng(0)
    made = pandas.DataFrame(
        {
            "age": rng.integers(20, 60, rows),
            "height": np.where(np.arange(rows) % 7 == 0, np.nan, rng.normal(170, 10, rows).round(1)),
            "colour": [("red", "blue", None)[place % 3] for place in range(rows)],
            "member": np.arange(rows) % 5 == 0,
            "label": [("no", "yes")[place % 2] for place in range(rows)],
        }
    )
    return made.astype({"colour": "category"})


@pytest.fixture
def people(tmp_path: Path) -> Path:
    path = tmp_path / "people.parquet"
    frame().to_parquet(path)
    return path


def test_every_form_of_a_table_gives_the_same_task(people: Path, tmp_path: Path) -> None:
    frame().to_csv(tmp_path / "people.csv", index=False)
    prints = {open_task(source, target="label").fingerprint for source in (people, tmp_path / "people.csv", frame())}
    assert len(prints) == 1


def test_types_and_gaps(people: Path) -> None:
    task = open_task(people, target="label")
    columns = {column["name"]: column for column in task.prepare["columns"]}
    assert {name: column["type"] for name, column in columns.items()} == {
        "age": "number",
        "height": "number",
        "colour": "text",
        "member": "text",
    }
    assert columns["height"]["indicator"]
    assert columns["colour"]["indicator"]
    assert task.signature.columns == (1, 1, 1, 3, 2)
    assert sum(task.signature.columns) == task.train.x.shape[1]


def test_new_rows_come_from_files_too(people: Path, tmp_path: Path) -> None:
    task = open_task(people, target="label")
    new = frame(8).drop(columns="label")
    new.to_parquet(tmp_path / "new.parquet")
    assert np.array_equal(task.encode(tmp_path / "new.parquet"), task.encode(new))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda made: made.rename(columns={"label": "lable"}), "unknown column 'label': did you mean 'lable'"),
        (lambda made: made.assign(age=pandas.Timestamp("2024-01-01")), r"column 'age' holds timestamp.*: give numbers"),
        (lambda made: made.assign(age=[[1, 2]] * len(made)), r"column 'age' holds list<"),
        (lambda made: made.assign(height=np.inf), "has inf in column 'height'"),
        (lambda made: made.head(0), "holds no examples"),
    ],
)
def test_what_cannot_be_used_is_named(change, words: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.parquet"
    change(frame()).to_parquet(path)
    with pytest.raises(InputError, match=words):
        open_task(path, target="label")


def test_a_damaged_file(tmp_path: Path, people: Path) -> None:
    broken = tmp_path / "broken.parquet"
    for content in (b"", b"PAR1 no", people.read_bytes()[:500]):
        broken.write_bytes(content)
        with pytest.raises(InputError, match=r"broken\.parquet: not a readable Parquet file"):
            open_task(broken, target="label")


def test_the_extra_is_named(people: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r"netwright\[tables\]"):
        open_task(people, target="label")


def test_texts_that_training_does_not_have_are_counted(tmp_path: Path) -> None:
    rare = frame(400).assign(colour=["red", "blue"] * 200).astype({"colour": "object"})
    task = open_task(rare, target="label")
    held = open_task(rare, target="label").source["warnings"]
    assert held == []
    rare.loc[range(0, 400, 3), "colour"] = [f"odd {place}" for place in range(0, 400, 3)]
    told = open_task(rare, target="label").source["warnings"]
    assert sum("have a text in column 'colour' that no training row has" in line for line in told) == 2
    from netwright.tasks.encoding import strange

    new = frame(3).assign(colour=["red", "green", None])
    assert strange(new, task.prepare) == ["the rows: 1 values of column 'colour' that training did not have (green)"]
