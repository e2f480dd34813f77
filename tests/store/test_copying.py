"""A search that moves between stores is the same search."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from netwright.cli.app import app
from netwright.errors import InputError
from netwright.objectives import Objective, Objectives
from netwright.store import copy, create_in, open_in, open_store
from netwright.testing.stores import SPACE, failed, measured, trial


def filled(store):
    store.add_space(SPACE)
    store.put("settings", {"method": "random"})
    store.judge_by(Objectives((Objective("accuracy"), Objective("peak_memory_mb"))))
    store.propose([trial(number) for number in range(4)])
    store.finish(measured(0), store.start(0, "driver", 60.0))
    store.finish(failed(1))
    return store


def content(store):
    fronts = [each.number for each in store.front("search")]
    return store.trials(), list(store.log()), store.get("settings"), fronts, list(store.spaces())


def test_a_copy_holds_the_same_and_can_go_on(place, tmp_path):
    with filled(open_store(tmp_path / "here.sqlite", create=True)) as here:
        before = content(here)
        here.start(2, "driver", 60.0)
        here.progress(2, {"epoch": 1})
    target = place.replace("search.sqlite", "there.sqlite")
    assert copy(tmp_path / "here.sqlite", target) == 6
    assert copy(target, tmp_path / "back.sqlite") == 6
    for where in (target, tmp_path / "back.sqlite"):
        with open_store(where) as there:
            assert content(there) == before
            assert there.driver() is None
            assert there.progresses() == {}
            assert there.finish(measured(2), there.start(2, "driver", 60.0))


def test_a_search_in_use_and_a_place_in_use_are_refused(tmp_path):
    with filled(open_store(tmp_path / "here.sqlite", create=True)) as here:
        assert here.lock("1-abc", 60.0)
        with pytest.raises(InputError, match="a driver is running"):
            copy(tmp_path / "here.sqlite", tmp_path / "there.sqlite")
        here.unlock("1-abc")
    copy(tmp_path / "here.sqlite", tmp_path / "there.sqlite")
    with pytest.raises(InputError, match="holds a search already"):
        copy(tmp_path / "here.sqlite", tmp_path / "there.sqlite")


def test_a_folder_goes_to_a_server_and_back(postgres, tmp_path):
    run, folder = CliRunner(), tmp_path / "one"
    folder.mkdir()
    with filled(create_in(folder)) as store:
        before = content(store)
    ran = run.invoke(app, ["store", "copy", str(folder), postgres, "--switch"])
    assert (ran.exit_code, "6 records are copied" in ran.output) == (0, True), ran.output
    (folder / "search.sqlite").unlink()
    with open_in(folder) as store:
        assert store.place == postgres
        assert content(store) == before
    ran = run.invoke(app, ["store", "copy", str(folder), str(folder / "search.sqlite"), "--switch", "--json"])
    assert ran.exit_code == 0, ran.output
    assert not (folder / "search.url").exists()
    with open_in(folder) as store:
        assert content(store) == before


def test_only_a_folder_can_switch(tmp_path):
    ran = CliRunner().invoke(app, ["store", "copy", str(tmp_path / "none.sqlite"), "x.sqlite", "--switch"])
    assert ran.exit_code == 2
    assert "--switch needs the folder of a search" in ran.output
