"""Whatever is done to a store, its state is the fold of its log; and plain data comes back as it went."""

from __future__ import annotations

import json
import math
from contextlib import suppress

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from netwright.errors import NetwrightError
from netwright.store import open_store
from netwright.store.plain import decode, encode
from netwright.testing.stores import SPACE, failed, measured, trial

NUMBERS = st.integers(0, 4)
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["propose", "start", "lapse", "finish", "fail", "renew", "reclaim", "reclaim all"]), NUMBERS
    ),
    max_size=25,
)
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=10,
)


def step(store, tokens, what, number):
    """One step; what the store refuses is no matter here."""
    token = tokens.get(number)
    with suppress(NetwrightError):
        match what:
            case "propose":
                store.propose([trial(number)])
            case "start":
                tokens[number] = store.start(number, "worker", 1000.0)
            case "lapse":
                tokens[number] = store.start(number, "worker", -1.0)
            case "finish":
                store.finish(measured(number), token)
            case "fail":
                store.finish(failed(number), token)
            case "renew":
                store.renew(number, token or 0, 1000.0)
            case "reclaim" | "reclaim all":
                store.reclaim(all=what.endswith("all"))


@settings(max_examples=15, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_the_state_is_the_fold_of_the_log(tmp_path_factory, steps):
    path = tmp_path_factory.mktemp("store") / "search.sqlite"
    with open_store(path, create=True) as store:
        store.add_space(SPACE)
        tokens = {}
        for what, number in steps:
            step(store, tokens, what, number)
        log = list(store.log())
        assert [record.seq for record in log] == list(range(1, len(log) + 1))
        folded = {record.trial.number: record.trial for record in log}
        ended = {number for number, each in folded.items() if each.status != "pending"}
        assert len(log) == len(folded) + len(ended)
        state = {each.number: each for each in store.trials()}
        assert state.keys() == folded.keys()
        assert {number: state[number] for number in ended} == {number: folded[number] for number in ended}
        assert all(state[number].status in ("pending", "running") for number in folded.keys() - ended)


@settings(derandomize=True)
@given(PLAIN)
def test_plain_data_comes_back(value):
    text = encode(value)
    json.loads(text, parse_constant=lambda name: 1 / 0)
    assert repr(decode(text)) == repr(value)


def test_numpy_becomes_plain():
    value = {"x": np.float32(0.5), "n": np.int64(3), "a": np.array([1.0, math.nan]), "t": (1, 2)}
    found = decode(encode(value))
    assert found["x"] == 0.5
    assert found["n"] == 3
    assert math.isnan(found["a"][1])
    assert found["t"] == [1, 2]
