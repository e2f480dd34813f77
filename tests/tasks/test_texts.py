"""Texts with labels, from every format that they come in."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import numpy as np
import pytest

from netwright.errors import InputError
from netwright.tasks import Task, open_task
from netwright.tasks.text.texts import words

GOOD = ("a fine and moving film", "i laughed all the way home", "what a lovely surprise it was", "simply the best")
BAD = ("a dull and lifeless mess", "i slept all the way through", "what a waste of two hours", "simply the worst")


def sentences(count=60):
    """Different sentences with their labels."""
    made = []
    for index in range(count):
        label = ("praise", "blame")[index % 2]
        made.append((f"{(GOOD, BAD)[index % 2][index // 2 % 4]}, number {index} of {'abcdefg'[index % 7]}", label))
    return made


def csv_text(pairs, head="", turn=False):
    lines = [f'{label},"{text}"' if turn else f'"{text}",{label}' for text, label in pairs]
    return "\n".join([head, *lines] if head else lines) + "\n"


def tsv_text(pairs, head=""):
    lines = [f"{text}\t{label}" for text, label in pairs]
    return "\n".join([head, *lines] if head else lines) + "\n"


def jsonl_text(pairs):
    return "".join(json.dumps({"review": text, "mood": label}) + "\n" for text, label in pairs)


FORMATS = {
    "bare.csv": lambda pairs: csv_text(pairs),
    "named.csv": lambda pairs: csv_text(pairs, "review,mood"),
    "turned.csv": lambda pairs: csv_text(pairs, "mood,review", turn=True),
    "bare.tsv": lambda pairs: tsv_text(pairs),
    "named.tsv": lambda pairs: tsv_text(pairs, "review\tmood"),
    "objects.jsonl": jsonl_text,
}


@pytest.fixture(params=[*FORMATS, "packed.tsv.gz", "folders", "splits"])
def source(request, tmp_path):
    """The same texts in one of the formats."""
    name, pairs = request.param, sentences()
    if name == "folders":
        for index, (text, label) in enumerate(pairs):
            (tmp_path / "reviews" / label).mkdir(parents=True, exist_ok=True)
            (tmp_path / "reviews" / label / f"{index:03}.txt").write_text(text)
        return tmp_path / "reviews"
    if name == "splits":
        for split, part in (("train", pairs[:40]), ("dev", pairs[40:50]), ("test", pairs[50:])):
            (tmp_path / f"{split}.tsv").write_text(tsv_text(part))
        return tmp_path
    if name.endswith(".gz"):
        (tmp_path / name).write_bytes(gzip.compress(tsv_text(pairs).encode()))
    else:
        (tmp_path / name).write_text(FORMATS[name](pairs))
    return tmp_path / name


def test_every_format_is_a_text_task(source, tmp_path):
    task = open_task(source)
    assert (task.kind, task.classes, task.metric) == ("text-classification", ("blame", "praise"), "accuracy")
    assert (task.default_space, task.signature.form) == ("text", "tokens")
    assert sum(len(split) for split in task.splits.values()) == 60
    assert task.signature.vocabulary == len(task.prepare["words"]) + 2
    for split in task.splits.values():
        assert split.x.dtype == np.int32
        assert split.x.max() < task.signature.vocabulary
        assert (split.x[:, 0] > 0).all()
    saved = tmp_path / "saved"
    task.save(saved)
    assert Task.load(saved).fingerprint == task.fingerprint
    assert len(task.baselines()) == 3


def test_what_is_read_is_what_was_written(source):
    task = open_task(source)
    place = {word: index for index, word in enumerate(task.prepare["words"], start=2)}
    assert {"film", "worst", "lovely", ","} <= place.keys()
    known = task.encode("a lovely film")[0]
    assert known[:3].tolist() == [place["a"], place["lovely"], place["film"]]
    assert not known[3:].any()


def test_labels_may_be_numbers_and_official_splits_are_kept(tmp_path):
    for split, part in (("train", sentences(40)), ("test", sentences(60)[40:])):
        (tmp_path / f"{split}.tsv").write_text(tsv_text([(text, int(label == "praise")) for text, label in part]))
    task = open_task(tmp_path)
    assert task.classes == ("0", "1")
    assert len(task.test) == 20


def test_texts_in_memory():
    pairs = sentences()
    task = open_task(([text for text, _ in pairs], [label for _, label in pairs]))
    assert (task.kind, task.classes) == ("text-classification", ("blame", "praise"))
    with pytest.raises(InputError, match="text 1 is empty"):
        open_task((["a", " "], [0, 1]))
    with pytest.raises(InputError, match="X holds 2 texts and y 1 labels"):
        open_task((["a", "b"], [0]))


def test_a_column_that_is_not_there_is_named(write):
    with pytest.raises(InputError, match=r"t.tsv: unknown column 'mod': did you mean 'mood'"):
        open_task(write("t.tsv", FORMATS["named.tsv"](sentences())), target="mod")


def test_words():
    assert words("Don't STOP: 3 films, 東京!") == ["don't", "stop", ":", "0", "films", ",", "東", "京", "!"]


def test_rare_words_share_a_token_by_their_ending(write):
    pairs = [(f"{'un' * (index + 1)}watchable and number {index}", "ab"[index % 2]) for index in range(30)]
    task = open_task(write("t.tsv", tsv_text(pairs)))
    assert "~ble" in task.prepare["words"]
    ours, unknown, other = task.encode(["readable", "xyz", "stable"])[:, 0]
    assert ours == other > 1
    assert unknown == 1


def test_tables_stay_tables(write):
    rows = "".join(f"Mr. Owen Harris {index},{index % 7},{['no', 'yes'][index % 2]}\n" for index in range(60))
    path = write("people.csv", "name,age,survived\n" + rows)
    assert open_task(path, target="survived").kind == "tabular-classification"
    texts = open_task(path, target="survived", kind="text-classification")
    assert texts.kind == "text-classification"
    assert any("columns beside the text 'name' are left out: age" in line for line in texts.source["warnings"])
    numbers = write("numbers.csv", "x,y\n" + "".join(f"{index / 7},{index % 2}\n" for index in range(60)))
    assert open_task(numbers, target="y").kind == "tabular-classification"
    with pytest.raises(InputError, match=r"numbers.csv has no column of texts: x, y"):
        open_task(numbers, target="y", kind="text-classification")


def test_empty_texts_are_left_out_and_counted(write):
    pairs = [*sentences(), ("", "praise"), ("  ", "blame")]
    task = open_task(write("t.tsv", tsv_text(pairs)))
    assert any("2 of 62 texts are empty (line 61): they are left out" in line for line in task.source["warnings"])
    with pytest.raises(InputError, match=r"12 of 72 texts are empty \(line 61\): fill them in or remove the lines"):
        open_task(write("u.tsv", tsv_text([*sentences(), *[("", "praise")] * 12])), kind="text-classification")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("t.tsv", tsv_text(sentences()) + "one more\tpraise\tblame\n", r"t.tsv, line 61: 3 values for 2 columns"),
        ("t.tsv", tsv_text([*sentences(), ("a text with no label", "")]), r"t.tsv, line 61: no value in the target"),
        ("t.jsonl", jsonl_text(sentences()) + "{broken\n", r"t.jsonl, line 61: no JSON"),
        ("t.jsonl", jsonl_text(sentences()) + "[1]\n", r"t.jsonl, line 61: no object"),
        ("t.jsonl", "", r"t.jsonl holds no texts"),
        ("t.tsv", tsv_text([(text, "same") for text, _ in sentences()]), r"every example has the label 'same'"),
    ],
)
def test_bad_files_are_named(write, name, content, message):
    with pytest.raises(InputError, match=message):
        open_task(write(name, content), kind="text-classification")


def test_wrong_encodings_are_named(tmp_path):
    path = tmp_path / "t.tsv"
    path.write_bytes(tsv_text(sentences()).encode() + "café au lait\tpraise\n".encode("latin-1"))
    with pytest.raises(InputError, match=r"t.tsv, line 61: not UTF-8 text: save it as UTF-8"):
        open_task(path)


def test_unknown_classes_in_the_test_split_are_named(tmp_path):
    (tmp_path / "train.tsv").write_text(tsv_text(sentences()))
    (tmp_path / "test.tsv").write_text(tsv_text([*sentences(8), ("a strange one", "neither")]))
    with pytest.raises(InputError, match=r"test.tsv, line 9 of the test split has the label 'neither'"):
        open_task(tmp_path)


def test_damaged_files_in_folders_are_skipped_and_counted(tmp_path):
    for index, (text, label) in enumerate(sentences()):
        (tmp_path / label).mkdir(exist_ok=True)
        (tmp_path / label / f"{index:03}.txt").write_text(text)
    (tmp_path / "praise" / "zz.txt").write_bytes("café".encode("latin-1"))
    (tmp_path / "blame" / "zz.txt").write_text("\n")
    warnings = open_task(tmp_path).source["warnings"]
    assert any("2 of 62 texts cannot be read and were skipped" in line and "zz.txt" in line for line in warnings)
    for index in range(8):
        (tmp_path / "blame" / f"zz{index}.txt").write_text("")
    with pytest.raises(InputError, match=r"10 of 70 texts cannot be read.*remove or replace them"):
        open_task(tmp_path)


def test_two_files_for_a_split(tmp_path):
    for name in ("a_train.tsv", "b_train.tsv"):
        (tmp_path / name).write_text(tsv_text(sentences()))
    with pytest.raises(InputError, match=r"several files for the train split: a_train.tsv, b_train.tsv"):
        open_task(tmp_path)


def test_texts_to_predict_on(write, monkeypatch):
    task = open_task(write("named.csv", FORMATS["named.csv"](sentences())))
    expected = task.encode(["a fine film", "a dull mess"])
    lines = write("new.txt", "a fine film\na dull mess\n")
    table = write("new.csv", "id,review,extra\n1,a fine film,x\n2,a dull mess,y\n")
    alone = write("alone.tsv", "a fine film\na dull mess\n")
    objects = write("new.jsonl", '{"review": "a fine film"}\n{"review": "a dull mess", "more": 1}\n')
    for path in (lines, table, alone, objects):
        assert (task.encode(path) == expected).all(), path
    monkeypatch.setattr("sys.stdin", io.StringIO("a fine film\na dull mess\n"))
    assert (task.encode(Path("-")) == expected).all()
    for wrong, message in (([], "no texts"), ([3], "text 0 is a int"), (["ok", " "], "text 1 holds no words")):
        with pytest.raises(InputError, match=message):
            task.encode(wrong)


def test_real_sentences(real):
    task = open_task(real("text/sst2_train.tsv.gz"))
    assert sum(len(split) for split in task.splits.values()) == 6920
    assert task.classes == ("0", "1")
    spam = open_task(real("text/sms_spam.tsv.gz"))
    assert spam.classes == ("ham", "spam")
    assert sum(len(split) for split in spam.splits.values()) == 5574
