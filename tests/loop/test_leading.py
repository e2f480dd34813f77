"""One driver of a search leads, others may help; and a driver whose store was out of reach goes on when it is back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from netwright.errors import InputError
from netwright.loop import search as module
from netwright.loop.search import Search
from netwright.loop.settings import Settings
from netwright.space import Space, chain, choice, op
from netwright.store import Lost
from netwright.tasks import open_task

SPACE = Space(chain(op("conv", kernel=choice(3, 5), channels=8, stride=2), op("head")), "two")


@pytest.fixture
def searches(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Search, Search]:
    """The same search as two drivers have it open; nothing is trained."""
    settings = Settings(method="random", space="two", budget="2trials", executor="inline")
    one = Search.create(tmp_path / "one", open_task("digits"), SPACE, settings)
    monkeypatch.setattr(Search, "_phases", lambda self, executor, watch: True)
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    return one, Search.open(tmp_path / "one")


def test_a_second_driver_must_say_that_it_helps(searches: tuple[Search, Search]) -> None:
    one, other = searches
    assert one.store.lock("1-first", 60.0)
    with pytest.raises(InputError, match=r"another process is running .* --join"):
        other.run()
    assert other.run(join=True)
    assert not other.leads
    assert one.store.driver() == "1-first"
    one.store.unlock("1-first")
    assert other.run(join=True)
    assert other.leads


def test_a_helper_gives_nothing_back_that_another_driver_works_on(searches: tuple[Search, Search]) -> None:
    one, other = searches
    from netwright.trial import Proposal, Trial

    one.store.propose([Trial(number, Proposal(SPACE.architecture({"0/kernel": number}))) for number in range(2)])
    one.store.attend("1-first", 60.0)
    one.store.start(0, "1-first", 60.0)
    one.store.start(1, "2-dead", -1.0)
    assert other.run()
    assert [trial.status for trial in other.store.trials()] == ["running", "pending"]
    one.store.leave("1-first")
    one.store.start(0, "3-unknown", 60.0)
    assert other.run()
    assert [trial.status for trial in other.store.trials()] == ["pending", "pending"]


def test_a_helper_waits_for_what_the_leader_delivers(searches: tuple[Search, Search]) -> None:
    one, other = searches
    assert other.delivered() == {}
    one.store.put("summary", {"verdict": "good"})
    assert other.delivered() == {"verdict": "good"}


def test_a_driver_goes_on_when_the_server_is_back(
    searches: tuple[Search, Search], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, search = searches
    tries: list[str] = []

    def phases(self: Search, executor: Any, watch: Any) -> bool:
        tries.append("phases")
        if len(tries) == 1:
            raise Lost("the server cannot be reached", "start it")
        return True

    def last_seq() -> int:
        tries.append("look")
        if tries.count("look") < 3:
            raise Lost("the server cannot be reached", "start it")
        return 0

    monkeypatch.setattr(Search, "_phases", phases)
    monkeypatch.setattr(search.store, "last_seq", last_seq)
    assert search.run()
    assert tries == ["phases", "look", "look", "look", "phases"]


def test_a_driver_does_not_wait_for_ever(searches: tuple[Search, Search], monkeypatch: pytest.MonkeyPatch) -> None:
    _, search = searches

    def away(*_: Any) -> Any:
        raise Lost("the server cannot be reached", "start it")

    monkeypatch.setattr(Search, "_phases", away)
    monkeypatch.setattr(search.store, "last_seq", away)
    monkeypatch.setattr(module, "AWAY_S", 0.0)
    with pytest.raises(Lost):
        search.run()
