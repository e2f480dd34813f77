"""A small search for a language model, from the text file to what it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

import netwright
from netwright.deploy.network import Network
from netwright.space import Space, chain, choice, op

SMALL = Space(
    chain(
        op("embedding", channels=choice(8, 16)),
        choice(op("recurrent", bidirectional=False), op("conv", kernel=choice(2, 3), norm="layer", causal=True)),
        op("language-head"),
    ),
    "small",
)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> netwright.Result:
    folder = tmp_path_factory.mktemp("language")
    (folder / "story.txt").write_text("".join(f"{'abcd'[index % 4]} cat saw a dog.\n" for index in range(300)))
    return netwright.search(
        folder / "story.txt",
        space=SMALL,
        budget="3trials",
        constraints="params<3k",
        recipe={"epochs": 6, "learning_rate": 0.02},
        workers=1,
        out=folder / "search",
    )


def test_a_search_finds_a_network_that_has_learnt_the_text(written: netwright.Result) -> None:
    best = written.summary["best"]
    assert best["test"]["bits_per_token"] < 1.5
    assert best["test"]["perplexity"] == pytest.approx(2 ** best["test"]["bits_per_token"], rel=0.05)
    assert written.summary["metric"] == "bits_per_token"
    assert written.verdict
    assert written.summary["delivered"]["onnx"]["file"] == "model.onnx"


def test_what_it_delivers_writes_and_tells_how(written: netwright.Result) -> None:
    network = Network.load(written.directory)
    assert written.predict(["a cat"]) == network.generate(["a cat"])
    assert "saw" in network.generate("a cat ", tokens=12, temperature=0.0)[0]
    card = Path(written.directory, "model_card.md").read_text()
    assert "network.generate(" in card
    assert "characters of a text" in card
    report = Path(written.directory, "report.html").read_text()
    assert "bits per token" in report
