"""Recordings to learn to speak from: every form that they come in, who speaks, what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.tasks.tones import RATE, save, speak, texts

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks import Task, open_task
from netwright.tasks.answers.frames import in_units
from netwright.tasks.readers.voices import by_names
from netwright.tasks.sound import synthesis
from netwright.tasks.sound.sounds import log_mel
from netwright.tasks.sound.synthesis import sounding
from netwright.tasks.sound.voices import FIRST, Line, described, found, wrong

KIND = "speech-synthesis"
COUNT = 40
Write = Callable[[Path], Path]


def manifest(folder: Path) -> Path:
    rows = ["speaker\tpath\ttext"]
    for at, text in enumerate(texts(COUNT)):
        save(folder / "audio" / f"{at}.wav", speak(text, at))
        rows.append(f"{('ann', 'bob')[at % 2]}\taudio/{at}.wav\t{text.upper()}!")
    (folder / "list.tsv").write_text("\n".join(rows))
    return folder / "list.tsv"


def pairs(folder: Path) -> Path:
    for at, text in enumerate(texts(COUNT)):
        name = f"{('ann', 'bob')[at % 2]}_{at}"
        save(folder / "all" / f"{name}.wav", speak(text, at))
        (folder / "all" / f"{name}.txt").write_text(text)
    return folder / "all"


def libri(folder: Path) -> Path:
    rows = []
    for at, text in enumerate(texts(COUNT)):
        save(folder / "libri" / "84" / f"84-{at}.wav", speak(text, at))
        rows.append(f"84-{at} {text.upper()}")
    (folder / "libri" / "84" / "84.trans.txt").write_text("\n".join(rows))
    return folder / "libri"


def words(folder: Path, count: int = 60) -> Path:
    for at in range(count):
        word, name = ("ab", "c", "a")[at % 3], ("ann", "bob")[at // 3 % 2]
        save(folder / word / f"{word}-{name}-{at}.wav", speak(word, at))
    return folder


FORMS: dict[str, tuple[Write, list[str]]] = {
    "a table with speakers": (manifest, ["ann", "bob"]),
    "pairs": (pairs, ["ann", "bob"]),
    "libri": (libri, []),
    "words": (lambda folder: words(folder / "words"), ["ann", "bob"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_can_be_spoken(form: str, tmp_path: Path) -> None:
    write, speakers = FORMS[form]
    task = open_task(write(tmp_path), kind=KIND)
    assert (task.kind, task.metric, task.default_space, task.classes) == (KIND, "mcd", "voice", ())
    assert task.metrics == ("mcd", "length_error")
    letters = [letter for letter in " abc" if form != "words" or letter != " "]
    assert (task.prepare["letters"], sorted(task.prepare["speakers"])) == (letters, speakers)
    length, steps = task.prepare["length"], task.signature.steps
    vocabulary = FIRST + len(letters) + len(speakers)
    expected = Signature((length,), 41, "frames", vocabulary, padded=True, steps=steps)
    assert task.signature == expected
    assert sum(len(split) for split in task.splits.values()) == (60 if form == "words" else COUNT)
    assert task.train.y.shape[1:] == (41, steps)
    task.save(tmp_path / "saved")
    again = Task.load(tmp_path / "saved")
    assert (again.fingerprint, again.signature) == (task.fingerprint, task.signature)
    assert len(task.baselines()) == 3
    assert wrong(task.prepare, task.signature.inputs, task.signature.vocabulary) == ""


def test_lines_become_the_frames_of_their_recordings(tmp_path: Path) -> None:
    task = open_task(manifest(tmp_path), kind=KIND)
    letters, speakers = task.prepare["letters"], task.prepare["speakers"]
    names = ["", "?", *letters, *speakers]
    every = texts(COUNT)
    seen = 0
    for split in task.splits.values():
        for x, y in zip(split.x, split.y, strict=True):
            speaker, *said = (names[token] for token in x if token)
            at = every.index("".join(said))
            assert speaker == ("ann", "bob")[at % 2]
            heard = in_units(log_mel(speak(every[at], at), RATE))
            length = int(y[-1].sum())
            assert y[-1].tolist() == [1.0] * length + [0.0] * (len(y[-1]) - length)
            assert not y[:-1, length:].any()
            ways = [heard[:, at : at + length] for at in range(heard.shape[1] - length + 1)]
            assert min(np.abs(way - y[:-1, :length]).mean() for way in ways) < 0.01
            seen += 1
    assert seen == COUNT


def test_each_word_is_in_every_split_in_its_share(tmp_path: Path) -> None:
    task = open_task(words(tmp_path / "words", 120), kind=KIND)
    lines = [{tuple(row) for row in split.x.tolist()} for split in task.splits.values()]
    assert [len(each) for each in lines] == [6, 6, 6]


def test_official_splits_are_kept_and_what_they_lack_is_said(tmp_path: Path) -> None:
    every = texts(COUNT)
    for split, chosen in (("train", range(30)), ("test", range(30, COUNT))):
        rows = ["path\ttext\tspeaker"]
        for at in chosen:
            save(tmp_path / "audio" / f"{at}.wav", speak(every[at], at))
            rows.append(f"audio/{at}.wav\t{every[at]}\t{('ann', 'bob')[at % 2] if split == 'train' else 'eve'}")
        if split == "test":
            save(tmp_path / "audio" / "long.wav", speak("a b c a b c a b c a b c"))
            rows.append("audio/long.wav\ta b c a b c a b c a b cd\tann")
        (tmp_path / f"{split}.tsv").write_text("\n".join(rows))
    task = open_task(tmp_path, kind=KIND)
    assert len(task.test) == COUNT - 30 + 1
    said = " ".join(task.source["warnings"])
    assert "the test texts have characters that no training text has: d" in said
    assert "the test split has speakers that training has not: eve" in said
    assert "1 of 11 test texts are longer than any in training: they are cut off" in said
    assert "1 of 11 test recordings are longer than any in training: they are cut off" in said
    assert task.test.y[-1, -1].all()


def test_silence_at_the_ends_is_cut_off() -> None:
    wave = speak("ab")
    quiet = np.zeros(3000, dtype=np.float32)
    alone, between = (sounding(log_mel(one, RATE)) for one in (wave, np.concatenate([quiet, wave, quiet])))
    assert abs(alone.shape[1] - between.shape[1]) <= 6


def test_one_recording_that_is_far_too_long_is_left_out(tmp_path: Path) -> None:
    for split, count in (("train", 300), ("valid", 30), ("test", 30)):
        words(tmp_path / "data" / split, count)
    save(tmp_path / "data" / "train" / "ab" / "ab-ann-999.wav", np.tile(speak("ab"), 20))
    task = open_task(tmp_path / "data", kind=KIND)
    assert task.signature.steps * 0.01 < 1.0
    assert [len(split) for split in task.splits.values()] == [300, 30, 30]
    said = next(line for line in task.source["warnings"] if "left out" in line)
    assert re.fullmatch(r"1 of 301 training recordings are longer than 0\.\d\d s: they are left out", said)


def test_more_frames_than_fit_in_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesis, "MOST_NUMBERS", 1000)
    with pytest.raises(InputError, match=r"60 recordings of up to 0\.\d s make more frames than fit in memory: give"):
        open_task(words(tmp_path / "words"), kind=KIND)


def test_who_speaks_is_read_from_names() -> None:
    takes = [(word, name, at) for word in ("yes", "no") for name in ("ann", "bob") for at in range(20)]
    told = by_names({f"{name}/{word}_{name}_{at}.wav": word for word, name, at in takes})
    assert set(told.values()) == {"ann", "bob"}
    assert by_names({f"{word}_{at}.wav": word for word, _, at in takes}) == {}
    assert by_names({f"84-{at}.wav": word for word, _, at in takes}) == {}
    assert by_names({f"{word}-ann-{at}.wav": word for word, _, at in takes}) == {}


SEVERAL = {"letters": [" ", "a", "b"], "speakers": ["ann", "bob"], "length": 6, "rate": RATE, "bands": 40}
ALONE = SEVERAL | {"speakers": [], "length": 5}


def test_lines_say_who_speaks_them() -> None:
    assert list(found(["A b!", "bob: a", "ann:b"], SEVERAL).values) == [
        Line("ann", "a b"),
        Line("bob", "a"),
        Line("ann", "b"),
    ]
    assert list(found("a", ALONE).values) == [Line("", "a")]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["a", "-- !"], "text 1 holds nothing to be spoken"),
        (["abba bb"], "text 0 has 7 characters: cut it into pieces of 5 at most"),
        (["dab"], "text 0 has characters that training did not have: d: it knows a space, a, b"),
        (["eve: a"], "characters that training did not have: e, v"),
        ([], "no texts to read"),
    ],
)
def test_lines_that_cannot_be_spoken_are_named(given: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        found(given, SEVERAL)


def test_a_line_of_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("a b\n?\n")
    with pytest.raises(InputError, match=r"new\.txt, line 2 holds nothing to be spoken"):
        found(tmp_path / "new.txt", ALONE)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"letters": "ab"}, "letters are no list"),
        ({"speakers": ["ann", 3]}, "speakers are no list"),
        ({"letters": ["a", "b", "b"]}, "some of the letters are there twice"),
        ({"letters": ["a"]}, "do not make the 7 tokens"),
        ({"length": 9}, "its length is 9, not 6"),
        ({"rate": 8}, "its rate is 8"),
        ({"bands": 80}, "it is for 80 bands"),
    ],
)
def test_a_preparation_that_does_not_fit_is_refused(change: dict[str, object], why: str) -> None:
    assert wrong(SEVERAL, (6,), 7) == ""
    assert why in wrong(SEVERAL | change, (6,), 7)


def test_what_is_taken_is_said_in_words() -> None:
    assert described(SEVERAL) == "texts of up to 5 characters (a space, a, b), after the name of a speaker (ann, bob)"
    assert described(ALONE) == "texts of up to 5 characters (a space, a, b)"


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda path: path.write_text("speaker\tpath\ttext\nann\taudio/0.wav\t!!!\n"), "no words in '!!!'"),
        (lambda path: path.write_text("path\ttext\naudio/none.wav\ta\n"), "line 2: audio/none.wav: no such file"),
    ],
)
def test_a_table_names_what_cannot_be_used(tmp_path: Path, spoil: Callable[[Path], object], message: str) -> None:
    source = manifest(tmp_path)
    spoil(source)
    with pytest.raises(InputError, match=message):
        open_task(source, kind=KIND)


def test_too_few_recordings_are_refused(tmp_path: Path) -> None:
    for at, text in enumerate(texts(2)):
        save(tmp_path / f"{at}.wav", speak(text))
        (tmp_path / f"{at}.txt").write_text(text)
    with pytest.raises(InputError, match="2 examples are too few to split"):
        open_task(tmp_path, kind=KIND)


def test_what_holds_no_recordings_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="none: no recordings to learn to speak from"):
        open_task(tmp_path / "none", kind=KIND)
    with pytest.raises(InputError, match="a tuple: no recordings to learn to speak from"):
        open_task((["a"], ["b"]), kind=KIND)
    with pytest.raises(InputError, match="only image files can be resized"):
        open_task(tmp_path, kind=KIND, size=8)
    (tmp_path / "list.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError, match="has no column of paths of recordings"):
        open_task(tmp_path / "list.csv", kind=KIND)
