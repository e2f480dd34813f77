"""Translations and how good they are."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.tasks.test_translations import sentences, tsv
from typer.testing import CliRunner

import netwright
from netwright.cli.app import app
from netwright.deploy import translated as module
from netwright.deploy.network import Network
from netwright.deploy.translated import sides, translated
from netwright.errors import MissingExtra
from netwright.space import Space, chain, choice, op
from netwright.tasks import open_task

BODY = chain(
    op("embedding", channels=choice(32, 48), positions="learned"),
    op("transformer", heads=4, expansion=2, causal=True),
    op("transformer", heads=4, expansion=2, causal=True),
    op("language-head"),
)


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> netwright.Result:
    folder = tmp_path_factory.mktemp("translation")
    (folder / "pairs.tsv").write_text(tsv(sentences(108) * 4))
    torch.set_num_threads(1)
    return netwright.search(
        open_task(folder / "pairs.tsv", kind="translation"),
        space=Space(BODY, "small"),
        budget="1trials",
        constraints="params<100k",
        recipe={"epochs": 12, "learning_rate": 0.01},
        workers=1,
        out=folder / "search",
    )


def test_a_search_learns_to_translate(found: netwright.Result) -> None:
    pytest.importorskip("sacrebleu", reason="needs netwright[translation]")
    told = found.summary["delivered"]["translation"]
    assert told["bleu"] > 30
    assert told["chrf"] > 40
    assert len(told["samples"]) == 3
    assert told["said"] in Path(found.directory, "model_card.md").read_text().replace("\\", "")
    assert f"BLEU {told['bleu']:.1f}" in Path(found.directory, "report.html").read_text()
    assert found.predict(["The dog sees the cat."])[0].endswith(".")


def test_lines_are_translated(found: netwright.Result, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("The dog sees the cat.\nThe boy loves the tree.\n")
    arguments = ["predict", str(found.directory), str(tmp_path / "new.txt")]
    plain = CliRunner().invoke(app, arguments)
    assert plain.exit_code == 0, plain.output
    rows = [line.split("\t") for line in plain.stdout.splitlines()]
    assert [place for place, _ in rows] == [f"{tmp_path}/new.txt:{row}" for row in (1, 2)]
    told = json.loads(CliRunner().invoke(app, [*arguments, "--json"]).stdout)
    assert [row["translation"] for row in told["predictions"]] == [text for _, text in rows]
    assert "quality" not in told


def test_scores_are_those_of_sacrebleu(found: netwright.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("sacrebleu", reason="needs netwright[translation]")
    network = Network.load(found.directory)
    task = found.task
    sources, references = sides(task.prepare, task.test, 50)
    assert set(zip(sources, references, strict=True)) <= set(sentences())
    monkeypatch.setattr(Network, "generate", lambda self, texts, **given: references[: len(texts)])
    perfect = translated(network, task.test, 50)
    assert (perfect.bleu, perfect.chrf, perfect.sentences) == (pytest.approx(100.0), pytest.approx(100.0), 50)


def test_without_sacrebleu_it_is_said(found: netwright.Result, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "sacrebleu.metrics", None)
    with pytest.raises(MissingExtra, match=r"sacrebleu is not installed: pip install 'netwright\[translation\]'"):
        module.translated(Network.load(found.directory), found.task.test)
    assert np.isfinite(found.summary["best"]["test"]["perplexity"])
