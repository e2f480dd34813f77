"""Plain data comes from anyone: what is not exactly right is refused, with the place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from netwright.errors import InputError
from netwright.space import Space, chain, choice, op

OP = {"op": "conv", "kernel": {"choice": [3, 5]}}


def nested(depth: int) -> Any:
    data: Any = OP
    for _ in range(depth):
        data = {"chain": [data]}
    return data


def laughs(levels: int) -> Any:
    data: Any = OP
    for _ in range(levels):
        data = {"chain": [data] * 10}
    return data


def cyclic() -> Any:
    data: dict[str, Any] = {"chain": []}
    data["chain"].append(data)
    return data


@pytest.mark.parametrize(
    ("root", "words"),
    [
        ({"convolution": 3}, "'convolution' is unknown"),
        ({}, "unknown"),
        ({"op": "torch.nn.Conv2d"}, "torch.nn.Conv2d"),
        ({"op": "__import__"}, "__import__"),
        ({"op": "conv", "__class__": 1}, "__class__"),
        ({"op": 3}, "cannot be an operation's name"),
        ({"op": "conv", "kernel": {"python/object": "os.system"}}, "root/kernel"),
        ({"op": "conv", "kernel": {"op": "conv"}}, "only values"),
        ({"op": "conv", "kernel": float("nan")}, "nan"),
        ({"op": "conv", "kernel": b"3"}, "bytes"),
        ({"chain": [OP, {"program": "os.system"}]}, "root/chain/1|root/1"),
        ({"chain": {"a/b": OP}}, "a/b"),
        ({"chain": OP, "extra": 1}, "no key 'extra'"),
        ({"chain": 7}, "list is needed|is 7"),
        ({"chain": ["conv"]}, "conv"),
        ({"choice": []}, "no options"),
        ({"choice": [3, OP]}, "root"),
        ({"op": "a", "n": {"integer": [1, 2, 3]}}, "lowest, highest"),
        ({"op": "a", "n": {"integer": [1.5, 2]}}, "whole number"),
        ({"op": "a", "n": {"integer": [5, 2]}}, "whole number"),
        ({"op": "a", "n": {"integer": [1, 10**30]}}, "whole number"),
        ({"op": "a", "n": {"real": [0, 1], "log": True}}, "begin above 0"),
        ({"op": "a", "n": {"real": [0, float("inf")]}}, "finite"),
        ({"op": "a", "n": {"subset": [1, 2]}}, "'k' is missing"),
        ({"op": "a", "n": {"subset": [1, 2], "k": 3}}, "at most 2"),
        ({"op": "a", "n": {"choice": [1, 2], "name": "a/b"}}, "a/b"),
        ({"repeat": OP}, "'times' is missing"),
        ({"repeat": OP, "times": 1001}, "1,000"),
        ({"repeat": OP, "times": {"integer": [0, 1_000_000]}}, "1,000"),
        ({"repeat": OP, "times": -1}, "whole number"),
        ({"repeat": OP, "times": 2, "share": "all"}, "share"),
        ({"parallel": [OP], "merge": "multiply"}, "multiply"),
        ({"dag": 65, "edge": OP}, "nodes of a dag"),
        ({"dag": 2}, "edge or node"),
        ({"dag": 2, "edge": OP, "inputs": 0}, "without inputs"),
        ({"dag": 2, "node": OP, "entry_edge": OP}, "entry_edge but no edge"),
        ({"dag": 2, "edge": OP, "entry_edge": 3}, "entry_edge"),
        ({"dag": 2, "edge": OP, "entries": OP}, "list is needed"),
        ({"dag": 2, "edge": OP, "entries": [3]}, "entry 0"),
        ({"dag": 2, "edge": OP, "entries": [{"op": "a"}] * 65}, "up to 64"),
        ({"mark": 3}, "cannot be the name"),
        ({"mark": "a/b"}, "a/b"),
        ({"recall": "past"}, "nothing is marked 'past'"),
        ({"tied": "", "node": OP}, "cannot be the name"),
        ({"rule": "x"}, "outside a grammar"),
        ({"grammar": {"rule": "x"}, "rules": {"y": OP}, "depth": 3}, "unknown rule 'x'"),
        ({"grammar": {"rule": "x"}, "rules": {"x": OP}, "depth": 1000}, "depth"),
        (nested(70), "deeper than 64"),
        (nested(1000), "deeper than 64"),
        (laughs(6), "100,000"),
        (cyclic(), "contains itself"),
        ({"repeat": {"repeat": OP, "times": 1000}, "times": 1000}, "100,000"),
        (None, "piece of network"),
        ([OP], "piece of network"),
    ],
)
def test_hostile_spaces_are_refused(root: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        Space.from_dict({"schema": 1, "name": "x", "root": root})


@pytest.mark.parametrize(
    "data",
    [
        None,
        [],
        {"name": "x"},
        {"root": OP, "schema": 2},
        {"root": OP, "schema": 1, "imports": ["os"]},
        {"root": OP, "name": 7},
        {"root": OP, "hyper": [1]},
        {"root": OP, "hyper": {"a b": 1}},
        {"root": OP, "hyper": {"lr": OP}},
        {1: OP},
    ],
)
def test_hostile_frames_are_refused(data: Any) -> None:
    with pytest.raises(InputError):
        Space.from_dict(data)


def test_deep_recursion_is_weighed_before_it_is_walked() -> None:
    body = {"choice": [{"op": "a"}, {"parallel": [{"rule": "x"}, {"rule": "x"}]}]}
    with pytest.raises(InputError, match="100,000 operations"):
        Space.from_dict({"root": {"grammar": {"rule": "x"}, "rules": {"x": body}, "depth": 32}})


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_a_space_from_a_file(tmp_path: Path, suffix: str) -> None:
    space = Space(chain(op("conv", kernel=choice(3, 5))), "tiny", {"lr": choice(0.1, 0.2)})
    path = tmp_path / f"space{suffix}"
    path.write_text(space.to_yaml() if suffix == ".yaml" else json.dumps(space.to_dict()))
    assert Space.from_file(path).to_dict() == space.to_dict()


@pytest.mark.parametrize(
    "text",
    ["root: !!python/object/apply:os.system [ls]", "root: [", "- 1", "a: &a [*a]", "root: " + "[" * 5000, ""],
)
def test_hostile_files_are_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "space.yaml"
    path.write_text(text)
    with pytest.raises(InputError):
        Space.from_file(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none\.yaml"):
        Space.from_file(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    ("choices", "words"),
    [
        ({}, "'body' is missing"),
        ({"body": 2}, "'body' is 2.*0 to 1"),
        ({"body": True}, "'body' is True"),
        ({"body": 0, "tail/channels": 12}, "'tail/channels' is 12"),
        ({"body": 0, "tail/channels": 8, "tail/extras": [1, 0]}, "'tail/extras'"),
        ({"body": 0, "tail/channels": 8, "tail/extras": [0, 7]}, "'tail/extras'"),
        ({"body": 0, "tail/channels": 8, "tail/extras": "a"}, "'tail/extras'"),
        ({"body": 0, "tail/channels": 8, "tail/extras": [0], "hyper/lr": 1.0}, "'hyper/lr'"),
        ({"body": 0, "tail/channels": 8, "tail/extras": [0], "hyper/lr": 0, "tail/chanels": 8}, "mean 'tail/channels'"),
        ({"body": 0, "tail/channels": 8, "tail/extras": [0], "hyper/lr": 0, "body/1/0/times": 1}, "inactive"),
        ([], "mapping"),
    ],
)
def test_wrong_choices_are_named(tiny: Space, choices: Any, words: str) -> None:
    with pytest.raises(InputError, match=words):
        tiny.architecture(choices)
