"""Recordings with labels: class folders of .wav files, or a table (manifest) of paths and labels, or transcripts.

Other formats, such as .flac, are read where soundfile is installed.
"""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from netwright.errors import InputError, MissingExtra
from netwright.tasks import digest
from netwright.tasks.examples import Array, Examples, Items, Part, column, listed, objects
from netwright.tasks.readers.class_folders import Files, Sort, check_damaged, find
from netwright.tasks.readers.texts import Lines, lines_of
from netwright.tasks.sound.sounds import scaled
from netwright.tasks.sound.transcripts import are_transcripts

SOUNDS = Sort("recordings", frozenset({".wav", ".flac", ".ogg"}), "yes/1.wav and no/2.wav")
HIGHEST_RATE = 16_000
"""Samples a second: speech has little above half of this."""
LEAST_RATE = 1_000
MOST_SECONDS = 600.0
"""Of the longest recording that is read."""
MOST_SPOKEN_S = 20.0
"""Of the longest recording that is transcribed."""
SAID = ("transcript", "transcription", "text", "sentence", "normalized_text", "label")
"""What columns of labels are called, the best first, where a table has others beside."""


def read_folder(directory: Path, name: str, domain: str = "sound") -> Examples:
    """A folder of class folders. Damaged files are skipped with a warning, up to a twentieth of all. Raises
    InputError."""
    found = Files()
    try:
        find(directory, SOUNDS, found)
    except OSError as error:
        raise InputError(f"{error.filename}: {error.strerror}", "check the folder's permissions") from None
    return examples_of(directory, name, found, None, domain)


def is_manifest(path: Path) -> bool:
    """Whether a table is one of paths of recordings, by its beginning."""
    with path.open("rb") as file:
        begin = file.read(4096).decode("utf-8-sig", errors="replace").lower()
    lines = begin.splitlines()[1:4]
    ends = [f"{suffix}{end}" for suffix in SOUNDS.suffixes for end in ',;\t"']
    return bool(lines) and all(any(end in f"{line}," for end in ends) for line in lines)


def read_manifests(
    files: Mapping[str, Path], target: str | None, name: str, transcribed: bool | None = None
) -> Examples:
    """Tables with a split each, of paths relative to them and labels. transcribed: whether these are transcripts, None:
    if they look like it. Raises InputError."""
    found, label = Files(), "label"
    for split, path in files.items():
        lines = _all_lines(lines_of(path, target))
        at, label_at = _columns(lines, target)
        label = lines.names[label_at]
        found.files[split] = [
            (_placed(path, row[at].strip(), number), row[label_at].strip())
            for row, number in zip(lines.rows, lines.numbers, strict=True)
        ]
    if transcribed is None:
        transcribed = are_transcripts([said for each in found.files.values() for _, said in each])
    return examples_of(files["train"], name, found, label, "speech" if transcribed else "sound")


def noted(files: Mapping[str, Path], target: str | None, words: Sequence[str]) -> dict[str, str]:
    """What a column with one of these names says of each recording, by its path; nothing where a table has none."""
    made = {}
    for path in files.values():
        lines = _all_lines(lines_of(path, target))
        at, _ = _columns(lines, target)
        place = next((place for place, name in enumerate(lines.names) if name.lower() in words), None)
        if place is not None:
            made.update({str(path.parent / row[at].strip()): row[place].strip() for row in lines.rows})
    return made


def _all_lines(lines: Lines) -> Lines:
    """With the first, where it was taken for one of names but is of a recording."""
    if not any(SOUNDS.has(Path(name)) for name in lines.names):
        return lines
    names = tuple(f"column {at}" for at in range(1, len(lines.names) + 1))
    return Lines(lines.path, names, [list(lines.names), *lines.rows], [1, *lines.numbers])


def _columns(lines: Lines, target: str | None) -> tuple[int, int]:
    """The places of the paths and of the labels."""
    paths = [at for at in range(len(lines.names)) if all(SOUNDS.has(Path(row[at].strip())) for row in lines.rows)]
    if not paths:
        known = f"they end in {listed(sorted(SOUNDS.suffixes))}"
        raise InputError(f"{lines.path} has no column of paths of recordings", known)
    others = [at for at in range(len(lines.names)) if at != paths[0]]
    if target is not None and target in lines.names:
        return paths[0], lines.names.index(target)
    named = {lines.names[at].lower(): at for at in others}
    said = next((named[word] for word in SAID if word in named), None)
    if target is None and said is not None:
        return paths[0], said
    if len(others) != 1:
        raise InputError(f"{lines.path}: which column is the target?", f"give one of {listed(lines.names)}")
    return paths[0], others[0]


def _placed(manifest: Path, given: str, number: int) -> Path:
    path = manifest.parent / given
    try:
        there = path.is_file()
    except OSError:
        there = False
    if not there:
        raise InputError(
            f"{manifest}, line {number}: {given}: no such file", "paths are relative to the table's folder"
        )
    return path


def examples_of(origin: Path, name: str, found: Files, label: str | None, domain: str = "sound") -> Examples:
    """The files that were found, read. domain: "speech" for labels that are transcripts. Raises InputError."""
    if domain == "speech":
        _without_transcript(found)
    most = MOST_SPOKEN_S if domain == "speech" else MOST_SECONDS
    heard = {split: _heard(files, found, most) for split, files in found.files.items()}
    check_damaged(origin, found, SOUNDS)
    rates = Counter(rate for _, rate, _, _ in heard["train"])
    if not rates:
        raise InputError(f"{origin} holds no recordings", "give at least 20")
    usual = min(HIGHEST_RATE, rates.most_common(1)[0][0])
    others = sum(rate != usual for each in heard.values() for _, rate, _, _ in each)
    if others:
        total = sum(map(len, heard.values()))
        found.warnings.append(f"{others} of {total} recordings have another rate than {usual} Hz: they are resampled")
    parts = {}
    for split, each in heard.items():
        waves = [at_rate(wave, rate, usual) for wave, rate, _, _ in each]
        items = Items.of(domain, waves, [str(path) for _, _, path, _ in each], rate=usual)
        labels = objects([one for _, _, _, one in each])
        labels = labels if domain == "speech" else column(labels, f"{origin}, the labels")
        parts[split] = Part(items, labels, label or "y")
    source = {"origin": str(origin), "sha256": digest.of_parts(parts.values())}
    return Examples.of(name, parts, source, found.warnings, label)


def _without_transcript(found: Files) -> None:
    """Counts recordings without a transcript among those that cannot be used."""
    for files in found.files.values():
        for path, text in files:
            if not text.strip():
                found.damaged.setdefault(path, f"{path} has no transcript")


def _heard(files: Sequence[tuple[Path, str]], found: Files, most: float) -> list[tuple[Array, int, Path, str]]:
    """Samples, rate, path and label of each file that can be read."""
    made = []
    for path, label in files:
        if path in found.damaged:
            continue
        try:
            made.append((*wave_of(path, most), path, label))
        except MissingExtra:
            raise
        except InputError as error:
            found.damaged[path] = str(error)
    return made


def wave_of(path: Path, most: float = MOST_SECONDS) -> tuple[Array, int]:
    """Samples (T,) between -1 and 1, channels averaged, and the rate. most: seconds. Raises InputError that
    names the file."""
    wave, rate = _read_wav(path) if path.suffix.lower() == ".wav" else _read_other(path)
    if not wave.size:
        raise InputError(f"{path} holds no sound", "remove or replace it")
    if not rate >= LEAST_RATE:
        raise InputError(f"{path} has {rate} samples a second", f"give at least {LEAST_RATE}")
    if len(wave) > most * rate:
        raise InputError(f"{path} takes {len(wave) / rate:.0f} s", f"cut it into pieces of {most:.0f} s at most")
    samples = scaled(wave)
    samples = samples.mean(axis=1) if samples.ndim == 2 else samples
    if not np.isfinite(samples).all():
        raise InputError(f"{path} holds samples that are no numbers", "remove or replace it")
    return samples, rate


def _read_wav(path: Path) -> tuple[Array, int]:
    from scipy.io import wavfile

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            rate, wave = wavfile.read(path)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file", "check the path") from None
    except IsADirectoryError:
        raise InputError(f"{path} is a folder", "give files") from None
    except Exception as error:
        raise InputError(f"{path}: not a readable WAV file ({error})", "remove or replace it") from None
    return np.asarray(wave), int(rate)


def _read_other(path: Path) -> tuple[Array, int]:
    try:
        import soundfile
    except ImportError:
        raise MissingExtra("soundfile", "sound") from None
    try:
        wave, rate = soundfile.read(path, dtype="float32")
    except (soundfile.LibsndfileError, OSError) as error:
        raise InputError(f"{path}: not a readable recording ({error})", "remove or replace it") from None
    return np.asarray(wave), int(rate)


def at_rate(wave: Array, rate: int, wanted: int) -> Array:
    """The samples brought to another rate."""
    if rate == wanted:
        return wave
    from math import gcd

    from scipy.signal import resample_poly

    common = gcd(rate, wanted)
    made: Array = resample_poly(wave, wanted // common, rate // common).astype(np.float32)
    return made
