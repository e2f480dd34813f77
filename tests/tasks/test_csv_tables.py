from __future__ import annotations

import gzip

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.tasks import open_task

HEAD = "age,colour,height,label\n"


def lines(count=60, gap=None):
    """A table with a number column, a text column, a number column with gaps, and text labels."""
    rng = np.random.default_rng(3)
    made = []
    for index in range(count):
        height = "" if index % 7 == 0 else f"{rng.normal(170, 10):.1f}"
        made.append(
            f"{rng.integers(20, 60)},{('red', 'blue', 'green')[index % 3]},{height},{('no', 'yes')[index % 2]}\n"
        )
    return made


@pytest.fixture
def people(write):
    return write("people.csv", HEAD + "".join(lines()))


def test_columns_and_classes(people):
    task = open_task(people, target="label")
    assert (task.name, task.kind, task.classes) == ("people", "tabular-classification", ("no", "yes"))
    assert [column["type"] for column in task.prepare["columns"]] == ["number", "text", "number"]
    assert task.signature.inputs == (1 + 3 + 2,)
    assert all(np.isfinite(split.x).all() for split in task.splits.values())
    assert task.source["target"] == "label"


def test_gzip_and_separators_give_the_same_task(people, tmp_path):
    text = people.read_text()
    packed, tabs = tmp_path / "people.csv.gz", tmp_path / "people.tsv"
    packed.write_bytes(gzip.compress(text.encode()))
    tabs.write_text("\ufeff" + text.replace(",", "\t"), encoding="utf-8")
    prints = {open_task(path, target="label").fingerprint for path in (people, packed, tabs)}
    assert len(prints) == 1


def test_commas_in_a_file_of_tabs_are_text(write):
    text = "a, or b, or c\tx, in m\tlabel\n" + "".join(f"{i % 4}.5\t{i}, so\t{'ab'[i % 2]}\n" for i in range(40))
    task = open_task(write("t.tsv", text), target="label")
    assert task.prepare["names"] == ["a, or b, or c", "x, in m"]


def test_an_index_column_is_left_out(write):
    text = "," + HEAD + "".join(f"{place},{line}" for place, line in enumerate(lines()))
    task = open_task(write("indexed.csv", text), target="label")
    assert task.prepare["names"] == ["age", "colour", "height"]
    assert any("only counts the rows" in warning for warning in task.source["warnings"])


def test_columns_without_use_are_left_out_with_a_warning(write):
    text = "id,same,x,y\n" + "".join(f"n{i},1,{i % 5}.5,{'ab'[i % 2]}\n" for i in range(40))
    task = open_task(write("t.csv", text), target="y")
    assert [column["name"] for column in task.prepare["columns"]] == ["x"]
    assert "'id' has a different text in almost every row" in task.source["warnings"][0]
    assert "'same' has the same value everywhere" in task.source["warnings"][1]


def test_target_is_asked_for_and_the_nearest_named(people):
    with pytest.raises(InputError, match=r"which column is the target.*age, colour, height, label"):
        open_task(people)
    with pytest.raises(InputError, match="did you mean 'label'"):
        open_task(people, target="labels")


def test_a_file_without_column_names_is_recognised(write):
    path = write("bare.csv", "".join(lines()))
    with pytest.raises(InputError, match="a first line with the names of the columns"):
        open_task(path, target="label")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("30,red,170\n", r"line 62: 3 values for 4 columns"),
        ("30,red,170,\n", r"line 62: no value in the target 'label'"),
        ("30,red,inf,yes\n", r"line 62 has inf in column 'height'"),
        ('30,"red,170,yes\n', r"line 62: unexpected end of data"),
        ("30,red\x00,170\n", r"line 62"),
    ],
)
def test_bad_lines_are_named(write, line, message):
    with pytest.raises(InputError, match=message):
        open_task(write("bad.csv", HEAD + "".join(lines()) + line), target="label", valid=0.1, test=0.1)


def test_infinite_number_in_any_split_is_refused(write):
    for place in range(0, 60, 7):
        rows = lines()
        rows[place] = "1e400,red,170,yes\n"
        with pytest.raises(InputError, match=f"line {place + 2} has inf in column 'age'"):
            open_task(write("bad.csv", HEAD + "".join(rows)), target="label")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no line of column names"),
        ("a,b\n", "holds no examples"),
        ("a,a\n1,2\n", "more than one column is called 'a'"),
        ("label\nyes\nno\n", "no column beside the target"),
        ("a,label\n" + "1,yes\n" * 30, "every example has the label 'yes'"),
        ("a,label\n" + "1,yes\n" * 30 + "2,no\n", "class 'no' has only 1 example, too few"),
        ("a,label\n" + "1,yes\n1,no\n" * 30, "no column to learn from"),
    ],
)
def test_tables_that_cannot_be_used(write, text, message):
    with pytest.raises(InputError, match=message):
        open_task(write("t.csv", text), target="label")


def test_constant_numeric_target(write):
    path = write("t.csv", "a,label\n" + "".join(f"{i},1.5\n" for i in range(30)))
    with pytest.raises(InputError, match=r"'label' is 1\.5 everywhere"):
        open_task(path, target="label")


def test_not_utf8(tmp_path):
    path = tmp_path / "latin.csv"
    path.write_bytes("a,b\n1,2\né,3\n".encode("latin-1"))
    with pytest.raises(InputError, match="line 3: not UTF-8"):
        open_task(path, target="b")


def test_damaged_gzip(tmp_path):
    path = tmp_path / "t.csv.gz"
    path.write_bytes(gzip.compress(b"a,b\n1,2\n" * 100)[:-20])
    with pytest.raises(InputError, match="not a readable gzip file"):
        open_task(path, target="b")


def test_regression_from_numbers(write):
    path = write("t.csv", "a,price\n" + "".join(f"{i},{i * 2.5 + 0.25}\n" for i in range(50)))
    task = open_task(path, target="price")
    assert (task.kind, task.metric, task.classes, task.signature.outputs) == ("tabular-regression", "rmse", (), 1)
    assert task.prepare["target_mean"] == pytest.approx(task.train.y.mean(), rel=1e-6)
    assert task.prepare["target_std"] == pytest.approx(task.train.y.std(), rel=1e-6)


def test_prediction_ignores_the_target_and_other_columns(people, write):
    task = open_task(people, target="label")
    text = "extra,height,colour,age\n" + "9,,blue,33\n" + "9,181,violet,44\n"
    x = task.encode(write("new.csv", text))
    same = task.encode(
        [{"age": 33, "colour": "blue", "height": None}, {"age": 44.0, "colour": "violet", "height": "181"}]
    )
    assert np.array_equal(x, same)
    assert x[1, 1:4].tolist() == [0, 0, 0]
    assert x[0, 5] == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("age,color,height\n3,red,4\n", r"new\.csv lacks the column 'colour' of the training data: rename 'color'"),
        ("age,height\n3,4\n", r"lacks the column 'colour' of the training data: (rename|add)"),
        ("age,colour,height\n3,red,4\nold,red,5\n", r"new\.csv, line 3 has 'old' in column 'age'"),
    ],
)
def test_prediction_errors_name_file_line_and_column(people, write, text, message):
    task = open_task(people, target="label")
    with pytest.raises(InputError, match=message):
        task.encode(write("new.csv", text))


def test_prediction_on_a_missing_file(people, tmp_path):
    task = open_task(people, target="label")
    with pytest.raises(InputError, match=r"absent\.csv: No such file"):
        task.encode(tmp_path / "absent.csv")
