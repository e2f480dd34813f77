"""Data sets as files for the searches in the docs: what is for testing is nowhere else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from benchmarks.domain_data import FEWEST, MOST, WORDS, digit_strings
from scipy.io import wavfile

INDICES, SPEAKERS = 15, ("ann", "bob")


def spoken_digits(path: Path) -> Path:
    """Recordings that hold nothing but a number of their own, like fsdd.npz."""
    rows = [(digit, who, index) for who in SPEAKERS for digit in range(10) for index in range(INDICES)]
    sizes = np.full(len(rows), 900)
    np.savez(
        path / "fsdd.npz",
        audio=np.repeat(np.arange(1, len(rows) + 1, dtype=np.int16), sizes),
        offsets=np.concatenate([[0], np.cumsum(sizes)]),
        label=[digit for digit, _, _ in rows],
        speaker=[who for _, who, _ in rows],
        index=[index for _, _, index in rows],
    )
    return path


def test_no_recording_is_in_two_splits_and_transcripts_say_what_is_heard(tmp_path: Path) -> None:
    out = tmp_path / "digit-strings"
    out.mkdir()
    digit_strings(spoken_digits(tmp_path), out)
    heard: dict[str, set[int]] = {}
    for split in ("train", "valid", "test"):
        rows = [line.split("\t") for line in (out / f"{split}.tsv").read_text().splitlines()[1:]]
        assert rows
        for path, said in rows:
            _, wave = wavfile.read(out / path)
            own = [int(one) - 1 for one in wave[np.flatnonzero(np.diff(wave, prepend=0))] if one]
            assert [WORDS[one // INDICES % 10] for one in own] == said.split()
            assert FEWEST <= len(own) <= MOST
            assert len({one // (10 * INDICES) for one in own}) == 1
            heard.setdefault(split, set()).update(own)
    assert not heard["train"] & heard["test"]
    assert not heard["train"] & heard["valid"]
    assert not heard["valid"] & heard["test"]
    assert {one % INDICES for one in heard["test"]} == set(range(5))
    assert len(heard["train"]) == 10 * len(SPEAKERS) * (INDICES - 10)
