"""A strategy that was frozen and thawed goes on as if nothing had happened."""

from __future__ import annotations

import json

import numpy as np
import pytest

from netwright import strategies
from netwright.errors import NetwrightError
from netwright.strategies.freezing import Unfreezable, freeze, thaw
from netwright.testing.strategies import SPACES, problem, search, sizes, some

QUICK = [name for name in strategies.NAMES if not strategies.get(name).model_based]
MODELS = [name for name in strategies.NAMES if strategies.get(name).model_based]


def told(strategy, log, given):
    state = strategy.init(given)
    for trial in log:
        state = strategy.tell(state, [trial])
    return state


def frozen(state, given):
    """Through text, as a store keeps it; spelled without NaN for strict readers by whoever keeps it."""
    return json.loads(json.dumps(freeze(state, given)))


@pytest.mark.parametrize("name", QUICK)
@pytest.mark.parametrize("space", [SPACES["choices"], SPACES["conditional"]], ids=["choices", "conditional"])
def test_a_thawed_state_goes_on_like_the_one_that_was_frozen(name, space):
    strategy, given = strategies.get(name), problem(space)
    log = search(strategy, space, sizes, some(strategy, 30), workers=3)
    for split in (0, len(log) // 2, len(log) - 5):
        state = told(strategy, log[:split], given)
        thawed = thaw(frozen(state, given), given)
        assert strategy.ask(thawed, 2) == strategy.ask(state, 2)
        for trial in log[split:]:
            state, thawed = strategy.tell(state, [trial]), strategy.tell(thawed, [trial])
        assert strategy.ask(thawed, 3) == strategy.ask(state, 3)


@pytest.mark.parametrize("name", MODELS)
def test_a_model_based_one_does_too_or_says_that_it_cannot(name):
    space = SPACES["choices"]
    strategy, given = strategies.get(name), problem(space)
    log = search(strategy, space, sizes, 12, workers=2)
    state = told(strategy, log[:-6], given)
    try:
        thawed = thaw(frozen(state, given), given)
    except Unfreezable:
        return
    for trial in log[-6:]:
        state, thawed = strategy.tell(state, [trial]), strategy.tell(thawed, [trial])
    assert strategy.ask(thawed, 1) == strategy.ask(state, 1)


def test_what_is_one_thing_stays_one_thing():
    given, shared = problem(SPACES["choices"]), [1, float("nan"), np.float32(2.5)]
    state = {"a": shared, "b": (shared, {3, 4}), "c": np.arange(6.0).reshape(2, 3), ("t", 1): None}
    thawed = thaw(frozen(state, given), given)
    assert thawed["a"] is thawed["b"][0]
    assert thawed["a"][2].dtype == np.float32
    assert thawed["b"][1] == {3, 4}
    assert (thawed["c"] == state["c"]).all()
    assert thawed["t", 1] is None


@pytest.mark.parametrize("what", [lambda: None, open, iter(()), 1 + 2j, SPACES["conditional"]])
def test_what_plain_data_cannot_hold_is_refused(what):
    with pytest.raises(Unfreezable):
        freeze([what], problem(SPACES["choices"]))


@pytest.mark.parametrize(
    "data",
    [
        {"is": "os:system", "of": {"command": "true"}},
        {"is": "netwright.store.copying:copy", "of": {}},
        {"is": "netwright.trial:replace", "of": {}},
        {"is": "netwright.strategies.base:Any", "of": {}},
        {"is": "netwright.trial:Trial", "of": {"number": 0}},
        {"is": "netwright.trial:Nothing", "of": {}},
        {"is": "netwright.nothing:Nothing", "of": {}},
        {"is": "array", "dtype": "O", "shape": [1], "of": "AAAAAAAAAAA="},
        {"is": "same", "as": 7},
        {"of": []},
    ],
)
def test_what_freezing_never_writes_is_refused(data):
    with pytest.raises(NetwrightError):
        thaw(data, problem(SPACES["choices"]))
