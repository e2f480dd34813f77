from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from netwright.cli.printing import printable, say, say_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat", "cat"),
        ("chat noir, 猫, café", "chat noir, 猫, café"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07title", "title"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("a\x1b[2J\x1b[Hb", "ab"),
        ("\x9b31mred", "red"),
        ("two\nlines\tand\rmore", "two lines and more"),
        ("bell\x07 and \x08back", "bell and back"),
        ("right\u202eto left", "rightto left"),
        ("\x1b", ""),
        ("\udcff.png", ".png"),
    ],
)
def test_escapes_do_not_reach_the_terminal(text: str, expected: str) -> None:
    assert printable(text) == expected


@given(st.text())
def test_what_is_printed_prints(text: str) -> None:
    assert printable(text).isprintable()


@given(st.text(alphabet=st.characters(codec="ascii", categories=["L", "N", "P", "Zs"])))
def test_ordinary_text_is_left_alone(text: str) -> None:
    assert printable(text) == text


def test_a_line_for_people_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    say("error in \x1b[5mcat\x1b[0m\nfolder", error=True)
    assert capsys.readouterr() == ("", "error in cat folder\n")


def test_json_is_strict_and_on_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    say_json({"nan": math.nan, "array": np.arange(2), "path": Path("a/b"), "text": "\x1b[0m\n", "list": [(1.5, None)]})
    text = capsys.readouterr().out
    assert text.count("\n") == 1
    assert "\x1b" not in text
    found = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is not JSON"))
    assert found == {"nan": None, "array": [0, 1], "path": "a/b", "text": "\x1b[0m\n", "list": [[1.5, None]]}
