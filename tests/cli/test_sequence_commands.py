"""`netwright predict` on texts, series and recordings, with small untrained networks; what new users get wrong."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.io import wavfile
from typer.testing import Result

from netwright.backends.torch.build import build
from netwright.deploy.weights import save_network
from netwright.space import Node, Space, chain, op
from netwright.tasks import Task, open_task

Run = Callable[..., Result]


def save(task: Task, body: Node, folder: Path) -> Path:
    torch.manual_seed(0)
    graph = Space(body).architecture({}).graph
    folder.mkdir()
    save_network(build(graph, task.signature), graph, task, folder)
    return folder


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    lines = [f"a {('fine', 'dull')[at % 2]} film of the year {'abcdef'[at % 6]}{at}\t{at % 2}" for at in range(60)]
    (tmp_path / "reviews.tsv").write_text("\n".join(lines))
    body = chain(op("embedding", channels=4), op("recurrent"), op("head"))
    return save(open_task(tmp_path / "reviews.tsv"), body, tmp_path / "net")


def test_lines_of_a_text_get_a_class_each(run: Run, reviews: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("a fine film\na dull year\nsomething else\n")
    ran = run("predict", reviews, tmp_path / "new.txt")
    assert ran.exit_code == 0, ran.output
    rows = [line.split("\t") for line in ran.stdout.splitlines()]
    assert [row[0] for row in rows] == [f"{tmp_path}/new.txt:{number}" for number in (1, 2, 3)]
    assert {row[1] for row in rows} <= {"0", "1"}
    told = run("predict", reviews, tmp_path / "new.txt", "--json")
    assert [row["label"] for row in json.loads(told.stdout)["predictions"]] == [row[1] for row in rows]


def test_an_empty_line_is_named(run: Run, reviews: Path, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("a fine film\n\na dull year\n")
    ran = run("predict", reviews, tmp_path / "new.txt")
    assert ran.exit_code == 2
    assert "new.txt, line 2 holds no words" in ran.output


def test_recordings_get_a_class_each(run: Run, tmp_path: Path) -> None:
    for at in range(40):
        label = ("low", "high")[at % 2]
        (tmp_path / "tones" / label).mkdir(parents=True, exist_ok=True)
        wave = np.sin(np.arange(2000) * (0.2, 1.0)[at % 2] + at) * 20_000
        wavfile.write(tmp_path / "tones" / label / f"{at}.wav", 8000, wave.astype(np.int16))
    network = save(open_task(tmp_path / "tones"), chain(op("lift"), op("conv"), op("head")), tmp_path / "net")
    files = [tmp_path / "tones" / "low" / "0.wav", tmp_path / "tones" / "high" / "1.wav"]
    ran = run("predict", network, *files)
    assert ran.exit_code == 0, ran.output
    assert [line.split("\t")[0] for line in ran.stdout.splitlines()] == [str(path) for path in files]
    (tmp_path / "broken.wav").write_bytes(b"RIFF")
    ran = run("predict", network, tmp_path / "broken.wav")
    assert (ran.exit_code, "broken.wav: not a readable WAV file" in ran.output) == (2, True)


def test_series_get_a_class_each(run: Run, tmp_path: Path) -> None:
    waves = [np.sin(at + np.arange(12) * (1 + at % 2)) for at in range(40)]
    lines = [",".join([str(at % 2), *(f"{value:.4f}" for value in wave)]) for at, wave in enumerate(waves)]
    (tmp_path / "waves.csv").write_text("\n".join(lines))
    task = open_task(tmp_path / "waves.csv", kind="time-series-classification")
    network = save(task, chain(op("conv", channels=4), op("head")), tmp_path / "net")
    ran = run("predict", network, tmp_path / "waves.csv")
    assert ran.exit_code == 0, ran.output
    assert len(ran.stdout.splitlines()) == 40


def test_a_space_for_another_domain_is_refused_before_anything_runs(run: Run, reviews: Path, tmp_path: Path) -> None:
    for space in ("mobile", "series", "mlp"):
        ran = run("search", tmp_path / "reviews.tsv", "--space", space, "--out", tmp_path / space)
        assert ran.exit_code == 2, ran.output
        assert any(
            said in ran.output for said in ("leave --space out", "is for images", "needs numbers, but gets tokens")
        )
        assert not (tmp_path / space).exists() or not list((tmp_path / space).glob("search.sqlite"))
