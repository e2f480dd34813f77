"""Sentences and their translations as a task, from every format, and pairs that cannot be used."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.tasks import Task, open_task
from netwright.tasks.answers.places import UNKNOWN as NOTHING
from netwright.tasks.text.language import END, text_of

NOUNS = {"dog": "hund", "cat": "katze", "man": "mann", "house": "haus", "tree": "baum", "boy": "junge"}
VERBS = {"sees": "sieht", "loves": "liebt", "finds": "findet"}


def sentences(count=120):
    made = []
    for index in range(count):
        first, second = (list(NOUNS)[(index // step) % 6] for step in (1, 6))
        verb = list(VERBS)[index // 36 % 3]
        english = f"The {first} {verb} the {second}."
        made.append((english, f"{NOUNS[first]} {VERBS[verb]} {NOUNS[second]}."))
    return made


def tsv(pairs, head=""):
    return head + "".join(f"{source}\t{target}\n" for source, target in pairs)


def write_lines(folder, split, pairs, ending=""):
    for language, lines in zip(("en", "de"), zip(*pairs, strict=True), strict=True):
        text = "".join(f"{line}\n" for line in lines).encode()
        (folder / f"{split}.{language}{ending}").write_bytes(gzip.compress(text) if ending else text)


@pytest.fixture(params=["table", "named", "tables", "lines", "packed"])
def source(request, tmp_path):
    pairs, form = sentences(), request.param
    if form in ("table", "named"):
        (tmp_path / "pairs.tsv").write_text(tsv(pairs, "en\tde\n" if form == "named" else ""))
        return tmp_path / "pairs.tsv", None if form == "table" else "de"
    for split, part in (("train", pairs[:80]), ("val", pairs[80:100]), ("test_2016", pairs[100:])):
        if form == "tables":
            name = {"test_2016": "test"}.get(split, split)
            (tmp_path / f"{name}.tsv").write_text(tsv(part))
        else:
            write_lines(tmp_path, split, part, ".gz" if form == "packed" else "")
    return tmp_path, None if form == "tables" else "de"


def both_sides(split, prepare):
    made = []
    for x, y in zip(split.x.tolist(), split.y.tolist(), strict=True):
        target = [token for token in y if token != NOTHING]
        assert target[-1] == END
        begin = x.index(END)
        assert x[begin + 1 : begin + len(target)] == target[:-1]
        assert y[:begin] == [NOTHING] * begin
        assert not any(x[begin + len(target) :])
        made.append((text_of(x[:begin], prepare).strip(), text_of(target, prepare).strip()))
    return made


def test_every_format_is_a_translation(source, tmp_path):
    path, target = source
    task = open_task(path, kind="translation", target=target)
    assert (task.kind, task.metric, task.default_space) == ("translation", "bits_per_token", "language")
    assert (task.signature.kind, task.signature.padded) == ("language", True)
    assert task.signature.outputs == task.signature.vocabulary
    pairs = [pair for split in task.splits.values() for pair in both_sides(split, task.prepare)]
    assert sorted(pairs) == sorted(sentences())
    if path.is_dir():
        assert pairs == sentences()
        assert task.source["split"] == "as given"
    task.save(tmp_path / "saved")
    assert Task.load(tmp_path / "saved").fingerprint == task.fingerprint
    assert len(task.baselines()) == 3


def test_the_target_is_what_was_asked_for(tmp_path):
    write_lines(tmp_path, "train", sentences())
    with pytest.raises(InputError, match=r"which language is to be translated to.*--target de or --target en"):
        open_task(tmp_path, kind="translation")
    with pytest.raises(InputError, match="unknown language 'fr'"):
        open_task(tmp_path, kind="translation", target="fr")
    task = open_task(tmp_path, kind="translation", target="en")
    assert task.source["languages"] == ["de", "en"]
    assert (sentences()[0][1], sentences()[0][0]) in both_sides(task.train, task.prepare)


def test_what_a_network_reads_of_a_sentence(write):
    task = open_task(write("pairs.tsv", tsv(sentences())), kind="translation")
    read = task.encode(["The dog sees the cat.", "The dog " * 100])
    assert text_of(read[0].tolist(), task.prepare) == " The dog sees the cat."
    assert read[0][read[0] > 0][-1] == END
    assert read[1][-1] == END


def test_pairs_without_a_side_are_left_out_and_counted(write):
    task = open_task(write("pairs.tsv", tsv([*sentences(), ("Yes.", ""), (" ", "Nein.")])), kind="translation")
    assert any("2 of 122 pairs lack a side: they are left out" in line for line in task.source["warnings"])


def test_long_pairs_are_left_out_and_counted(write):
    pairs = [*sentences(300), ("The dog " * 60, "hund " * 60)]
    task = open_task(write("pairs.tsv", tsv(pairs)), kind="translation", valid=0.1, test=0.1)
    assert sum(len(split) for split in task.splits.values()) == 300
    assert re.search(r"1 of \d+ (train|valid|test) pairs are longer than", "; ".join(task.source["warnings"]))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("one\ttwo\tthree\n", r"pairs.tsv, line 1: 3 texts instead of two: give a sentence and its translation"),
        (tsv(sentences(30)), r"pairs.tsv: 30 pairs of sentences are too few: give at least 40"),
        (tsv(sentences()) + "no translation\n", r"pairs.tsv, line 121: 1 texts instead of two"),
    ],
)
def test_tables_that_cannot_be_used_are_named(write, text, says):
    with pytest.raises(InputError, match=says):
        open_task(write("pairs.tsv", text), kind="translation")


def test_files_that_do_not_belong_together_are_named(tmp_path):
    with pytest.raises(InputError, match=r"holds no files such as train.en and train.de"):
        open_task(tmp_path, kind="translation", target="de")
    write_lines(tmp_path, "train", sentences())
    (tmp_path / "test.en").write_text("Only one.\n")
    with pytest.raises(InputError, match=r"test.en has no file in de beside it"):
        open_task(tmp_path, kind="translation", target="de")
    (tmp_path / "test.de").write_text("Eins.\nZwei.\n")
    with pytest.raises(InputError, match=r"test.de has 2 lines, .*test.en 1: each line must be the translation"):
        open_task(tmp_path, kind="translation", target="de")
    (tmp_path / "train.fr").write_text("Un.\n")
    with pytest.raises(InputError, match=r"files for the languages de, en, fr: give two"):
        open_task(tmp_path, kind="translation", target="de")


def test_separators_within_a_sentence_do_not_part_lines(tmp_path):
    pairs = [(f"{source}\u2028 so", target) for source, target in sentences()]
    write_lines(tmp_path, "train", pairs)
    task = open_task(tmp_path, kind="translation", target="de")
    assert sum(len(split) for split in task.splits.values()) == 120
    assert np.count_nonzero(task.train.x[:, 0])
