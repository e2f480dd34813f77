"""From the official downloads of benchmarks to the files that netwright reads."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from netwright.benchmarks.importers import nats
from netwright.errors import InputError


def convert(source: Path, out: Path, tell: Callable[[int, int], None] = lambda done, total: None) -> None:
    """Makes the table file of an official download. Nothing in the download is run. tell: hears how far it is.

    Raises InputError for what is no such download.
    """
    if not (source / "000000.pickle.pbz2").is_file():
        raise InputError(
            f"{source} is no download that can be imported",
            "give the folder NATS-tss-v1_0-3ffb9-simple of NATS-Bench, unpacked (https://github.com/D-X-Y/NATS-Bench)",
        )
    if out.suffix != ".gz" or not out.parent.is_dir():
        raise InputError(f"the table cannot be written to {out}", "name a file that ends in .csv.gz in a folder")
    nats.convert(source, out, tell)
