"""Starting from an earlier search."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netwright
from netwright.errors import InputError
from netwright.loop.earlier import earlier_trials, read_earlier
from netwright.space import Node, Space, chain, choice, integer, op, program, repeat
from netwright.store import open_store
from netwright.trial import Measurement, Phase, Proposal, Trial

SPACE = Space(chain(repeat(op("conv", kernel=choice(1, 3), channels=choice(4, 8)), integer(1, 2)), op("head")), "small")


def searched(folder: Path, phases: tuple[Phase, ...], space: Space = SPACE) -> list[Trial]:
    """A search's log with one measured trial of each phase."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    with open_store(folder / "search.sqlite", create=True) as store:
        store.put("space", space.name)
        store.add_space(space)
        trials = [Trial(number, Proposal(space.sample(rng)), phase) for number, phase in enumerate(phases)]
        store.propose(trials)
        done = [trial.complete(Measurement({"accuracy": 0.1 * trial.number})) for trial in trials]
        for trial in done:
            store.finish(trial)
    return done


def test_what_was_searched_comes_back_whole(tmp_path: Path) -> None:
    done = searched(tmp_path / "first", ("search", "search", "control", "promotion", "final"))
    found = earlier_trials(read_earlier(tmp_path / "first"))
    assert [trial.key for trial in found] == [trial.key for trial in done[:3]]
    assert [trial.metric("accuracy") for trial in found] == pytest.approx([0.0, 0.1, 0.2])


def test_a_search_without_results_is_refused(tmp_path: Path) -> None:
    searched(tmp_path / "first", ("final",))
    with pytest.raises(InputError, match="measured nothing yet"):
        read_earlier(tmp_path / "first")


def test_a_space_that_cannot_be_written_down_is_refused(tmp_path: Path) -> None:
    def build(decide: Callable[[str, Any], Any]) -> Node:
        return op("head", dropout=decide("dropout", choice(0.0, 0.5)))

    searched(tmp_path / "first", ("search",), Space(program(build, "build"), "made"))
    with pytest.raises(InputError, match="made by Python code"):
        read_earlier(tmp_path / "first")


def test_a_folder_without_a_search_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no search to start from"):
        netwright.search("digits", out=tmp_path / "new", warm_start=tmp_path / "nowhere", executor="inline")
    assert not (tmp_path / "new").exists()
