"""Which earlier search a new one starts from when it is left to find one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import netwright
from netwright.loop.catalogue import apart, nearest
from netwright.loop.provenance import describe
from netwright.space import Space, chain, choice, integer, op, repeat
from netwright.store import open_store
from netwright.tasks import Task, open_task
from netwright.trial import Measurement, Proposal, Trial

SPACE = Space(chain(repeat(op("conv", kernel=choice(1, 3), channels=choice(4, 8)), integer(1, 3)), op("head")), "small")
OTHER = Space(chain(op("conv", kernel=choice(5, 7), channels=integer(8, 64)), op("head")), "other")


@pytest.fixture(scope="module")
def digits() -> Task:
    return open_task("digits")


def searched(folder: Path, task: dict[str, Any], space: Space = SPACE, trials: int = 8) -> Path:
    """A search's log, with so many measured trials."""
    folder.mkdir()
    rng = np.random.default_rng(0)
    with open_store(folder / "search.sqlite", create=True) as store:
        store.put("space", space.name)
        store.put("task", task)
        store.add_space(space)
        proposed = [Trial(number, Proposal(space.sample(rng)), "search") for number in range(trials)]
        store.propose(proposed)
        for trial in proposed:
            store.finish(trial.complete(Measurement({"accuracy": 0.1 * trial.number})))
    return folder


def like(task: Task, **changed: Any) -> dict[str, Any]:
    return describe(task) | {"source": {}} | changed


def test_the_search_with_the_most_similar_data_is_found(tmp_path: Path, digits: Task) -> None:
    searched(tmp_path / "a-far", like(digits, counts={"train": 100_000}, outputs=100))
    near = searched(tmp_path / "b-near", like(digits, counts={"train": 3000}))
    assert nearest(tmp_path, digits, SPACE) == near
    same = searched(tmp_path / "c-same", describe(digits))
    assert nearest(tmp_path, digits, SPACE) == same


@pytest.mark.parametrize(
    ("changed", "space", "trials"),
    [({"kind": "text-classification"}, SPACE, 8), ({}, OTHER, 8), ({}, SPACE, 3)],
    ids=["another kind of task", "another space", "too few results"],
)
def test_what_has_nothing_to_tell_is_passed_over(tmp_path: Path, digits: Task, changed, space, trials) -> None:
    searched(tmp_path / "first", like(digits, **changed), space, trials)
    assert nearest(tmp_path, digits, SPACE) is None
    useful = searched(tmp_path / "second", like(digits, counts={"train": 10}))
    assert nearest(tmp_path, digits, SPACE) == useful


def test_damaged_and_foreign_folders_are_passed_over(tmp_path: Path, digits: Task) -> None:
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged" / "search.sqlite").write_bytes(b"no database")
    (tmp_path / "foreign").mkdir()
    (tmp_path / "file").write_text("no folder")
    assert nearest(tmp_path, digits, SPACE) is None
    assert nearest(tmp_path / "nowhere", digits, SPACE) is None


def test_distance_grows_with_every_difference(digits: Task) -> None:
    here = like(digits)
    assert apart(here, here) == 0
    fewer = apart(here, like(digits, counts={"train": 100}))
    larger = apart(here, like(digits, counts={"train": 100}, inputs=[3, 8, 8]))
    assert 0 < fewer < larger
    assert apart(here, like(digits, outputs=20)) == apart(like(digits, outputs=20), here) > 0


def test_a_search_starts_from_what_was_found(tmp_path: Path, digits: Task) -> None:
    earlier = searched(tmp_path / "earlier", like(digits))
    found = netwright.search(
        digits,
        space=SPACE,
        method="genetic",
        budget="2trials",
        recipe={"epochs": 1},
        executor="inline",
        warm_start="auto",
        out=tmp_path / "new",
    )
    assert [trial.proposal.origin for trial in found.trials if trial.phase == "search"] == ["warm start"] * 2
    with open_store(tmp_path / "new" / "search.sqlite") as store:
        assert any(str(earlier) in line for line in store.get("plan"))
