"""Files of strangers: whatever is in them, a reader reads them or refuses them with an `InputError`.

    python -m netwright.testing.hostile --seconds 600            every reader, so long each
    python -m netwright.testing.hostile architecture.json csv    these two, a minute each

Files that a reader takes are damaged at random: bits and bytes, numbers, words that mean something to some format,
parts left out, repeated and exchanged. Whatever else than a refusal comes out of it is a finding, printed with the
bytes that lead there; exit code 1 where there is any.
"""

from __future__ import annotations

import argparse
import faulthandler
import hashlib
import io
import json
import random
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from netwright.errors import InputError
from netwright.operations import Signature
from netwright.space import OpGraph, OpNode, Space, chain, choice, integer, op, repeat
from netwright.testing import hostile_boxes
from netwright.testing import hostile_masks as masks

LONGEST_S = 20.0
"""What a reader may take for one small file."""

WORDS = (
    *(b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"\n", b",", b'"', b"\t", b"[" * 200, b'{"a":' * 200, b"{}", b"[]"),
    *(b"NaN", b"1e999", b"-1", b"0", b"9" * 40, b"1" * 5000, b"18446744073709551616", b"-0.0", b"true", b"\\ud800"),
    *(b"../../../etc/passwd", b"!!python/object/apply:os.system", b"&a [*a,*a]", b"\xc3\x28", b"<script>", b"\x1b[2J"),
)


@dataclass(frozen=True)
class Reader:
    """file: its name; valid: the bytes of a file that is taken; read: what is tried; wrap: from damaged bytes to the
    file's, so that what lies inside an archive can be damaged too."""

    file: str
    valid: Callable[[], bytes]
    read: Callable[[Path], object]
    wrap: Callable[[bytes], bytes] = lambda data: data


@dataclass(frozen=True)
class Finding:
    """A file that a reader neither took nor refused."""

    reader: str
    error: str
    data: bytes


def damaged(valid: bytes, draw: random.Random) -> bytes:
    """The bytes with one to four changes."""
    data = bytearray(valid)
    for _ in range(draw.choice((1, 1, 2, 4))):
        _change(data, draw)
    return bytes(data)


def _change(data: bytearray, draw: random.Random) -> None:
    at = draw.randrange(len(data) + 1)
    end = min(len(data), at + draw.choice((1, 2, 4, 8, 64, 1024)))
    kind = draw.randrange(7)
    if kind == 0 and at < len(data):
        data[at] ^= 1 << draw.randrange(8)
    elif kind == 1:
        data[at:end] = draw.randbytes(end - at)
    elif kind == 2:
        data[at:at] = draw.choice(WORDS)
    elif kind == 3:
        data[at:end] = draw.choice(WORDS)
    elif kind == 4:
        del data[at:end]
    elif kind == 5:
        data[at:at] = data[at:end] * draw.choice((1, 2, 50))
    else:
        del data[at:]


def findings(name: str, reader: Reader, tries: Iterator[int], seed: int = 0) -> Iterator[Finding]:
    """What a reader does wrong about damaged files, one for each of `tries`."""
    valid = reader.valid()
    with tempfile.TemporaryDirectory(prefix="netwright-hostile-") as folder:
        path = Path(folder) / reader.file
        path.write_bytes(reader.wrap(valid))
        reader.read(path)
        for number in tries:
            data = damaged(valid, random.Random(f"{name} {seed} {number}"))
            try:
                path.write_bytes(reader.wrap(data))
                _tried(reader, path)
            except InputError:
                continue
            except Exception as error:
                yield Finding(name, f"{type(error).__name__}: {error}", data)


def _tried(reader: Reader, path: Path) -> None:
    """Raises TimeoutError where it took too long; where it never ends, the process ends with the place it is at."""
    faulthandler.dump_traceback_later(10 * LONGEST_S, exit=True)
    began = time.monotonic()
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            reader.read(path)
    finally:
        faulthandler.cancel_dump_traceback_later()
    if (took := time.monotonic() - began) > LONGEST_S:
        raise TimeoutError(f"took {took:.0f} s")


# The readers --------------------------------------------------------------------------------------------------------

_SPACE = Space(
    chain(repeat(op("conv", kernel=choice(3, 5), channels=integer(8, 32, step=8)), integer(1, 3)), op("head")), "small"
)


_SIGNATURE = Signature((1, 8, 8), 2)
_GRAPH = OpGraph((OpNode("input", "input", {}, (), "input"), OpNode("out", "head", {}, (0,), "out")), 1)


def _architecture(sha256: str = "00" * 32) -> bytes:
    from netwright.deploy.metadata import Metadata

    prepare = {"shape": [1, 8, 8], "span": [0, 255], "resize": False, "mean": [0.5], "std": [0.2]}
    metadata = Metadata(_GRAPH, _SIGNATURE, "small", "image-classification", prepare, ("cat", "dog"), sha256)
    return metadata.to_json().encode()


def _read_architecture(path: Path) -> object:
    from netwright.deploy.metadata import Metadata

    return Metadata.read(path)


def _csv() -> bytes:
    rows = [f"{row},{row % 3}.5,{'red' if row % 2 else 'blue'},{'yes' if row % 3 else 'no'}" for row in range(40)]
    return "\n".join(("size,weight,colour,sold", *rows)).encode()


def _texts() -> bytes:
    return "\n".join(f"a text of {row} words and more\t{'good' if row % 2 else 'bad'}" for row in range(40)).encode()


def _lines() -> bytes:
    objects = ({"text": f"a text of {row} words", "label": "good" if row % 2 else "bad"} for row in range(40))
    return "\n".join(map(json.dumps, objects)).encode()


def _series() -> bytes:
    rows = [",".join(f"{row + step % 5}" for step in range(12)) + f":{row % 2}" for row in range(20)]
    head = ("@problemName small", "@timeStamps false", "@univariate true", "@classLabel true 0 1", "@data")
    return "\n".join((*head, *rows)).encode()


def _npz() -> bytes:
    rng = np.random.default_rng(0)
    file = io.BytesIO()
    np.savez_compressed(file, x=rng.integers(0, 255, (30, 8, 8), dtype=np.uint8), y=np.arange(30) % 3)
    return file.getvalue()


def _npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.random.default_rng(0).random((30, 4), dtype=np.float32))
    return file.getvalue()


def _zipped(npy: bytes) -> bytes:
    """An archive with these bytes for its array x."""
    file, y = io.BytesIO(), io.BytesIO()
    np.save(y, np.arange(30) % 3)
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", npy)
        archive.writestr("y.npy", y.getvalue())
    return file.getvalue()


def _parquet() -> bytes:
    import pyarrow
    from pyarrow import parquet

    file = io.BytesIO()
    columns = {"size": list(range(40)), "colour": ["red", "blue"] * 20, "sold": ["yes", "no"] * 20}
    parquet.write_table(pyarrow.table(columns), file)
    return file.getvalue()


def _wav() -> bytes:
    import wave

    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes((1000 * np.sin(np.arange(800))).astype("<i2").tobytes())
    return file.getvalue()


def _read_wav(path: Path) -> object:
    from netwright.tasks.readers.sounds import wave_of

    return wave_of(path)


def _spoken() -> bytes:
    return "\n".join(("path\ttranscript", *(f"{row}.wav\t{'no' if row % 3 else 'on'}" for row in range(20)))).encode()


def _spoken_list() -> bytes:
    return "\n".join(f"{row} {'NO' if row % 3 else 'ON'}" for row in range(20)).encode()


def _voices() -> bytes:
    rows = (f"{row}.wav\t{'ab'[row % 2]}\t{'no' if row % 3 else 'on'}" for row in range(20))
    return "\n".join(("path\tspeaker\ttext", *rows)).encode()


def _read_spoken(path: Path, kind: str = "speech-transcription") -> object:
    """A table of recordings and transcripts, or a list of transcripts in a folder, with the recordings beside it."""
    from netwright.tasks import open_task

    for row in range(20):
        if not path.with_name(f"{row}.wav").exists():
            path.with_name(f"{row}.wav").write_bytes(_wav())
    return open_task(path.parent if path.suffix == ".txt" else path, kind=kind)


def _read_voices(path: Path) -> object:
    return _read_spoken(path, "speech-synthesis")


def _read_picture(path: Path) -> object:
    from netwright.tasks.vision import files

    return files.stack([path], 3, (12, 9), True)


def _graph() -> bytes:
    file = io.BytesIO()
    ring = np.stack([np.arange(20), (np.arange(20) + 1) % 20], axis=1)
    np.savez(file, features=np.random.default_rng(0).random((20, 3)), edges=ring, labels=np.arange(20) % 2)
    return file.getvalue()


def _weights() -> bytes:
    from safetensors.torch import save

    from netwright.backends.torch.build import build

    return bytes(save(build(_GRAPH, _SIGNATURE).state_dict()))


def _read_weights(path: Path) -> object:
    from netwright.deploy.weights import load_network

    beside = path.with_name("architecture.json")
    if not beside.exists():
        beside.write_bytes(_architecture(hashlib.sha256(path.read_bytes()).hexdigest()))
    return load_network(path.parent)


def _pickle() -> bytes:
    import pickle

    return pickle.dumps({"arch": "small", "accuracy": {10: np.float64(0.5), 12: [1.0, None, True, "x"]}})


def _packed(data: bytes) -> bytes:
    import bz2

    return bz2.compress(data)


def _read_pickle(path: Path) -> object:
    from netwright.benchmarks.importers.unpickle import read_pickle

    return read_pickle(path)


def _task() -> bytes:
    from netwright.tasks import open_task

    with tempfile.TemporaryDirectory() as folder:
        open_task("wine").save(folder)
        return (Path(folder) / "task.json").read_bytes()


def _read_task(path: Path) -> object:
    from netwright.tasks import Task, open_task

    if not (path.parent / "train_x.npy").exists():
        damaged_file = path.read_bytes()
        open_task("wine").save(path.parent)
        path.write_bytes(damaged_file)
    return Task.load(path.parent)


def _opened(path: Path) -> object:
    from netwright.tasks import open_task

    return open_task(path)


def _for_target(path: Path) -> object:
    from netwright.tasks import open_task

    return open_task(path, target="sold")


READERS: Mapping[str, Reader] = {
    "space.yaml": Reader("space.yaml", lambda: yaml.safe_dump(_SPACE.to_dict()).encode(), Space.from_file),
    "space.json": Reader("space.json", lambda: json.dumps(_SPACE.to_dict()).encode(), Space.from_file),
    "architecture.json": Reader("architecture.json", _architecture, _read_architecture),
    "task.json": Reader("task.json", _task, _read_task),
    "csv": Reader("sales.csv", _csv, _for_target),
    "parquet": Reader("sales.parquet", _parquet, _for_target),
    "texts.tsv": Reader("texts.tsv", _texts, _opened),
    "texts.jsonl": Reader("texts.jsonl", _lines, _opened),
    "series.ts": Reader("small.ts", _series, _opened),
    "npz": Reader("images.npz", _npz, _opened),
    "npy within npz": Reader("table.npz", _npy, _opened, _zipped),
    "graph.npz": Reader("graph.npz", _graph, _opened),
    "wav": Reader("sound.wav", _wav, _read_wav),
    "transcripts.tsv": Reader("spoken.tsv", _spoken, _read_spoken),
    "transcripts in a list": Reader("1.trans.txt", _spoken_list, _read_spoken),
    "texts to be spoken.tsv": Reader("voices.tsv", _voices, _read_voices),
    "png": Reader("picture.png", masks.png, _read_picture),
    "mask.png": Reader("mask.png", masks.mask, masks.read_mask),
    "coco.json": Reader("train.json", masks.coco, masks.read_coco),
    "classes.txt": Reader("classes.txt", lambda: b"sky 10 20 30\nroad 1 2 3\nvoid 0 0 0\n", masks.read_legend),
    "classes.json": Reader("classes.json", lambda: b'{"sky": [10, 20, 30], "road": [1, 2, 3]}', masks.read_legend),
    "boxes of VOC": Reader("a.xml", hostile_boxes.voc, hostile_boxes.reader("VOC")),
    "boxes of COCO": Reader("annotations.json", hostile_boxes.coco, hostile_boxes.reader("COCO")),
    "boxes of YOLO": Reader("a.txt", lambda: hostile_boxes.YOLO, hostile_boxes.reader("YOLO")),
    "safetensors": Reader("model.safetensors", _weights, _read_weights),
    "pickle within bz2": Reader("row.pickle.pbz2", _pickle, _read_pickle, _packed),
}


def _until(seconds: float, told: Callable[[int], Any]) -> Iterator[int]:
    end, number = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        yield number
        number += 1
    told(number)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("readers", nargs="*", help=f"any of: {', '.join(READERS)}")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each reader")
    parser.add_argument("--seed", type=int, default=0)
    wanted = parser.parse_args()
    if strange := set(wanted.readers) - set(READERS):
        parser.error(f"no such reader: {', '.join(sorted(strange))}")
    wrong: dict[str, Finding] = {}
    for name in wanted.readers or READERS:
        counts: list[int] = []
        for found in findings(name, READERS[name], _until(wanted.seconds, counts.append), wanted.seed):
            if (kind := f"{name}: {found.error[:80]}") not in wrong:
                wrong[kind] = found
                print(f"{name}: {found.error}\n  {found.data[:2000]!r}", flush=True)
        print(f"{name}: {counts[0]:,} files", flush=True)
    print(f"{len(wrong)} findings")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
