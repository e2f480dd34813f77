"""`netwright predict` with networks that speak: a recording for each line of text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from netwright.cli.printing import printable, say_json
from netwright.errors import InputError

if TYPE_CHECKING:
    from netwright.deploy.network import Network

FOLDER = Path("spoken")
"""Where recordings go when nothing else is asked for."""
LONGEST = 40
"""Characters of a text that are in the name of its file."""


def speak(network: Network, files: Sequence[Path], out: Path | None, json: bool) -> None:
    """Writes a WAV file for each line of the files, numbered in their order, and prints their names. Nothing is written
    where one of the lines cannot be spoken. Raises InputError."""
    folder = FOLDER if out is None else out
    said = [(file, row, one) for file in files for row, one in enumerate(network.told(file), start=1)]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        rows = [_written(folder, number, *one) for number, one in enumerate(said, start=1)]
    except OSError as error:
        raise InputError(f"{error.filename or folder}: {error.strerror}", "give a folder to write to") from None
    if json:
        say_json({"schema": "netwright.predict/1", "predictions": rows})
        return
    for row in rows:
        place = f"{row['file']}:{row['row']}"
        print("\t".join([printable(place), printable(row["wave"]), f"{row['seconds']:.2f} s"]), flush=True)


def _written(folder: Path, number: int, file: Path, row: int, said: Mapping[str, Any]) -> dict[str, Any]:
    from scipy.io import wavfile

    path = folder / f"{number:04}-{name_of(said)}.wav"
    wave, rate = said["wave"], said["rate"]
    wavfile.write(path, rate, (wave * 32767).round().astype("int16"))
    told = {name: value for name, value in said.items() if name != "wave"}
    return {"file": str(file), "row": row, "wave": str(path), "seconds": len(wave) / rate, **told}


def name_of(said: Mapping[str, Any]) -> str:
    """What is said, and by whom, as a part of a file's name.

    >>> name_of({"speaker": "ann", "text": "it's five o'clock"})
    'ann-it-s-five-o-clock'
    """
    words = re.findall(r"\w+", " ".join([said.get("speaker", ""), said["text"]]))
    return "-".join(words)[:LONGEST]
