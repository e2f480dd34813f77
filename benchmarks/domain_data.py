"""Public data sets as files such as users have, for the searches in docs/domains.md.

    python benchmarks/domain_data.py SETS OUT

SETS: a folder with text/sst2_{train,dev,test}.tsv.gz, text/trec_train_5500.label.gz, text/trec_TREC_10.label.gz,
text/tinyshakespeare.txt.gz, multi30k_en_de/, fsdd.npz, camvid_180x240.tar.gz and bccd.tar.gz, as they come from where
docs/domains.md says. OUT gets sst2/, trec/ (train.tsv, test.tsv), tinyshakespeare/, multi30k/ (train.en.gz,
train.de.gz, …), fsdd/ (train/ and test/ with a folder of WAV files for each digit), digit-strings/ (the same
recordings, three to six in a row, with what is said in train.tsv, valid.tsv, test.tsv), camvid/ (train/, trainannot/, …
and classes.txt), bccd/ (Annotations/, JPEGImages/, ImageSets/) and, where aeon is installed (`pip install --no-deps
aeon`), vowels/. What is there already stays.
"""

from __future__ import annotations

import gzip
import shutil
import sys
import tarfile
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from scipy.io import wavfile

OFFICIAL_TEST = 5
"""Recordings of each digit and speaker that are for testing: those with a smaller number."""
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
USES = {"train": 3, "valid": 2, "test": 2}
"""How many strings of a split each of its recordings is in; no recording is in two splits."""
FEWEST, MOST = 3, 6
"""Digits of a string."""
PAUSE_S = (0.03, 0.15)
RATE = 8000


def sst2(sets: Path, out: Path) -> None:
    for split in ("train", "dev", "test"):
        shutil.copyfile(sets / "text" / f"sst2_{split}.tsv.gz", out / f"{split}.tsv.gz")


def trec(sets: Path, out: Path) -> None:
    """Lines "COARSE:fine question" in latin-1 as a question and its coarse class."""
    for split, name in (("train", "trec_train_5500"), ("test", "trec_TREC_10")):
        with gzip.open(sets / "text" / f"{name}.label.gz", "rt", encoding="latin-1") as lines:
            parted = [line.rstrip("\n").split(" ", 1) for line in lines]
        rows = [f"{question}\t{label.partition(':')[0]}" for label, question in parted]
        (out / f"{split}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def tinyshakespeare(sets: Path, out: Path) -> None:
    (out / "tinyshakespeare.txt").write_bytes(gzip.decompress((sets / "text" / "tinyshakespeare.txt.gz").read_bytes()))


def multi30k(sets: Path, out: Path) -> None:
    for path in (sets / "multi30k_en_de").glob("*.gz"):
        shutil.copyfile(path, out / path.name)


def _recordings(sets: Path) -> dict[str, np.ndarray]:
    with np.load(sets / "fsdd.npz", allow_pickle=False) as archive:
        return {name: archive[name] for name in ("audio", "offsets", "label", "speaker", "index")}


def fsdd(sets: Path, out: Path) -> None:
    held = _recordings(sets)
    for place in range(len(held["label"])):
        digit, speaker, number = held["label"][place], held["speaker"][place], held["index"][place]
        folder = out / ("test" if number < OFFICIAL_TEST else "train") / str(digit)
        folder.mkdir(parents=True, exist_ok=True)
        begin, end = held["offsets"][place : place + 2]
        wavfile.write(folder / f"{speaker}-{number}.wav", RATE, held["audio"][begin:end])


def digit_strings(sets: Path, out: Path) -> None:
    """Digits of one speaker in a row, with short pauses."""
    held, random = _recordings(sets), np.random.default_rng(0)
    number = held["index"]
    splits = {
        "train": number >= 2 * OFFICIAL_TEST,
        "valid": (number >= OFFICIAL_TEST) & (number < 2 * OFFICIAL_TEST),
        "test": number < OFFICIAL_TEST,
    }
    for split, chosen in splits.items():
        (out / split).mkdir()
        rows = ["path\ttranscript"]
        for speaker in np.unique(held["speaker"]):
            own = np.flatnonzero(chosen & (held["speaker"] == speaker))
            for places in _rows(np.concatenate([random.permutation(own) for _ in range(USES[split])]), random):
                path = f"{split}/{speaker}-{len(rows):04}.wav"
                wavfile.write(out / path, RATE, _joined(held, places, random))
                rows.append(f"{path}\t{' '.join(WORDS[int(held['label'][place])] for place in places)}")
        (out / f"{split}.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")


def _rows(places: np.ndarray, random: np.random.Generator) -> list[np.ndarray]:
    """All places in turn, a few in a row; those that are left at the end make no row."""
    made = []
    while len(places) >= MOST:
        size = int(random.integers(FEWEST, MOST + 1))
        made.append(places[:size])
        places = places[size:]
    return made


def _joined(held: dict[str, np.ndarray], places: np.ndarray, random: np.random.Generator) -> np.ndarray:
    parts = []
    for place in places:
        begin, end = held["offsets"][place : place + 2]
        pause = round(float(random.uniform(*PAUSE_S)) * RATE)
        parts += [np.zeros(pause, dtype=np.int16), held["audio"][begin:end]]
    return np.concatenate(parts)


CAMVID = (
    "sky",
    "building",
    "pole",
    "road",
    "pavement",
    "tree",
    "sign",
    "fence",
    "car",
    "pedestrian",
    "bicyclist",
    "void",
)


def camvid(sets: Path, out: Path) -> None:
    """The SegNet tutorial's CamVid at half its size; places of the last class count as unknown."""
    with tarfile.open(sets / "camvid_180x240.tar.gz") as archive:
        archive.extractall(out, filter="data")
    (out / "classes.txt").write_text("\n".join(CAMVID) + "\n", encoding="utf-8")


def bccd(sets: Path, out: Path) -> None:
    """Blood cells with boxes, in the form of Pascal VOC, with the splits that they came with."""
    with tarfile.open(sets / "bccd.tar.gz") as archive:
        archive.extractall(out, filter="data")
    for part in (out / "BCCD").iterdir():
        part.rename(out / part.name)
    (out / "BCCD").rmdir()


def vowels(sets: Path, out: Path) -> None:
    """Japanese Vowels, from the package aeon."""
    found = find_spec("aeon")
    if found is None or found.origin is None:
        print("vowels: aeon is not installed (pip install --no-deps aeon)", file=sys.stderr)
        return
    folder = Path(found.origin).parent / "datasets" / "data" / "JapaneseVowels"
    for split in ("TRAIN", "TEST"):
        shutil.copyfile(folder / f"JapaneseVowels_{split}.ts", out / f"JapaneseVowels_{split}.ts")


def main() -> None:
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sets, out = map(Path, sys.argv[1:])
    for write in (sst2, trec, tinyshakespeare, multi30k, fsdd, digit_strings, camvid, bccd, vowels):
        folder = out / write.__name__.replace("_", "-")
        if folder.exists():
            continue
        folder.mkdir(parents=True)
        write(sets, folder)


if __name__ == "__main__":
    main()
