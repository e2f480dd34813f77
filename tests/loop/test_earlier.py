"""Starting from an earlier search."""

from __future__ import annotations

from pathlib import Path

import pytest

import netwright
from netwright.errors import InputError
from netwright.space import Space, chain, choice, integer, op, repeat
from netwright.store import open_store

SPACE = Space(chain(repeat(op("conv", kernel=choice(1, 3), channels=choice(4, 8)), integer(1, 2)), op("head")), "small")


def run(folder: Path, budget: str, warm_start: Path | None = None, space: Space = SPACE) -> netwright.Result:
    return netwright.search(
        "digits", space=space, budget=budget, workers=1, executor="inline", out=folder, warm_start=warm_start
    )


def test_a_search_begins_with_what_an_earlier_one_found(tmp_path: Path) -> None:
    first = run(tmp_path / "first", "8trials")
    done = [trial for trial in first.trials if trial.phase == "search"]
    best = max(done, key=lambda trial: trial.metric("accuracy"))
    second = run(tmp_path / "second", "7trials", tmp_path / "first")
    searched = [trial for trial in second.trials if trial.phase == "search"]
    assert [trial.proposal.origin for trial in searched[:3]] == ["warm start"] * 3
    assert best.metric("accuracy") in [trial.metric("accuracy") for trial in done if trial.key == searched[0].key]
    with open_store(tmp_path / "second" / "search.sqlite") as store:
        assert len(store.get("earlier")["trials"]) >= 8


def test_a_folder_without_a_search_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no search to start from"):
        run(tmp_path / "new", "2trials", tmp_path / "nowhere")
    assert not (tmp_path / "new").exists()
