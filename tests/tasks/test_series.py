"""Time series with labels, from every format that they come in."""

from __future__ import annotations

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.tasks import Task, open_task
from netwright.tasks.readers.split_files import split_files

KIND = "time-series-classification"


def waves(count=40, steps=24, channels=1):
    """Slow and fast waves, (N, C, T), with their labels."""
    rng = np.random.default_rng(1)
    speeds = np.where(np.arange(count) % 2, 0.9, 0.3)[:, None, None] * np.linspace(1, 1.2, channels)[:, None]
    x = np.sin(speeds * np.arange(steps) + rng.uniform(0, 6, (count, 1, 1))) + 0.1 * rng.normal(
        size=(count, channels, steps)
    )
    return x.astype(np.float32), np.array(["slow", "fast"] * (count // 2))


def ts_text(x, y, channels=1):
    head = ["# waves", "@problemName waves", "@timestamps false", f"@univariate {channels == 1}"]
    head += ["@classLabel true slow fast", "@data"]
    rows = [[",".join(f"{value:.6g}" for value in row) for row in one] for one in x]
    return "\n".join([*head, *(":".join([*row, label]) for row, label in zip(rows, y, strict=True))]) + "\n"


def table_text(x, y, delimiter, names=None, first=False):
    lines = [] if names is None else [delimiter.join(names)]
    for one, label in zip(x[:, 0], y, strict=True):
        values = [f"{value:.6g}" for value in one]
        lines.append(delimiter.join([label, *values] if first else [*values, label]))
    return "\n".join(lines) + "\n"


STEPS = [f"t{step}" for step in range(24)]
FORMATS = {
    "waves.ts": lambda x, y: ts_text(x, y),
    "waves.tsv": lambda x, y: table_text(x, y, "\t", first=True),
    "named.csv": lambda x, y: table_text(x, y, ",", [*STEPS, "label"]),
    "first.csv": lambda x, y: table_text(x, y, ",", ["class", *STEPS], first=True),
}


@pytest.fixture(params=[*FORMATS, "waves.npz", "flat.npz", "splits", "arrays"])
def source(request, tmp_path):
    (x, y), name = waves(), request.param
    if name == "arrays":
        return x, y
    if name == "splits":
        (tmp_path / "Waves_TRAIN.ts").write_text(ts_text(x[:30], y[:30]))
        (tmp_path / "Waves_TEST.ts").write_text(ts_text(x[30:], y[30:]))
        return tmp_path
    if name.endswith(".npz"):
        np.savez(tmp_path / name, X=x[:, 0] if name == "flat.npz" else x, y=y)
    else:
        (tmp_path / name).write_text(FORMATS[name](x, y))
    return tmp_path / name


def test_every_format_is_a_series_task(source, tmp_path):
    task = open_task(source, kind=KIND)
    assert (task.kind, task.classes, task.default_space) == (KIND, ("fast", "slow"), "series")
    assert (task.signature.inputs, task.signature.form, task.signature.padded) == ((1, 24), "sequence", False)
    assert sum(len(split) for split in task.splits.values()) == 40
    assert abs(float(task.train.x.mean())) < 1e-3
    assert abs(float(task.train.x.std()) - 1) < 1e-3
    task.save(tmp_path / "saved")
    assert Task.load(tmp_path / "saved").fingerprint == task.fingerprint
    assert [one.size for one in task.baselines()] == ["small", "medium", "large"]


def test_ts_needs_no_kind_and_predicts_from_any_file(tmp_path):
    x, y = waves()
    (tmp_path / "waves.ts").write_text(ts_text(x, y))
    task = open_task(tmp_path / "waves.ts")
    assert task.kind == KIND
    np.savez(tmp_path / "new.npz", X=x)
    (tmp_path / "new.csv").write_text("\n".join(",".join(f"{v:.6g}" for v in one[0]) for one in x))
    (tmp_path / "new.tsv").write_text(table_text(x, y, "\t", first=True))
    expected = task.encode(x)
    for name in ("waves.ts", "new.npz", "new.csv", "new.tsv"):
        assert np.allclose(task.encode(tmp_path / name), expected, atol=1e-4), name


def test_channels_lengths_and_gaps(write):
    x, y = waves(channels=2)
    lines = ts_text(x, y, 2).splitlines()
    lines[6] = ":".join("0.1,?,0.3,0.4,0.5,0.6" for _ in range(2)) + ":slow"
    task = open_task(write("t.ts", "\n".join(lines)), valid=0.2, test=0.2)
    assert (task.signature.inputs, task.signature.padded) == ((2, 24), True)
    assert any("1 series lack values: these are drawn from their neighbours" in one for one in task.source["warnings"])
    short = task.encode([x[0][:, :5]])
    assert not short[0, :, 5:].any()
    assert short[0, :, :5].all()


def test_long_series_are_thinned():
    x, y = waves(steps=2400)
    task = open_task((x, y), kind=KIND)
    assert task.signature.inputs == (1, 800)
    assert any("each 3 steps become their mean" in line for line in task.source["warnings"])
    mean, std = task.prepare["mean"][0], task.prepare["std"][0]
    assert np.isclose(task.encode(x[:1])[0, 0, 0], (x[0, 0, :3].mean() - mean) / std, atol=1e-5)


BROKEN = [
    ("0.1,x,0.3:slow", r"t.ts, line 47: 'x' is no number"),
    ("0.1,inf,0.3:slow", r"t.ts, line 47 holds infinite values"),
    ("0.1,0.2:0.3,0.4:slow", r"t.ts, line 47 has 2 channels, others 1"),
    ("?,?,?,?:slow", r"t.ts, line 47 lacks 100% of its values"),
    ("0.1,0.2,0.3:", r"t.ts, line 47: no value in the target"),
]


@pytest.mark.parametrize(("line", "message"), BROKEN)
def test_bad_lines_are_named(write, line, message):
    with pytest.raises(InputError, match=message):
        open_task(write("t.ts", ts_text(*waves()) + line + "\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2:a\n", "a series before @data"),
        ("@timestamps true\n@data\n", "series with time stamps"),
        ("@targetlabel true\n@data\n", "values to predict, not classes"),
        ("@data\n", "holds no series"),
    ],
)
def test_foreign_ts_files_are_refused(write, text, message):
    with pytest.raises(InputError, match=message):
        open_task(write("t.ts", text))


def test_other_channels_and_steps_are_refused_in_prediction():
    task = open_task(waves(), kind=KIND)
    with pytest.raises(InputError, match="series 0 has 2 channels: the training series have 1"):
        task.encode(np.zeros((1, 2, 24)))
    with pytest.raises(InputError, match="series 0 has 9 steps: the training series have 24"):
        task.encode(np.zeros((1, 1, 9)))


def test_unknown_classes_in_the_test_split_are_named(tmp_path):
    x, y = waves()
    (tmp_path / "a_TRAIN.ts").write_text(ts_text(x, y))
    (tmp_path / "a_TEST.ts").write_text(ts_text(x[:4], ["slow", "fast", "slow", "other"]))
    with pytest.raises(InputError, match=r"a_TEST.ts, line 10 of the test split has the label 'other'"):
        open_task(tmp_path)


def test_files_of_splits(tmp_path):
    for name in ("x_TRAIN.ts", "x_TEST.ts.gz", "notes.txt", "validate.ts"):
        (tmp_path / name).write_text("")
    assert {split: path.name for split, path in split_files(tmp_path, (".ts",)).items()} == {
        "train": "x_TRAIN.ts",
        "test": "x_TEST.ts.gz",
    }
