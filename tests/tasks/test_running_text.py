"""Running text as a task: what comes next, contiguous splits, and texts that cannot be learnt from."""

from __future__ import annotations

import gzip

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.tasks import Task, open_task
from netwright.tasks.answers.places import UNKNOWN as NOTHING
from netwright.tasks.text.corpus import windows
from netwright.tasks.text.language import END, FIRST, UNKNOWN, text_of, tokens_of

LINES = "the cat sat on the mat, and the dog ran after it.\n"


def numbered(characters=6000):
    """Text that is nowhere the same."""
    return "".join(f"line {index}: {LINES}" for index in range(characters // 40))[:characters]


def text_behind(split, prepare):
    """The text that a split's inputs and targets say, both."""
    read = split.x[split.x > 0]
    foretold = split.y[split.y != NOTHING]
    assert read[1:].tolist() == foretold[:-1].tolist()
    return text_of(read.tolist(), prepare) + text_of(foretold[-1:].tolist(), prepare)


@pytest.mark.parametrize("form", ["plain", "packed", "kind"])
def test_a_text_file_is_split_in_its_order(form, tmp_path):
    text = numbered()
    path = tmp_path / {"plain": "story.txt", "packed": "story.txt.gz", "kind": "story.log"}[form]
    path.write_bytes(gzip.compress(text.encode()) if form == "packed" else text.encode())
    task = open_task(path, kind="language-model" if form == "kind" else None)
    assert (task.kind, task.name, task.metric, task.classes) == ("language-model", "story", "bits_per_token", ())
    assert (task.signature.kind, task.default_space) == ("language", "language")
    assert task.signature.outputs == task.signature.vocabulary == len(set(text)) + FIRST
    assert task.signature.inputs == (16,)
    parts = [text_behind(split, task.prepare) for split in task.splits.values()]
    assert "".join(parts) == text
    assert [len(part) for part in parts] == [5400, 300, 300]
    assert task.source["split"] == "contiguous, not shuffled: at the end of the text 5% for valid, then 5% for test"
    assert task.source["tokens"] == "characters"


def test_a_saved_task_is_the_same(write, tmp_path):
    task = open_task(write("story.txt", numbered()))
    task.save(tmp_path / "saved")
    loaded = Task.load(tmp_path / "saved")
    assert loaded.fingerprint == task.fingerprint
    assert loaded.prepare == task.prepare
    assert [baseline.name for baseline in loaded.baselines()] == ["lstm-128", "gpt-128", "lstm-256"]


def test_shares_of_the_text_can_be_asked_for(write):
    task = open_task(write("story.txt", numbered()), valid=0.2, test=0.1)
    assert [len(text_behind(split, task.prepare)) for split in task.splits.values()] == [4200, 1200, 600]


def test_long_texts_are_read_in_longer_windows(write):
    assert open_task(write("story.txt", numbered(20_000))).signature.inputs == (32,)
    assert open_task(write("story.txt", numbered(70_000))).signature.inputs == (64,)


def test_a_folder_of_texts_is_one_after_the_other(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "a.txt").write_text("first " * 300)
    (tmp_path / "b" / "c.txt").write_bytes(b"\xef\xbb\xbf" + b"second\r\n" * 300)
    (tmp_path / "d.txt").write_text(" \n")
    (tmp_path / "notes.md").write_text("not read")
    task = open_task(tmp_path, kind="language-model")
    tokens = task.train.x[task.train.x > 0]
    assert np.flatnonzero(tokens == END).tolist() == [1800]
    assert text_of(tokens.tolist(), task.prepare).startswith("first first")
    assert "second\nsecond\n" in text_of(tokens.tolist(), task.prepare)
    assert any("1 of 3 files are empty" in line for line in task.source["warnings"])


def test_official_splits_are_kept(tmp_path):
    for split, letter in (("train", "a"), ("valid", "b"), ("test", "c")):
        (tmp_path / f"story.{split}.txt").write_text(f"{letter}xyz " * 600)
    task = open_task(tmp_path, kind="language-model")
    assert task.source["split"] == "as given"
    read = [text_of(split.x[split.x > 0].tolist(), task.prepare)[:4] for split in task.splits.values()]
    assert read == ["axyz", "xyz ", "xyz "]
    assert any("1200 characters are rare, or not in the training text" in line for line in task.source["warnings"])
    assert (task.valid.x == UNKNOWN).sum() == 600


def test_many_different_characters_become_pieces_of_words(write):
    letters = "".join(chr(0x4E00 + place) for place in range(300))
    task = open_task(write("story.txt", (letters + " often often ") * 40))
    assert task.source["tokens"] == "pieces of words"
    [token] = tokens_of(" often", task.prepare)
    assert text_of([token], task.prepare) == " often"
    assert text_behind(task.test, task.prepare) in (letters + " often often ") * 4


def test_what_a_network_reads_of_a_prompt(write):
    task = open_task(write("story.txt", numbered()))
    known = task.encode(["cat", "", "x" * 3 + "the dog ran after it"])
    assert known.shape == (3, 16)
    assert known[0].tolist() == [*tokens_of("cat", task.prepare), *[0] * 13]
    assert known[1].tolist() == [END, *[0] * 15]
    assert text_of(known[2].tolist(), task.prepare) == "dog ran after it"
    assert tokens_of("c?t", task.prepare)[1] == UNKNOWN


def test_windows_leave_nothing_out():
    x, y = windows(range(3, 12), 4)
    assert x.tolist() == [[3, 4, 5, 6], [7, 8, 9, 10]]
    assert y.tolist() == [[4, 5, 6, 7], [8, 9, 10, 11]]
    assert windows(range(3, 13), 4)[1][2].tolist() == [12, NOTHING, NOTHING, NOTHING]


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"too short", r"story.txt: 9 characters are too few to learn a language from: give at least 2,000"),
        (b"good line\n" * 300 + b"b\xe4d line\n", r"story.txt, line 301: not UTF-8 text: save it as UTF-8"),
        (b"good line\n" * 300 + b"b\0d\n", r"story.txt, line 301: a NUL character, so this is no text"),
    ],
)
def test_texts_that_cannot_be_used_are_named(tmp_path, content, says):
    (tmp_path / "story.txt").write_bytes(content)
    with pytest.raises(InputError, match=says):
        open_task(tmp_path / "story.txt")


def test_folders_that_cannot_be_used_are_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no \.txt files"):
        open_task(tmp_path, kind="language-model")
    (tmp_path / "good.txt").write_text(numbered())
    (tmp_path / "bad.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match=r"1 of 2 files cannot be read: .*bad.txt, line 1: not UTF-8"):
        open_task(tmp_path, kind="language-model")
    for index in range(20):
        (tmp_path / f"more-{index}.txt").write_text(numbered(500))
    task = open_task(tmp_path, kind="language-model")
    assert any("1 of 22 files cannot be read and were skipped" in line for line in task.source["warnings"])


def test_what_running_text_has_not_is_refused(write):
    path = write("story.txt", numbered())
    with pytest.raises(InputError, match="texts have neither pixels nor columns"):
        open_task(path, target="y")
    with pytest.raises(InputError, match=r"language-model does not suit images: give image-classification"):
        open_task("digits", kind="language-model")
    with pytest.raises(InputError, match="valid and test take 100%"):
        open_task(path, valid=0.5, test=0.5)
