"""Recordings with transcripts: every form that they come in, what is skipped, what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.tasks.tones import RATE, save, speak, texts

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.tasks import Task, open_task
from netwright.tasks.examples import Items, Part, objects
from netwright.tasks.sound.transcripts import are_transcripts, coded, needed, plain, steps

COUNT = 40
Write = Callable[[Path, list[str]], Path]


def recordings(folder: Path, count: int = COUNT, suffix: str = ".wav") -> list[tuple[str, str]]:
    """Names and transcripts of recordings in a folder."""
    said = texts(count)
    for at, text in enumerate(said):
        save(folder / f"{at:03}{suffix}", speak(text))
    return [(f"{at:03}", text) for at, text in enumerate(said)]


def manifest(name: str, line: Callable[[str, str], str], head: str = "") -> Write:
    def write(folder: Path, _: list[str]) -> Path:
        rows = [line(f"audio/{one}.wav", text) for one, text in recordings(folder / "audio")]
        (folder / name).write_text("\n".join([*([head] if head else []), *rows]) + "\n")
        return folder / name

    return write


def pairs(folder: Path, _: list[str]) -> Path:
    for one, text in recordings(folder / "all" / "speaker-1"):
        (folder / "all" / "speaker-1" / f"{one}.txt").write_text(f"{text.upper()}.\n")
    return folder / "all"


def libri(folder: Path, _: list[str]) -> Path:
    for part, count in (("train-clean-100", 30), ("dev-clean", 5), ("test-clean", 5)):
        chapter = folder / "libri" / part / "84" / "12"
        rows = [f"{one} {text.upper()}" for one, text in recordings(chapter, count)]
        (chapter / "84-12.trans.txt").write_text("\n".join(rows) + "\n")
    return folder / "libri"


FORMS: dict[str, Write] = {
    "named csv": manifest("list.csv", lambda path, text: f'{path},"{text}"', "path,transcript"),
    "bare csv": manifest("list.csv", lambda path, text: f"{path},{text}"),
    "tsv, columns beside": manifest("list.tsv", lambda path, text: f"ann\t{path}\t{text}", "speaker\tpath\tsentence"),
    "jsonl": manifest("list.jsonl", lambda path, text: json.dumps({"audio": path, "text": text, "duration": 1.5})),
    "pairs": pairs,
    "libri": libri,
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_is_a_speech_transcription(form: str, tmp_path: Path) -> None:
    task = open_task(FORMS[form](tmp_path, []))
    assert (task.kind, task.metric, task.default_space) == ("speech-transcription", "cer", "speech")
    assert task.classes == ("", " ", "a", "b", "c")
    assert task.metrics == ("cer", "wer")
    assert (task.signature.kind, task.signature.outputs, task.signature.padded) == ("transcript", 5, True)
    assert sum(len(split) for split in task.splits.values()) == COUNT
    said = {"".join(task.classes[one] for one in row if one >= 0) for split in task.splits.values() for row in split.y}
    assert said == set(texts(30 if form == "libri" else COUNT))
    if form == "libri":
        assert [len(split) for split in task.splits.values()] == [30, 5, 5]
    task.save(tmp_path / "saved")
    again = Task.load(tmp_path / "saved")
    assert (again.fingerprint, again.signature) == (task.fingerprint, task.signature)
    assert len(task.baselines()) == 3


def test_words_stay_words_unless_told_otherwise(tmp_path: Path) -> None:
    rows = []
    for at in range(40):
        save(tmp_path / f"{at}.wav", speak("ab"[at % 2]))
        rows.append(f"{at}.wav,{'ab'[at % 2]}")
    (tmp_path / "list.csv").write_text("\n".join(rows))
    assert open_task(tmp_path / "list.csv").kind == "speech-recognition"
    assert open_task(tmp_path / "list.csv", kind="classification").kind == "speech-recognition"
    task = open_task(tmp_path / "list.csv", kind="speech-transcription")
    assert (task.kind, task.classes) == ("speech-transcription", ("", " ", "a", "b"))


def test_told_apart_from_commands() -> None:
    assert are_transcripts([f"turn on lamp {at}" for at in range(9)])
    assert not are_transcripts(["turn on", "turn off"] * 30)
    assert are_transcripts([f"word{at}" for at in range(30)])
    assert not are_transcripts(["yes", "no", "stop", "go"])


def test_the_first_line_of_a_table_without_names_is_an_example(tmp_path: Path) -> None:
    source = FORMS["bare csv"](tmp_path, [])
    assert sum(len(split) for split in open_task(source).splits.values()) == COUNT


def test_official_splits_are_kept(tmp_path: Path) -> None:
    listed = recordings(tmp_path / "audio")
    for split, part in (("train", listed[:30]), ("test", listed[30:])):
        rows = [f"audio/{one}.wav\t{text}" for one, text in part]
        (tmp_path / f"{split}.tsv").write_text("\n".join(["path\ttranscript", *rows]))
    task = open_task(tmp_path)
    assert (task.kind, len(task.test)) == ("speech-transcription", 10)


def test_what_is_missing_is_named_and_counted(tmp_path: Path) -> None:
    source = pairs(tmp_path, [])
    (source / "speaker-1" / "003.txt").unlink()
    (source / "speaker-1" / "004.txt").write_text(" \n")
    task = open_task(source)
    said = next(line for line in task.source["warnings"] if "skipped" in line)
    assert "2 of 40 recordings cannot be read and were skipped" in said
    assert "003.wav: there is no 003.txt beside it" in said
    assert "004.wav has no transcript" in said
    (source / "speaker-1" / "005.wav").write_bytes(b"RIFF")
    with pytest.raises(InputError, match=r"3 of 40 recordings cannot be read.*005.wav: not a readable WAV file"):
        open_task(source)


def test_lists_name_what_is_not_there(tmp_path: Path) -> None:
    source = libri(tmp_path, [])
    chapter = source / "train-clean-100" / "84" / "12"
    with (chapter / "84-12.trans.txt").open("a") as file:
        file.write("999 A B\n")
    save(chapter / "unlisted.wav", speak("a b"))
    said = next(line for line in open_task(source).source["warnings"] if "skipped" in line)
    assert "84-12.trans.txt, line 31: there is no recording '999'" in said
    assert "unlisted.wav has no transcript" in said


def test_a_manifest_names_its_lines(tmp_path: Path) -> None:
    source = FORMS["named csv"](tmp_path, [])
    text = source.read_text()
    source.write_text(text + "audio/none.wav,a b\n")
    with pytest.raises(InputError, match=r"list.csv, line 42: audio/none.wav: no such file"):
        open_task(source)
    source.write_text(text.replace('"', "").replace("audio/000.wav,a b c", "audio/000.wav,?!"))
    with pytest.raises(InputError, match=r"000.wav: no words in '\?!': write down what is said"):
        open_task(source)


def test_a_folder_without_any_is_refused(tmp_path: Path) -> None:
    save(tmp_path / "only" / "a.wav", speak("a"))
    with pytest.raises(InputError, match=r"recordings cannot be read.*there is no a.txt beside it"):
        open_task(tmp_path / "only", kind="speech-transcription")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"holds no recordings with transcripts.*put a .txt"):
        open_task(tmp_path / "empty", kind="speech-transcription")


def test_long_recordings_are_left_out_and_said(tmp_path: Path) -> None:
    source = pairs(tmp_path, [])
    save(source / "speaker-1" / "000.wav", np.tile(speak("a b c"), 60))
    warnings = open_task(source).source["warnings"]
    assert any("000.wav takes" in line and "cut it into pieces of 20 s at most" in line for line in warnings)


def test_what_is_predicted_on_is_heard_to_its_end(tmp_path: Path) -> None:
    task = open_task(pairs(tmp_path, []))
    assert task.encode([tmp_path / "all" / "speaker-1" / "000.wav"]).shape == (1, *task.signature.inputs)
    with pytest.raises(InputError, match=r"recording 0 takes .* s: the network hears .* s: cut it into pieces"):
        task.encode([np.tile(speak("a b c"), 20)])


def test_transcripts_are_small_letters_without_marks() -> None:
    assert plain("  “Well,” she said: IT'S ½ past nine!") == "well she said it's ½ past nine"
    assert plain("Ça va ? Straße") == "ça va straße"
    assert plain("'tis the dogs'") == "tis the dogs"
    assert plain("¿?") == ""


def part(said: list[str]) -> Part:
    waves = [np.zeros(10, dtype=np.float32)] * len(said)
    return Part(Items.of("speech", waves, [f"{at}.wav" for at in range(len(said))]), objects(said), "transcript")


def test_characters_that_training_does_not_have_are_said() -> None:
    y, classes, warnings = coded({"train": part(["ab", "b a"]), "test": part(["abz"])})
    assert classes == ("", " ", "a", "b")
    assert y["train"].tolist() == [[2, 3, -1], [3, 1, 2]]
    assert y["test"].tolist() == [[2, 3, 0]]
    assert "the test transcripts have characters that no training transcript has: z" in warnings[0]


def test_steps_that_transcripts_need() -> None:
    """A step a character, one more between two of the same; twice the longest; and enough where a recording is fast."""
    y, _, _ = coded({"train": part(["aab", "ab"])})
    assert needed(y["train"]).tolist() == [4, 2]
    x = np.zeros((2, 3, 100), dtype=np.float32)
    x[0, :, :90] = x[1, :, :50] = 1.0
    assert steps(part(["aab", "ab"]), y["train"], x) == (6, [])
    x[0, :, 8:] = 0.0
    least, _ = steps(part(["aab", "ab"]), y["train"], x)
    assert 45 <= least <= 50
    x[0, :, 3:] = 0.0
    with pytest.raises(InputError, match=r"1 of 2 training recordings are too short.*0.wav has 3 frames for 3 char"):
        steps(part(["aab", "ab"]), y["train"], x)


def test_flac_and_ogg_are_read_like_wav(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile", reason="soundfile is not installed: pip install 'netwright[sound]'")
    wave = speak("a b c")
    task = open_task(pairs(tmp_path, []))
    expected = task.encode([save(tmp_path / "a.wav", wave)])
    for suffix, close in ((".flac", 0.999), (".ogg", 0.8)):
        soundfile.write(tmp_path / f"a{suffix}", wave, RATE)
        found = task.encode([tmp_path / f"a{suffix}"])
        assert np.corrcoef(expected.ravel(), found.ravel())[0, 1] > close, suffix
    (tmp_path / "broken.flac").write_bytes(b"fLaC....")
    with pytest.raises(InputError, match=r"broken.flac: not a readable recording"):
        task.encode([tmp_path / "broken.flac"])


def test_a_folder_of_flac_files_is_a_task(tmp_path: Path) -> None:
    soundfile = pytest.importorskip("soundfile", reason="soundfile is not installed: pip install 'netwright[sound]'")
    chapter = tmp_path / "books" / "train" / "1" / "2"
    chapter.mkdir(parents=True)
    for at, text in enumerate(texts(COUNT)):
        soundfile.write(chapter / f"1-2-{at:04}.flac", speak(text), RATE)
    rows = [f"1-2-{at:04} {text.upper()}" for at, text in enumerate(texts(COUNT))]
    (chapter / "1-2.trans.txt").write_text("\n".join(rows))
    task = open_task(tmp_path / "books")
    assert (task.kind, len(task.classes)) == ("speech-transcription", 5)


def test_signatures_of_transcripts() -> None:
    signature = Signature((40, 100), 6, "transcript", padded=True, steps=20)
    assert Signature.from_dict(signature.to_dict()) == signature
    assert [signature.answered_by(shape) for shape in ((6, 20), (6, 50), (6, 19), (5, 20), (6,))] == [
        True,
        True,
        False,
        False,
        False,
    ]
    with pytest.raises(InputError, match="have no transcript: only sequences"):
        Signature((3, 8, 8), 6, "transcript")
    with pytest.raises(InputError, match="only transcripts and sound have steps"):
        Signature((40, 100), 6, steps=3)
