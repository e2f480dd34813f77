"""Damaged and hostile files are read or refused, whatever the reader: a short form of `python -m
netwright.testing.hostile`."""

from __future__ import annotations

import pytest

from netwright.errors import InputError
from netwright.testing.hostile import READERS, Reader, damaged, findings

TRIES = 60


@pytest.mark.parametrize("name", READERS)
def test_whatever_is_in_a_file_it_is_read_or_refused(name):
    assert list(findings(name, READERS[name], iter(range(TRIES)))) == []


def test_what_is_neither_is_found():
    def read(path):
        if b"\x00" in path.read_bytes():
            raise KeyError("no such thing")
        raise InputError("refused", "")

    def read_valid(path):
        return None if path.read_bytes() == b"valid" else read(path)

    found = list(findings("careless", Reader("file", lambda: b"valid", read_valid), iter(range(300))))
    assert found
    assert {one.error for one in found} == {"KeyError: 'no such thing'"}
    assert all(b"\x00" in one.data for one in found)


def test_damage_is_the_same_for_the_same_seed():
    import random

    draws = [[damaged(b"some bytes to be damaged", random.Random(seed)) for seed in range(50)] for _ in range(2)]
    assert draws[0] == draws[1]
    assert len(set(draws[0])) > 30
