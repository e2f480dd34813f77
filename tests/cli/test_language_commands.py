"""`netwright predict` with a language model: lines that go on, and bits per character."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from typer.testing import Result

from netwright.backends.torch.build import build
from netwright.deploy.weights import save_network
from netwright.space import Space, chain, op
from netwright.tasks import open_task

Run = Callable[..., Result]


@pytest.fixture
def writer(tmp_path: Path) -> Path:
    """An untrained network."""
    story = tmp_path / "story.txt"
    story.write_text("".join(f"{index}: the cat saw the dog and ran\n" for index in range(100)))
    task = open_task(story)
    body = chain(op("embedding", channels=4), op("recurrent", bidirectional=False), op("language-head"))
    torch.manual_seed(0)
    graph = Space(body).architecture({}).graph
    (tmp_path / "net").mkdir()
    save_network(build(graph, task.signature), graph, task, tmp_path / "net")
    return tmp_path / "net"


def test_each_line_goes_on(run: Run, writer: Path, tmp_path: Path) -> None:
    (tmp_path / "prompts.txt").write_text("the cat\nthe dog\n")
    ran = run("predict", writer, tmp_path / "prompts.txt", "--tokens", 20, "--seed", 3, "--json")
    assert ran.exit_code == 0, ran.output
    told = json.loads(ran.stdout)
    assert [(row["row"], row["prompt"]) for row in told["predictions"]] == [(1, "the cat"), (2, "the dog")]
    assert all(0 < len(row["text"]) <= 20 for row in told["predictions"])
    [quality] = told["quality"]
    assert quality["characters"] == len("the cat\nthe dog") - 1
    assert 2 < quality["bits_per_character"] < 8
    again = run("predict", writer, tmp_path / "prompts.txt", "--tokens", 20, "--seed", 3, "--json")
    assert again.stdout == ran.stdout
    plain = run("predict", writer, tmp_path / "prompts.txt", "--tokens", 20, "--seed", 3)
    lines = plain.stdout.splitlines()
    assert lines[0] == f"{tmp_path}/prompts.txt:1"
    assert lines[1].startswith("the cat")
    assert "bits per character" in plain.stderr


def test_a_text_is_only_measured_without_tokens(run: Run, writer: Path, tmp_path: Path) -> None:
    ran = run("predict", writer, tmp_path / "story.txt", "--tokens", 0)
    assert ran.exit_code == 0, ran.output
    assert ran.stdout.startswith(f"{tmp_path}/story.txt: ")
    assert ran.stdout.endswith(" bits per character\n")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--temperature", "200"), "the temperature is 200.0: give 0 to 100"),
        (("--tokens", "2000000"), "a text cannot go on for 2000000 tokens"),
    ],
)
def test_settings_out_of_bounds_are_refused(
    run: Run, writer: Path, tmp_path: Path, options: tuple[str, str], says: str
) -> None:
    ran = run("predict", writer, tmp_path / "story.txt", *options)
    assert (ran.exit_code, says in ran.stderr) == (2, True)


def test_other_networks_have_no_such_settings(run: Run, tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("\n".join(f"a {('fine', 'dull')[at % 2]} film {at}\t{at % 2}" for at in range(60)))
    task = open_task(tmp_path / "t.tsv", kind="text-classification")
    graph = Space(chain(op("embedding", channels=4), op("head"))).architecture({}).graph
    (tmp_path / "other").mkdir()
    save_network(build(graph, task.signature), graph, task, tmp_path / "other")
    ran = run("predict", tmp_path / "other", tmp_path / "t.tsv", "--temperature", 0)
    assert (ran.exit_code, "--temperature is for language models: leave it out" in ran.stderr) == (2, True)
